package io.longshore.origin;

import io.longshore.net.Address;

/**
 * The right to use one tuple: taken before the dial, and given back exactly once, by {@link #free}, {@link #miss} or {@link
 * #hold}, on every way that a dial or a tunnel can end. One session has it; one thread uses it.
 */
public final class Lease {
    final TupleRow row;
    final int endpoint;
    final int source;
    /** The port of the ring, or 0 where the kernel chooses. */
    final int port;

    /** The port in use, once the connection stands. */
    private int localPort;

    private boolean isOut = true;

    Lease(TupleRow row, int endpoint, int source, int port) {
        this.row = row;
        this.endpoint = endpoint;
        this.source = source;
        this.port = port;
    }

    /** A dial with this lease was made; its bind and connect calls took so long. */
    public void dialed(long callNs) {
        row.account.dialed(callNs);
    }

    /** The connection stands. @param local its own address and port, null if they are not known */
    public void connected(Address local) {
        if (local != null) {
            localPort = local.port();
            row.connected(local);
        }
    }

    /** Gives the tuple back: the kernel does not hold it (never connected, reset, or through with its last ACK). */
    public void free() {
        ended();
        row.free(port, localPort);
    }

    /**
     * The kernel found no tuple where the account had one: counted, and given back.
     *
     * @param isFull whether that was the last word about this source, which then counts as full for a while
     */
    void miss(boolean isFull) {
        row.account.missed();
        if (isFull) {
            row.account.block(1);
        }
        free();
    }

    /**
     * The socket is closed, and the kernel holds the tuple for a while: TIME_WAIT, or a FIN that was not acknowledged yet.
     * The lease ends when the kernel says so ({@link SourcePorts#reconcile}).
     */
    public void hold() {
        ended();
        row.hold(port != 0 ? port : localPort);
    }

    private void ended() {
        assert isOut : "a lease was given back twice";
        isOut = false;
    }
}
