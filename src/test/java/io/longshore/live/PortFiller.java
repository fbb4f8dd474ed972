package io.longshore.live;

import io.longshore.net.Address;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A process that takes tuples of a source towards an endpoint, well behaved: the kernel chooses among all ports at connect.
 * Arguments: source, endpoint, its port, first and last port of the range, how many tuples. Ends with its input.
 */
final class PortFiller {
    private PortFiller() {}

    public static void main(String[] arguments) throws IOException {
        Address source = Address.of(new InetSocketAddress(arguments[0], 0));
        Address endpoint = Address.of(new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2])));
        int range = Integer.parseInt(arguments[4]) << 16 | Integer.parseInt(arguments[3]);
        int count = Integer.parseInt(arguments[5]);
        Sockets sockets = new Sockets();
        for (int i = 0; i < count; i++) {
            int fd = sockets.open(false);
            requireDone("socket", fd);
            requireDone("range", sockets.setOption(fd, Kernel.IPPROTO_IP, Kernel.IP_LOCAL_PORT_RANGE, range));
            requireDone("no port", sockets.setOption(fd, Kernel.IPPROTO_IP, Kernel.IP_BIND_ADDRESS_NO_PORT, 1));
            requireDone("bind", sockets.bind(fd, source.high(), source.low(), 0));
            int result = sockets.connect(fd, endpoint.high(), endpoint.low(), endpoint.port());
            requireDone("connect", result == -Kernel.EINPROGRESS ? 0 : result);
        }
        System.out.println("filled");
        while (System.in.read() >= 0) {
            continue;
        }
    }

    private static void requireDone(String call, int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + ": errno " + -result);
        }
    }
}
