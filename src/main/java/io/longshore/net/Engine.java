package io.longshore.net;

import java.io.IOException;

/**
 * The door to the kernel of one event loop, completion-style: a call starts something, {@link Completions} says later
 * how it went. Nothing above this seam knows a selector, a ring or a descriptor.
 *
 * <p><b>Threads.</b> One thread owns an engine: it alone calls every method except {@link #wake()}.
 *
 * <p><b>Handles.</b> A connection or a listener is a {@code long}: the slot in the low 32 bits, the slot's generation in
 * the high 32 ({@link Slots}). A slot is used again, a handle never is; a completion of the kernel that comes late for a
 * closed handle is counted and dropped inside the engine. Calling a method with a handle that was closed is a no-op, so
 * that an owner may close inside any callback.
 *
 * <p><b>Order.</b> No callback runs inside any method but {@link #poll}: not {@code connected} inside {@link
 * #dial}, not {@code sent} inside {@link #send}. Per handle, completions come in the order of the facts: bytes before
 * the end of the stream, and nothing at all after {@code broken} or after {@link #close}/{@link #abort}.
 *
 * <p><b>Memory.</b> Received bytes are lent (see {@link Completions#received}). An idle connection owns no buffer.
 */
public interface Engine extends AutoCloseable {
    /** The slot of a handle, {@code 0} up to the largest number of connections that were ever open at once. */
    static int slotOf(long handle) {
        return (int) handle;
    }

    /** The cycle's time: monotonic nanoseconds, read once per {@link #poll}. Compare by difference only. */
    long nowNs();

    /** A fresh reading of the clock behind {@link #nowNs}, for measuring a cycle; nothing else needs one. */
    long clockNs();

    /** A fresh random number, for hash seeds and spreading; the simulated engine draws it from its own seed. */
    long random();

    /**
     * Binds and listens with SO_REUSEADDR and SO_REUSEPORT, so that every loop has its own queue, and starts to accept.
     *
     * @param address what to listen on; port 0 takes a free one
     * @return the listener's handle
     * @throws IOException if it cannot be bound
     */
    long listen(Address address) throws IOException;

    /** Pauses ({@code false}) or resumes accepting. While paused, connections wait in the kernel's accept queue. */
    void accepting(long listener, boolean on);

    /**
     * Starts to connect a fresh socket; {@link Completions#connected} reports how it went, also when the kernel refuses
     * at once. Nothing is received before {@link #receive} is called.
     *
     * @param target the address and port to connect to
     * @param source the address to bind first, with IP_BIND_ADDRESS_NO_PORT if its port is 0 and SO_REUSEADDR always;
     *     null leaves the choice of the address to the kernel
     * @param portRange the ports that the kernel chooses from, {@code high << 16 | low} (IP_LOCAL_PORT_RANGE, ip(7)); 0
     *     leaves it the range of the host
     * @return the handle of the connection, valid until it is closed
     */
    long dial(Address target, Address source, int portRange);

    /** Starts to connect, with the host's own range of ports. */
    default long dial(Address target, Address source) {
        return dial(target, source, 0);
    }

    /** How long the bind and connect calls of the last {@link #dial} took, in nanoseconds: the search for a port. */
    long dialNs();

    /**
     * Whether the kernel would hold the tuple of this connection for a while if it was closed now: it has not been through
     * its last acknowledgement yet, or will be in TIME_WAIT. A reset never leaves a tuple behind.
     */
    boolean holdsTuple(long handle);

    /** The socket's own address and port (getsockname), asked of the kernel at each call; null if it is not known. */
    Address localAddress(long handle);

    /**
     * Turns receiving on or off. Off, the kernel's window closes and TCP tells the sender for us; a held handle reports
     * neither end nor reset until it is received from again or a send to it fails. A connection starts with receiving
     * off, whether it was accepted or dialled.
     */
    void receive(long handle, boolean on);

