package io.longshore.net.nio;

import io.longshore.sys.SocketTable;
import io.longshore.sys.Sockets;

/**
 * How connections of the java.nio engine end, as far as it decides what becomes of their tuples.
 *
 * <p>Who sends the first FIN keeps the tuple for 60 s after both ends are through (TIME_WAIT, RFC 9293 section 3.6.1). The
 * kernel then moves it from the socket into a smaller record of its own, at once and not at close(2): a descriptor whose
 * shutdown came first reads TCP_CLOSE, as one that was reset does. So whether we were first is noted when our FIN leaves.
 */
final class NioTuples {
    private final Sockets sockets;

    NioTuples(Sockets sockets) {
        this.sockets = sockets;
    }

    /** Sends our FIN. */
    void sendFin(NioSocket socket) {
        if (socket.isDialled) {
            // Where the peer's FIN arrives in between, this says first though it was second: then the tuple counts as
            // held until the kernel's list shows that it is not. The other way round it would be used too early.
            socket.hasEndedFirst |= sockets.state(socket.fd) == SocketTable.ESTABLISHED;
        }
        sockets.shutdownWrite(socket.fd);
    }

    /** Whether the kernel keeps the tuple for a while when the connection is closed now. */
    boolean isHeld(NioSocket socket) {
        return socket.fd >= 0 && (socket.hasEndedFirst || sockets.state(socket.fd) != SocketTable.CLOSE);
    }
}
