package io.longshore.net.socket;

import io.longshore.sys.SocketTable;
import io.longshore.sys.Sockets;

/**
 * How the connections of an engine end, as far as it decides what becomes of their tuples.
 *
 * <p>Who sends the first FIN keeps the tuple for 60 s after both ends are through (TIME_WAIT, RFC 9293 section 3.6.1). The
 * kernel then moves it from the socket into a smaller record of its own, at once and not at close(2): a descriptor whose
 * shutdown came first reads TCP_CLOSE, as one that was reset does. So whether we were first is noted when our FIN leaves.
 */
public final class Tuples {
    private final Sockets sockets;

    /** For the connections of one loop. */
    public Tuples(Sockets sockets) {
        this.sockets = sockets;
    }

    /**
     * Sends our FIN.
     *
     * @param isDialled whether the tuple is one of ours
     * @return whether that made us the first to end, as far as the tuple is ours
     */
    public boolean sendFin(int fd, boolean isDialled) {
        // Where the peer's FIN arrives in between, this says first though it was second: then the tuple counts as held
        // until the kernel's list shows that it is not. The other way round it would be used too early.
        boolean isFirst = isDialled && sockets.state(fd) == SocketTable.ESTABLISHED;
        sockets.shutdownWrite(fd);
        return isFirst;
    }

    /** Whether the kernel keeps the tuple for a while when this connection is closed now. */
    public boolean isHeld(int fd, boolean hasEndedFirst) {
        return fd >= 0 && (hasEndedFirst || sockets.state(fd) != SocketTable.CLOSE);
    }

    /**
     * A connection of ours that stands is about to be closed. The descriptor itself is closed a cycle later; until then the
     * kernel's list would show a tuple that we have given up as an established one.
     */
    public void end(int fd) {
        sockets.shutdownWrite(fd);
    }

    /** Resets the connection now, which frees its tuple; the descriptor is closed a cycle later. */
    public void free(int fd) {
        sockets.resetOnClose(fd);
        sockets.disconnect(fd);
    }
}
