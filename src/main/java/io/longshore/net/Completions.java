package io.longshore.net;

/**
 * What an {@link Engine} reports, always from inside {@link Engine#poll}. Every callback may call any method of the
 * engine, also close the handle it is about.
 *
 * <p>Results are 0 or a negated errno of Linux ({@code errno(3)}).
 */
public interface Completions {
    /**
     * A connection was accepted. Receiving is off until {@link Engine#receive} turns it on.
     *
     * @param listener the listener's handle
     * @param handle the new connection's handle
     * @param peer the client's address and port
     */
    void accepted(long listener, long handle, Address peer);

    /**
     * Accepting failed for want of a resource (-EMFILE, -ENFILE, -ENOMEM, -ENOBUFS). The engine has paused this
     * listener; {@link Engine#accepting} resumes it.
     */
    void acceptPaused(long listener, int result);

    /**
     * A dial has ended: 0 if the connection stands, else a negated errno. After a failure the handle still is the
     * owner's to close.
     */
    void connected(long handle, int result);

    /**
     * Bytes arrived. They are lent: valid until this callback returns, and as a region to {@link Engine#send} within it.
     *
     * @param address the first byte, off-heap
     * @param length bytes, more than zero
     */
    void received(long handle, long address, int length);

    /**
     * Bytes arrived and are on their way to where this handle's bytes may flow, without the owner: the engine has received
     * and sent them ({@link Engine#flow}). Told of no handle whose owner has not allowed it.
     *
     * @param bytes more than zero, at most {@link Engine#receiveBytesMax}
     */
    default void moved(long handle, int bytes) {
        throw new IllegalStateException("nobody has allowed this handle's bytes to flow by themselves");
    }

    /** The peer has half-closed (FIN): the last callback about received bytes, exactly once. Sending still works. */
    void ended(long handle);

    /**
     * The connection is broken: reset, timed out or not reachable, found by receiving or by sending. What had arrived
     * before was delivered first, unless receiving is off. The last callback of this handle, which still is the owner's
     * to close.
     *
     * @param result a negated errno: -ECONNRESET, -EPIPE, -ETIMEDOUT, -EHOSTUNREACH ...
     */
    void broken(long handle, int result);

    /** The kernel took the next {@code bytes} of what was sent to this handle. */
    void sent(long handle, int bytes);

    /** The timer of this handle has run out; it is cleared. */
    void expired(long handle);
}
