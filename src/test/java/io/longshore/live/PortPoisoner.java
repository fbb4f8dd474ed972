package io.longshore.live;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that does what spoils a source address for everybody: it binds ports of it by their numbers, and connects from
 * them to an endpoint of its own. Arguments: address, first port, how many. Ends with its input.
 */
final class PortPoisoner {
    private PortPoisoner() {}

    public static void main(String[] arguments) throws IOException {
        int first = Integer.parseInt(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        InetSocketAddress endpoint = new InetSocketAddress("127.0.0.1", 9100);
        List<Socket> sockets = new ArrayList<>();
        try (ServerSocket listener = new ServerSocket()) {
            listener.bind(endpoint, 2 * count);
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.bind(new InetSocketAddress(arguments[0], first + i));
                socket.connect(endpoint);
            }
            System.out.println("poisoned");
            while (System.in.read() >= 0) {
                continue;
            }
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
