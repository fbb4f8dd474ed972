package io.longshore.control;

import io.longshore.net.Address;
import io.longshore.sys.ErrorText;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;

/**
 * Looks whether somebody listens on an address already.
 *
 * <p>Listening itself does not tell: loops share a port by SO_REUSEPORT, and so would another process of the same user,
 * each with some of the connections (socket(7)). Binding a socket that has SO_REUSEADDR only conflicts with every
 * listening socket, and with nothing that an ended process has left behind: connections in TIME_WAIT have SO_REUSEADDR
 * too. Two processes that start in the same millisecond may still miss each other.
 */
final class PortProbe {
    private PortProbe() {}

    /**
     * Returns if this address can be listened on.
     *
     * @param address a port of 0 is never taken
     * @throws IOException with the address and the reason in its message
     */
    static void requireFree(Address address) throws IOException {
        if (address.port() == 0) {
            return;
        }
        Sockets sockets = new Sockets();
        int fd = sockets.open(!address.isIpv4());
        if (fd < 0) {
            throw refusal(address, fd);
        }
        try {
            if (!address.isIpv4()) {
                // As the listener: [::] and 0.0.0.0 do not conflict.
                sockets.setOption(fd, Kernel.IPPROTO_IPV6, Kernel.IPV6_V6ONLY, 1);
            }
            sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR, 1);
            int result = sockets.bind(fd, address.high(), address.low(), address.port());
            if (result < 0) {
                throw refusal(address, result);
            }
        } finally {
            sockets.close(fd);
        }
    }

    private static IOException refusal(Address address, int result) {
        String reason = switch (-result) {
            case Kernel.EADDRINUSE -> "somebody listens there already";
            case Kernel.EADDRNOTAVAIL -> "this host has no such address";
            default -> ErrorText.of(-result);
        };
        return new IOException("cannot listen on " + address + ": " + reason);
    }
}
