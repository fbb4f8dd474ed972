package io.longshore.origin;

import io.longshore.net.Address;

/**
 * The right to use one tuple: taken before the dial, and given back exactly once, by {@link #free}, {@link #miss} or {@link
 * #hold}, on every way that a dial or a session can end. One session has it; one thread uses it.
 *
 * <p>A tunnel lives for hours and keeps no object: its lease goes on as a number ({@link #fold}), which {@link
 * SourcePorts#free} or {@link SourcePorts#hold} takes back, exactly once too.
 *
 * <pre>
 *   number:  row (32 bits)  |  port (16 bits)  |  local port (16 bits)
 * </pre>
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
        row.hold(port, localPort);
    }

    /** The lease goes on as a number, the tunnel's to give back; this object is of no use any more. */
    public long fold() {
        ended();
        return (long) row.number << 32 | (long) port << 16 | localPort;
    }

    /** The place of a folded lease's row in the account. */
    static int rowOf(long folded) {
        return (int) (folded >>> 32);
    }

    /** The port of the ring of a folded lease, or 0 where the kernel chose. */
    static int portOf(long folded) {
        return (int) (folded >>> 16) & 0xffff;
    }

    /** The local port of a folded lease's connection, or 0 if it is not known. */
    public static int localPortOf(long folded) {
        return (int) folded & 0xffff;
    }

    private void ended() {
        assert isOut : "a lease was given back twice";
        isOut = false;
    }
}