    /**
     * Sends the whole region, after everything sent before. {@link Completions#sent} tells how many bytes the kernel
     * took, in order, in one or several parts; a failure is reported as {@link Completions#broken}.
     *
     * <p>When: with the next {@link #poll} that returns, before any timer. Where the running {@code received} callback lends
     * bytes whose flow to this handle is allowed ({@link #flow}), a poll need not return for it: an engine may sleep on it
     * until something else happens, and then tells with the time of the cycle that sent. It does not sleep on it once the
     * source is held or this handle is finished.
     *
     * <p>Memory: bytes that were lent by the running {@code received} callback may be passed as they are (the engine
     * writes them at once, keeps them, or parks what the kernel refuses in pages of its own). Any other memory must stay
     * untouched until {@code sent} has told of all of it, or the handle is closed.
     *
     * @param address the first byte, off-heap
     * @param length bytes, more than zero
     */
    void send(long handle, long address, int length);

    /**
     * Allows ({@code true}) or forbids the engine to move what arrives at {@code source} to {@code target} by itself, inside
     * the kernel where it can. It makes no use of it unless much arrives, begins and stops when it sees fit, and may never
     * begin. The owner goes on as before: what the engine lends he sends, and {@link Completions#moved} tells him of what the
     * engine has sent for him.
     *
     * <ul>
     *   <li>Moved bytes count as received from the source, and as sent to the target behind all that was sent before: {@link
     *       Completions#sent} tells of them when the target's kernel has taken them, never before {@code moved} does.
     *   <li>One {@code moved} tells of at most {@link #receiveBytesMax} bytes, and a source that is not received from is not
     *       moved from: who bounds what he receives bounds what is moved. What waits in between stands in {@link
     *       #parkedBytes}.
     *   <li>{@link #finish}, a later {@link #send} and bytes that are lent later come behind what was moved. {@link #close} and
     *       {@link #abort} of the target discard what it has not taken; those of the source do not.
     *   <li>While bytes of its own wait for the target, the engine may rest from receiving: as if held, the source then
     *       reports neither end nor reset.
     * </ul>
     *
     * <p>A source has one target, a target one source; where either has another by now, nothing changes. What is allowed
     * ends with either handle, and with {@code on} false for this source, whatever the target; what was moved by then stays
     * sent.
     */
    default void flow(long source, long target, boolean on) {}

    /** Half-closes: the FIN leaves after the last byte sent before. Later sends are a fault of the caller. */
    void finish(long handle);

    /** Closes with a reset (SO_LINGER 0): what has not left is discarded. The handle is gone at once. */
    void abort(long handle);

    /**
     * Closes. What the kernel took still leaves, what {@code sent} has not told of is discarded. The handle is gone at
     * once.
     */
    void close(long handle);

    /** Sets the one timer of this handle (connection or listener), replacing an earlier one. Coarse: see {@link Timers}. */
    void schedule(long handle, long deadlineNs);

    /** Clears the timer of this handle. */
    void unschedule(long handle);

    /** The most bytes that one {@link Completions#received} lends. */
    int receiveBytesMax();

    /** How many connections are open, dialling ones included, listeners not. */
    int connections();

    /** Bytes that targets refused and that wait in pages of this engine, or in pipes of the kernel ({@link #flow}). */
    long parkedBytes();

    /** The off-heap memory of this loop: what the owner takes for unfinished heads comes from here too. */
    Pages pages();

    /** How many timers are set. */
    int timers();

    /** How many completions of the kernel came too late, for a handle that was closed already, and were dropped. */
    long staleCompletions();

    /**
     * One cycle: waits for something to happen, at most until the next timer is due or {@code timeoutNs} has passed,
     * reads the clock once, and delivers what is due to {@code completions}.
     *
     * @param timeoutNs the longest wait; 0 does not wait
     * @param completions told of everything that happened, before this returns
     * @return how many completions were delivered
     */
    int poll(long timeoutNs, Completions completions);

    /** Makes a running or the next {@link #poll} return at once. May be called from any thread. */
    void wake();

    /** Closes every listener and connection (not with resets) and frees the engine's memory. */
    @Override
    void close();
}
