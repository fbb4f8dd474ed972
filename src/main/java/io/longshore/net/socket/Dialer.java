package io.longshore.net.socket;

import io.longshore.net.Address;
import io.longshore.net.SocketTuning;
import io.longshore.sys.ErrorText;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;

/**
 * Makes the raw sockets of an engine: opened, tuned, bound and connecting or listening, with the errno of every step.
 *
 * <p>One thread uses it.
 */
public final class Dialer {
    private final Sockets sockets;
    private final SocketTuning tuning;
    private boolean isConnected;
    private long callNs;

    /** A dialer of one loop. */
    public Dialer(Sockets sockets, SocketTuning tuning) {
        this.sockets = sockets;
        this.tuning = tuning;
    }

    /**
     * Opens a socket and starts to connect it.
     *
     * @param source the address to bind first, or null
     * @param portRange the value of IP_LOCAL_PORT_RANGE, or 0
     * @return the descriptor, the caller's to close, or a negated errno; {@link #isConnected()} tells whether the connect
     *     is already through
     */
    public int dial(Address target, Address source, int portRange) {
        int fd = sockets.open(!target.isIpv4());
        if (fd < 0) {
            return fd;
        }
        tune(fd);
        if (portRange != 0) {
            // Level IPPROTO_IP for IPv6 sockets too. A kernel before 6.3 does not know it; the mode was probed at
            // start.
            sockets.setOption(fd, Kernel.IPPROTO_IP, Kernel.IP_LOCAL_PORT_RANGE, portRange);
        }
        long startNs = System.nanoTime();
        int result = source == null ? 0 : bind(fd, source);
        if (result == 0) {
            result = sockets.connect(fd, target.high(), target.low(), target.port());
        }
        callNs = System.nanoTime() - startNs;
        isConnected = result == 0;
        if (result == 0 || result == -Kernel.EINPROGRESS) {
            return fd;
        }
        sockets.close(fd);
        return result;
    }

    /**
     * Opens a listening socket; its connections inherit its options.
     *
     * <p>Binds with SO_REUSEPORT, so that each loop has a socket of its own and the kernel spreads connections by a hash of
     * the tuple; socket(7). An IPv6 listener takes IPv6 clients only, so that an address is always of the family it
     * looks like.
     *
     * @return the descriptor, the caller's to close
     * @throws IOException with the address and the reason in its message
     */
    public int listen(Address address) throws IOException {
        int fd = sockets.open(!address.isIpv4());
        int result = fd < 0 ? fd : bindAndListen(fd, address);
        if (result < 0) {
            if (fd >= 0) {
                sockets.close(fd);
            }
            throw new IOException("cannot listen on " + address + ": " + ErrorText.of(-result));
        }
        return fd;
    }

    private int bindAndListen(int fd, Address address) {
        if (!address.isIpv4()) {
            sockets.setOption(fd, Kernel.IPPROTO_IPV6, Kernel.IPV6_V6ONLY, 1);
        }
        sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR, 1);
        sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEPORT, 1);
        tune(fd);
        int result = sockets.bind(fd, address.high(), address.low(), address.port());
        return result < 0 ? result : sockets.listen(fd, tuning.backlog());
    }

    /** How long the bind and connect calls of the last dial took. */
    public long callNs() {
        return callNs;
    }

    /** Whether the last dial was connected at once. */
    public boolean isConnected() {
        return isConnected;
    }

    /**
     * Binds without spending a port for every target: with IP_BIND_ADDRESS_NO_PORT the port is chosen at connect, when
     * the target is known, so that one port serves many targets. With a port of the caller's own, SO_REUSEADDR lets
     * sockets share it, and connect tells if the whole tuple is taken. ip(7); the option is of level IPPROTO_IP for
     * IPv6 sockets too.
     */
    private int bind(int fd, Address source) {
        sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR, 1);
        if (source.port() == 0) {
            int result = sockets.setOption(fd, Kernel.IPPROTO_IP, Kernel.IP_BIND_ADDRESS_NO_PORT, 1);
            assert result == 0 : "Linux has had IP_BIND_ADDRESS_NO_PORT since 4.2: " + result;
        }
        if (tuning.bindsRoutedIpv6() && !source.isIpv4()) {
            sockets.setOption(fd, Kernel.IPPROTO_IPV6, Kernel.IPV6_FREEBIND, 1);
        }
        return sockets.bind(fd, source.high(), source.low(), source.port());
    }

    /**
     * Sets what every socket of ours has; on Linux an accepted socket inherits all of it from its listener. A kernel that
     * refuses one of these still carries the connection, so results are not looked at. tcp(7)
     */
    private void tune(int fd) {
        sockets.setOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_NODELAY, 1);
        sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_KEEPALIVE, 1);
        sockets.setOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_KEEPIDLE, tuning.keepaliveIdleSeconds());
        sockets.setOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_KEEPINTVL, tuning.keepaliveIntervalSeconds());
        sockets.setOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_USER_TIMEOUT, tuning.userTimeoutMs());
    }

    /** Whether accept(2) failed because the host is out of something, and not because of the one connection. */
    public static boolean isShortage(int errno) {
        return errno == Kernel.EMFILE || errno == Kernel.ENFILE || errno == Kernel.ENOMEM || errno == Kernel.ENOBUFS;
    }
}
