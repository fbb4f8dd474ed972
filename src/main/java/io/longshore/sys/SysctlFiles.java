package io.longshore.sys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files below {@code /etc/sysctl.d} that put a plan in force again at the next boot, and how a file is replaced: whole
 * and on the disk, or not at all.
 */
final class SysctlFiles {
    private static final String RESERVED_FILE = "59-longshore-reserved.conf";

    private SysctlFiles() {}

    /**
     * What {@code --persist} makes of the folder: the content of each file, null for one that must go because another size
     * of the same profile takes its place (sysctl.d(5) reads both, in the order of their names).
     *
     * @throws IOException if the folder is there and cannot be read
     */
    static Map<Path, byte[]> wanted(Path root, SysctlPlan plan) throws IOException {
        Path folder = root.resolve("etc/sysctl.d");
        Map<Path, byte[]> wanted = new LinkedHashMap<>();
        for (SysctlProfile profile : plan.profiles()) {
            for (Path rival : rivals(folder, profile)) {
                wanted.put(rival, null);
            }
            wanted.put(
                    folder.resolve(profile.name() + ".conf"),
                    text(profile, plan).getBytes(UTF_8));
        }
        for (SysctlPlan.Step step : plan.steps()) {
            if (step.entry() == null && !step.after().isEmpty()) {
                wanted.put(folder.resolve(RESERVED_FILE), reserved(step.after()).getBytes(UTF_8));
            }
        }
        wanted.entrySet().removeIf(file -> Arrays.equals(file.getValue(), contentOrNull(file.getKey())));
        return wanted;
    }

    /** What is in the file, null if it is not there (or not to be read, which writing it will tell). */
    static byte[] contentOrNull(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return null;
        }
    }

    /** Gives the file this content, or takes it away if that is null. */
    static void replace(Path file, byte[] content) throws IOException {
        if (content == null) {
            delete(file);
        } else {
            write(file, content);
        }
    }

    /** Writes a neighbour, syncs it, and lets it take the file's name: a reader finds the old content or the new one. */
    static void write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Path neighbour = file.resolveSibling("." + file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                neighbour, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(neighbour, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.getParent());
    }

    static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            sync(file.getParent());
        }
    }

    /** A name is on the disk when its folder is. */
    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The installed files that hold another size of this profile. */
    private static List<Path> rivals(Path folder, SysctlProfile profile) throws IOException {
        List<Path> rivals = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, profile.family() + "*.conf")) {
                for (Path file : files) {
                    String name = file.getFileName().toString().replaceFirst("\\.conf$", "");
                    SysctlProfile other = SysctlProfile.parse(name, "");
                    if (!name.equals(profile.name()) && other.family().equals(profile.family())) {
                        rivals.add(file);
                    }
                }
            }
        }
        return rivals;
    }

    /** The profile's text, less the limits that this host has raised further: at boot they would come down again. */
    private static String text(SysctlProfile profile, SysctlPlan plan) {
        String[] lines = profile.text().split("\n", -1);
        for (SysctlPlan.Step step : plan.steps()) {
            if (step.entry() == null || !step.profile().equals(profile.name())) {
                continue;
            }
            int line = step.entry().line();
            if (step.kind() == SysctlPlan.Kind.KEPT) {
                lines[line] = "# Left out here, where it was more already: " + step.before() + "\n# " + lines[line];
            } else if (step.kind() == SysctlPlan.Kind.CHANGE
                    && !step.after().equals(step.entry().value())) {
                lines[line] = "# Raised in part: the profile says "
                        + step.entry().value() + "\n" + step.key() + " = " + step.after();
            }
        }
        return String.join("\n", lines);
    }

    private static String reserved(String ports) {
        return "# Longshore: ports that local services wait on, found when the range of ports was widened.\n"
                + "# Without this an automatic pick may take such a port while its service restarts.\n"
                + SysctlPorts.RESERVED + " = " + ports + "\n";
    }
}
