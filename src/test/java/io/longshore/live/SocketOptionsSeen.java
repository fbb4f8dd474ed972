package io.longshore.live;

import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the kernel says about one of this process's IPv4 sockets, asked through its descriptor. */
record SocketOptionsSeen(
        int descriptor,
        int noDelay,
        int keepalive,
        int keepaliveIdleSeconds,
        int keepaliveIntervalSeconds,
        int userTimeoutMs,
        int bindAddressNoPort,
        int reuseAddress) {

    /** The options of the established socket between these two addresses. */
    static SocketOptionsSeen of(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        int fd = descriptor("socket:[" + inode(local, remote) + "]");
        Sockets sockets = new Sockets();
        return new SocketOptionsSeen(
                fd,
                sockets.getOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_NODELAY),
                sockets.getOption(fd, Kernel.SOL_SOCKET, Kernel.SO_KEEPALIVE),
                sockets.getOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_KEEPIDLE),
                sockets.getOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_KEEPINTVL),
                sockets.getOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_USER_TIMEOUT),
                sockets.getOption(fd, Kernel.IPPROTO_IP, Kernel.IP_BIND_ADDRESS_NO_PORT),
                sockets.getOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR));
    }

    private static String inode(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        String wanted = hex(local) + " " + hex(remote);
        for (String line : Files.readAllLines(Path.of("/proc/self/net/tcp"))) {
            String[] words = line.strip().split("\\s+");
            if ((words[1] + " " + words[2]).equals(wanted)) {
                return words[9];
            }
        }
        throw new AssertionError("no socket between " + local + " and " + remote);
    }

    /** As the table writes it: the address as a number of this machine's byte order, the port as one of the network's. */
    private static String hex(InetSocketAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress().getAddress()).order(ByteOrder.nativeOrder());
        return "%08X:%04X".formatted(bytes.getInt(), address.getPort());
    }

    private static int descriptor(String target) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    if (Files.readSymbolicLink(descriptor).toString().equals(target)) {
                        return Integer.parseInt(descriptor.getFileName().toString());
                    }
                } catch (NoSuchFileException closed) {
                    // Another thread's, and gone: not the one that is looked for.
                    continue;
                }
            }
        }
        throw new AssertionError(target + " is none of this process's");
    }
}
