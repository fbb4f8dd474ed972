package io.longshore.origin;

/**
 * The right to use one tuple: taken before the dial, and given back exactly once, by {@link #free}, {@link #miss} or {@link
 * #hold}, on every way that a dial or a tunnel can end. One session has it; one thread uses it.
 */
public final class Lease {
    final OriginPorts ports;
    final TupleRow row;
    final int endpoint;
    final int source;
    /** The port of the ring, or 0 where the kernel chooses. */
    final int port;

    private boolean isOut = true;

    Lease(OriginPorts ports, int endpoint, int source, int port) {
        this.ports = ports;
        this.endpoint = endpoint;
        this.source = source;
        this.port = port;
        row = ports.row(endpoint, source);
    }

    /** A dial with this lease was made; its bind and connect calls took so long. */
    public void dialed(long callNs) {
        row.account.dialed(callNs);
    }

    /** Gives the tuple back: the kernel does not hold it (never connected, reset, or through with its last ACK). */
    public void free() {
        ended();
        ports.freed(row, endpoint, source, port);
    }

    /** The kernel found no tuple where the account had one: counted, and given back. */
    public void miss() {
        row.account.missed();
        free();
    }

    /**
     * The socket is closed, and the kernel holds the tuple for a while: TIME_WAIT, or a FIN that was not acknowledged yet.
     * The lease ends when the kernel says so ({@link SourcePorts#reconcile}).
     *
     * @param localPort the socket's port
     */
    public void hold(int localPort) {
        ended();
        row.hold(localPort);
    }

    private void ended() {
        assert isOut : "a lease was given back twice";
        isOut = false;
    }
}
