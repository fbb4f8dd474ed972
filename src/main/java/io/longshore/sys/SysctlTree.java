package io.longshore.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The kernel's settings as files below {@code /proc/sys} (proc_sys(5)), by the names that sysctl(8) uses.
 *
 * <p>What is seen under {@code net} belongs to the network namespace of this process; a key that is not visible there does
 * not exist for it. The root can be another folder, so that a test works on files of its own.
 */
public class SysctlTree {
    /**
     * Longer than any value: a list of reserved ports that names every second one takes 200 KB. A key answers one read(2)
     * and no more, some of them a second read with nothing and others from their start, so the buffer must hold it all.
     */
    private static final int VALUE_BYTES_MAX = 256 * 1024;

    private final Path proc;

    /** The running kernel. */
    public SysctlTree() {
        this(Path.of("/proc"));
    }

    /** @param proc the folder that stands for {@code /proc} */
    public SysctlTree(Path proc) {
        this.proc = proc;
    }

    /** Whether this kernel has the key, as seen from this process. */
    public boolean exists(String key) {
        return Files.isRegularFile(pathOf(key));
    }

    /**
     * The value, its words separated by single spaces and without the line's end. The kernel writes tabs between numbers
     * and takes either.
     *
     * @throws IOException if there is no such key or it cannot be read
     */
    public String read(String key) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(VALUE_BYTES_MAX);
        try (FileChannel file = FileChannel.open(pathOf(key), StandardOpenOption.READ)) {
            file.read(bytes);
        }
        return words(new String(bytes.array(), 0, bytes.position(), US_ASCII));
    }

    /**
     * Writes the value. The kernel may refuse it (EINVAL), or take something else: {@link #read} tells.
     *
     * @throws IOException if the key cannot be written, or the kernel refuses the value
     */
    public void write(String key, String value) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((value + "\n").getBytes(US_ASCII));
        // Truncating means nothing to the kernel, but a file that stands for a key would keep the tail of a longer
        // value.
        try (FileChannel file =
                FileChannel.open(pathOf(key), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            // A list longer than a page is taken in parts; numbers are taken in one.
            while (bytes.hasRemaining()) {
                if (file.write(bytes) <= 0) {
                    throw new IOException(pathOf(key) + ": the kernel takes no more of the value");
                }
            }
        }
    }

    /**
     * Opens the key for writing and writes nothing: a mode, a capability or a read-only mount says no here.
     *
     * @throws IOException if it cannot be written
     */
    public void probe(String key) throws IOException {
        FileChannel.open(pathOf(key), StandardOpenOption.WRITE).close();
    }

    /** The file of another kind below {@code /proc}, such as {@code self/net/tcp}. */
    Path proc(String relative) {
        return proc.resolve(relative);
    }

    /** Words separated by single spaces. */
    static String words(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    /**
     * The name as sysctl(8) prints it. A name whose first separator is a slash uses the slash for levels and the dot within
     * them (sysctl.d(5)): {@code net/ipv4/conf/eth0.1/arp_filter}.
     */
    static String canonical(String key) {
        int slash = key.indexOf('/');
        int dot = key.indexOf('.');
        boolean isPath = slash >= 0 && (dot < 0 || slash < dot);
        return isPath ? swapped(key) : key;
    }

    private Path pathOf(String key) {
        return proc.resolve("sys").resolve(swapped(key));
    }

    private static String swapped(String key) {
        StringBuilder other = new StringBuilder(key.length());
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            other.append(c == '.' ? '/' : c == '/' ? '.' : c);
        }
        return other.toString();
    }
}
