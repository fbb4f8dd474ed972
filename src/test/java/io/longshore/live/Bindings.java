package io.longshore.live;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Connections from one source address, bound with port 0 before they connect: with IP_BIND_ADDRESS_NO_PORT or without. */
final class Bindings implements AutoCloseable {
    private final Sockets sockets = new Sockets();
    private final List<Integer> descriptors = new ArrayList<>();
    private final Address source;
    private final boolean isWithoutPort;

    Bindings(String source, boolean isWithoutPort) {
        this.source = Address.of(new InetSocketAddress(source, 0));
        this.isWithoutPort = isWithoutPort;
    }

    /** Connects to the endpoints in turn until that fails: which call, why, and after how many. */
    String connectUntilRefused(List<InetSocketAddress> endpoints) {
        for (int count = 0; ; count++) {
            int fd = sockets.open(!source.isIpv4());
            if (fd < 0) {
                throw new AssertionError("no socket: " + fd);
            }
            descriptors.add(fd);
            if (isWithoutPort) {
                sockets.setOption(fd, Kernel.IPPROTO_IP, Kernel.IP_BIND_ADDRESS_NO_PORT, 1);
            }
            int result = sockets.bind(fd, source.high(), source.low(), 0);
            if (result < 0) {
                return "bind: " + nameOf(result) + " after " + count;
            }
            Address endpoint = Address.of(endpoints.get(count % endpoints.size()));
            result = sockets.connect(fd, endpoint.high(), endpoint.low(), endpoint.port());
            if (result < 0 && result != -Kernel.EINPROGRESS) {
                return "connect: " + nameOf(result) + " after " + count;
            }
        }
    }

    private static String nameOf(int result) {
        return switch (-result) {
            case Kernel.EADDRINUSE -> "EADDRINUSE";
            case Kernel.EADDRNOTAVAIL -> "EADDRNOTAVAIL";
            default -> "errno " + -result;
        };
    }

    /** Closes them with resets: nothing stays in TIME_WAIT. */
    @Override
    public void close() {
        for (int fd : descriptors) {
            sockets.resetOnClose(fd);
            sockets.close(fd);
        }
    }
}
