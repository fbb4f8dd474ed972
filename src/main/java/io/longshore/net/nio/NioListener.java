package io.longshore.net.nio;

import io.longshore.net.Address;
import io.longshore.sys.ErrorText;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;

/** A listening socket of one loop; its connections inherit its options. */
final class NioListener {
    final long handle;
    final int fd;
    boolean isAccepting = true;

    NioListener(long handle, int fd) {
        this.handle = handle;
        this.fd = fd;
    }

    /**
     * Binds with SO_REUSEPORT, so that each loop has a socket of its own and the kernel spreads connections by a hash of
     * the tuple; socket(7). An IPv6 listener takes IPv6 clients only, so that an address is always of the family it
     * looks like.
     *
     * @return the descriptor, the caller's to close
     * @throws IOException with the address and the reason in its message
     */
    static int open(Address address, int backlog, Sockets sockets, NioDialer dialer) throws IOException {
        int fd = sockets.open(!address.isIpv4());
        int result = fd;
        if (fd >= 0) {
            if (!address.isIpv4()) {
                sockets.setOption(fd, Kernel.IPPROTO_IPV6, Kernel.IPV6_V6ONLY, 1);
            }
            sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR, 1);
            sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEPORT, 1);
            dialer.tune(fd);
            result = sockets.bind(fd, address.high(), address.low(), address.port());
            if (result == 0) {
                result = sockets.listen(fd, backlog);
            }
        }
        if (result < 0) {
            if (fd >= 0) {
                sockets.close(fd);
            }
            throw new IOException("cannot listen on " + address + ": " + ErrorText.of(-result));
        }
        return fd;
    }

    /** Whether accept(2) failed because the host is out of something, and not because of the one connection. */
    static boolean isShortage(int errno) {
        return errno == Kernel.EMFILE || errno == Kernel.ENFILE || errno == Kernel.ENOMEM || errno == Kernel.ENOBUFS;
    }
}
