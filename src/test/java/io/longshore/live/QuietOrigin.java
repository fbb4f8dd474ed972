package io.longshore.live;

import java.io.IOException;

/**
 * An origin in a process of its own, for tests with more tunnels than one process has descriptors: agrees to every
 * upgrade, then says nothing. Prints its port, and ends with its input.
 */
final class QuietOrigin {
    private QuietOrigin() {}

    public static void main(String[] arguments) throws IOException {
        try (PeerLoop loop = new PeerLoop("origins")) {
            System.out.println(loop.listen(TunnelPeer::origin).getPort());
            while (System.in.read() >= 0) {
                loop.check();
            }
        }
    }
}
