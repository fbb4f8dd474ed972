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

    /**
     * The connection is about to be closed. The selector closes the descriptor a cycle later; until then the kernel's list
     * would show a tuple that we have given up as an established one.
     */
    void end(NioSocket socket) {
        if (socket.isDialled && !socket.isFinishing && !socket.isConnecting && socket.fd >= 0) {
            sockets.shutdownWrite(socket.fd);
        }
    }

    /** Resets the connection now, which frees its tuple; the selector closes the descriptor a cycle later. */
    void free(NioSocket socket) {
        if (socket.fd >= 0) {
            sockets.resetOnClose(socket.fd);
            sockets.disconnect(socket.fd);
        }
    }
}
