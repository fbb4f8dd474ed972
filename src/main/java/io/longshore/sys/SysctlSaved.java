package io.longshore.sys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was there before the first profile was applied: kept in a file, so that {@code rollback} works after a kill, a crash,
 * or in another week. One file per network namespace, or one namespace's values would be written into another.
 *
 * <p>The values of a kernel end with it. After a reboot a saved file means something only where files were installed: those
 * have put the same values in force again.
 *
 * @param values what each key held, in the order in which they were first written
 * @param files what each installed file held before, null for one that was not there
 */
record SysctlSaved(String bootId, Map<String, String> values, Map<Path, byte[]> files) {
    private static final String HEAD = "longshore sysctl 1";
    private static final String END = "end";
    private static final String ABSENT = "-";

    SysctlSaved {
        values = new LinkedHashMap<>(values);
        files = new LinkedHashMap<>(files);
    }

    static Path file(Path root, SysctlHost host) {
        return folder(root).resolve("saved-" + host.network());
    }

    static Path folder(Path root) {
        return root.resolve("var/lib/longshore/sysctl");
    }

    static SysctlSaved empty(SysctlHost host) {
        return new SysctlSaved(host.bootId(), Map.of(), Map.of());
    }

    /**
     * Reads the file; null if there is none, or if it tells of an earlier boot and nothing of it has outlived that.
     *
     * @throws IOException if the file is not one of ours, or not whole
     */
    static SysctlSaved load(Path root, SysctlHost host) throws IOException {
        Path file = file(root, host);
        if (!Files.exists(file)) {
            return null;
        }
        SysctlSaved saved = parse(file, Files.readString(file, UTF_8));
        boolean isOfThisBoot = saved.bootId().equals(host.bootId());
        return isOfThisBoot || (host.isInitialNetwork() && !saved.files().isEmpty()) ? saved : null;
    }

    /**
     * Writes the file so that a reader finds the old one or the new one, whole, also after a power cut.
     *
     * @throws IOException if it cannot be written; nothing has changed then
     */
    void store(Path root, SysctlHost host) throws IOException {
        StringBuilder text = new StringBuilder(HEAD).append('\n');
        text.append("boot\t").append(bootId).append('\n');
        values.forEach((key, value) ->
                text.append("key\t").append(key).append('\t').append(value).append('\n'));
        files.forEach((path, content) -> text.append("file\t")
                .append(path)
                .append('\t')
                .append(content == null ? ABSENT : "=" + Base64.getEncoder().encodeToString(content))
                .append('\n'));
        text.append(END).append('\n');
        SysctlFiles.write(file(root, host), text.toString().getBytes(UTF_8));
    }

    static void forget(Path root, SysctlHost host) throws IOException {
        SysctlFiles.delete(file(root, host));
    }

    private static SysctlSaved parse(Path file, String text) throws IOException {
        List<String> lines = new ArrayList<>(List.of(text.split("\n")));
        if (!lines.get(0).equals(HEAD) || !lines.get(lines.size() - 1).equals(END)) {
            throw new IOException(file + ": not a whole file of saved settings");
        }
        SysctlSaved saved = new SysctlSaved(columns(file, lines.get(1), 2)[1], Map.of(), Map.of());
        for (String line : lines.subList(2, lines.size() - 1)) {
            String[] columns = columns(file, line, 3);
            if (columns[0].equals("key")) {
                saved.values.put(columns[1], columns[2]);
            } else {
                saved.files.put(Path.of(columns[1]), content(columns[2]));
            }
        }
        return saved;
    }

    private static byte[] content(String column) {
        return column.equals(ABSENT) ? null : Base64.getDecoder().decode(column.substring(1));
    }

    private static String[] columns(Path file, String line, int count) throws IOException {
        String[] columns = line.split("\t", -1);
        if (columns.length != count) {
            throw new IOException(file + ": not a line of saved settings: " + line);
        }
        return columns;
    }
}
