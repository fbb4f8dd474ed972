package io.longshore.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.UnsafeApi;

/**
 * What decides which settings may be written here.
 *
 * @param isInitialNetwork whether this process is in the network namespace that the kernel started with, the only one from
 *     which settings of the whole host are written
 * @param network which namespace it is: {@code initial}, or its inode
 * @param bootId the kernel's identity of this boot
 * @param memoryBytes what MemTotal of /proc/meminfo says
 * @param pageBytes the unit of {@code net.ipv4.tcp_mem}
 */
public record SysctlHost(boolean isInitialNetwork, String network, String bootId, long memoryBytes, long pageBytes) {
    /** A key that the kernel registers for its first network namespace and for no other (net/core/sysctl_net_core.c). */
    private static final String MARK = "net.core.netdev_max_backlog";

    private static final Pattern INODE = Pattern.compile("net:\\[(\\d+)]");
    private static final Pattern MEM_TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");

    /**
     * Looks around.
     *
     * @throws IOException if /proc does not say
     */
    public static SysctlHost of(SysctlTree tree) throws IOException {
        String inode = inode(tree.proc("self/ns/net"));
        if (inode == null) {
            throw new IOException(tree.proc("self/ns/net") + ": the network namespace cannot be told");
        }
        // In a container, process 1 is the container's own and proves nothing; where it may be looked at and is
        // elsewhere,
        // though, we are not at the top.
        String first = inode(tree.proc("1/ns/net"));
        boolean isInitial = tree.exists(MARK) && (first == null || first.equals(inode));
        Matcher memory = MEM_TOTAL.matcher(Files.readString(tree.proc("meminfo"), US_ASCII));
        if (!memory.find()) {
            throw new IOException(tree.proc("meminfo") + ": no MemTotal");
        }
        return new SysctlHost(
                isInitial,
                isInitial ? "initial" : inode,
                tree.read("kernel.random.boot_id"),
                Long.parseLong(memory.group(1)) * 1024,
                UnsafeApi.pageSize());
    }

    private static String inode(Path link) {
        try {
            Matcher name = INODE.matcher(Files.readSymbolicLink(link).toString());
            return name.matches() ? name.group(1) : null;
        } catch (IOException e) {
            // Another user's process, or a container that may not look at its host's: unknown is an answer.
            return null;
        }
    }
}
