package io.longshore.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * What the kernel says under {@code /proc}: small text files, read whole.
 *
 * <p>A file of {@code /proc/sys} answers the first read(2) and says "end" to the second one, whatever the first had room
 * for: so one read with room for the longest of them, a bitmap of 65,536 ports with every other one set (196,608
 * bytes).
 *
 * @param root the folder, {@code /proc} but for tests
 */
public record Proc(Path root) {
    private static final int LENGTH_MAX = 256 * 1024;

    /** The {@code /proc} of this host. */
    public static Proc ofThisHost() {
        return new Proc(Path.of("/proc"));
    }

    /** The file's text without the white space around it, or null if there is no such file or it may not be read. */
    public String text(String name) {
        byte[] bytes = new byte[LENGTH_MAX];
        try (InputStream in = new FileInputStream(root.resolve(name).toFile())) {
            int length = in.read(bytes);
            return new String(bytes, 0, Math.max(0, length), US_ASCII).strip();
        } catch (IOException e) {
            return null;
        }
    }

    /** The first number of the file, or {@code otherwise} if there is none. */
    public long number(String name, long otherwise) {
        long[] numbers = numbers(name);
        return numbers.length == 0 ? otherwise : numbers[0];
    }

    /** The numbers that a file of nothing but numbers and white space holds; none if it is missing or holds others. */
    public long[] numbers(String name) {
        String text = text(name);
        if (text == null || text.isEmpty()) {
            return new long[0];
        }
        String[] words = text.split("\\s+");
        long[] numbers = new long[words.length];
        try {
            for (int i = 0; i < words.length; i++) {
                // fs.file-max is 2^63 - 1 on many hosts; what lies above means no limit just as well.
                numbers[i] = words[i].length() > 18 ? Long.MAX_VALUE : Long.parseLong(words[i]);
            }
        } catch (NumberFormatException e) {
            return new long[0];
        }
        return numbers;
    }
}
