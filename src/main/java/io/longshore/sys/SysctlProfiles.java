package io.longshore.sys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The profiles to choose from: the ones that come with Longshore, or those of a folder. */
public final class SysctlProfiles {
    /** The files of the project's {@code sysctl} folder, which the jar carries: a jar cannot list what is in it. */
    static final List<String> SHIPPED = List.of(
            "60-longshore-ports",
            "61-longshore-queues",
            "62-longshore-memory",
            "62-longshore-memory-100k",
            "62-longshore-memory-1m",
            "63-longshore-conntrack",
            "63-longshore-conntrack-100k",
            "63-longshore-conntrack-1m");

    private static final String RESOURCES = "/META-INF/longshore/sysctl/";

    private final List<SysctlProfile> all;

    private SysctlProfiles(List<SysctlProfile> all) {
        this.all = all.stream()
                .sorted(Comparator.comparing(SysctlProfile::family).thenComparing(SysctlProfile::tunnels))
                .toList();
    }

    /**
     * Those that come with Longshore.
     *
     * @throws IOException if the jar was built without them
     */
    public static SysctlProfiles shipped() throws IOException {
        List<SysctlProfile> found = new ArrayList<>();
        for (String name : SHIPPED) {
            try (InputStream file = SysctlProfiles.class.getResourceAsStream(RESOURCES + name + ".conf")) {
                if (file == null) {
                    throw new NoSuchFileException(RESOURCES + name + ".conf in the jar");
                }
                found.add(SysctlProfile.parse(name, new String(file.readAllBytes(), UTF_8)));
            }
        }
        return new SysctlProfiles(found);
    }

    /**
     * Every {@code *.conf} of a folder.
     *
     * @throws IllegalArgumentException if one of them is not in the format
     */
    public static SysctlProfiles in(Path folder) throws IOException {
        List<SysctlProfile> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.conf")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replaceFirst("\\.conf$", "");
                found.add(SysctlProfile.parse(name, Files.readString(file)));
            }
        }
        return new SysctlProfiles(found);
    }

    /** All of them, in the order in which they are applied. */
    public List<SysctlProfile> all() {
        return all;
    }

    /** Names that stand for several profiles: for each size, the profiles made for it and the base ones of the rest. */
    public List<String> sizes() {
        return List.copyOf(new TreeSet<>(all.stream()
                .map(SysctlProfile::size)
                .filter(size -> !size.isEmpty())
                .toList()));
    }

    /**
     * The profiles of these names, in the order in which they are applied. A name may be the file's, the short one
     * ({@code ports}) or a size ({@code 1m}). Without a name, the base profiles.
     *
     * @throws IllegalArgumentException for an unknown name, or two sizes of one profile
     */
    public List<SysctlProfile> select(Collection<String> names) {
        Map<String, SysctlProfile> byFamily = new LinkedHashMap<>();
        for (String name : names.isEmpty() ? List.of("") : names) {
            for (SysctlProfile chosen : named(name)) {
                SysctlProfile other = byFamily.put(chosen.family(), chosen);
                if (other != null && !other.equals(chosen)) {
                    throw new IllegalArgumentException(other.shortName() + " and " + chosen.shortName()
                            + " are the same profile in two sizes: choose one");
                }
            }
        }
        return all.stream().filter(byFamily::containsValue).toList();
    }

    private List<SysctlProfile> named(String name) {
        if (name.isEmpty() || sizes().contains(name)) {
            return ofSize(name);
        }
        String bare = name.replaceFirst("\\.conf$", "");
        List<SysctlProfile> found = all.stream()
                .filter(profile ->
                        profile.name().equals(bare) || profile.shortName().equals(bare))
                .toList();
        if (found.isEmpty()) {
            List<String> known =
                    new ArrayList<>(all.stream().map(SysctlProfile::shortName).toList());
            known.addAll(sizes());
            throw new IllegalArgumentException("no profile " + name + "; there are " + String.join(", ", known));
        }
        return found;
    }

    private List<SysctlProfile> ofSize(String size) {
        Map<String, SysctlProfile> byFamily = new LinkedHashMap<>();
        for (SysctlProfile profile : all) {
            if (profile.size().equals(size) || (profile.size().isEmpty() && !byFamily.containsKey(profile.family()))) {
                byFamily.put(profile.family(), profile);
            }
        }
        return List.copyOf(byFamily.values());
    }
}
