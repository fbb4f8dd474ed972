package io.longshore.http;

import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * The head before the head: what a layer-4 balancer says about its client before the client's first byte (HAProxy's
 * proxy-protocol.txt), as version 1, a line of text ({@link ProxyLine}), or version 2, binary ({@link ProxyBlock}). The
 * first byte tells which.
 *
 * <p>Three things can be said, and they differ in what may be believed behind the header:
 *
 * <ol>
 *   <li>{@link #isNamed()}: the client is at {@link #high()}, {@link #low()}, {@link #port()}.
 *   <li>{@link #isLocal()}: version 2's LOCAL, the balancer speaks for itself (its health check). The socket's peer is
 *       the client.
 *   <li>Neither: the balancer relays somebody whom it cannot name: version 1's UNKNOWN, version 2's UNSPEC, and the
 *       combinations that the specification lets a receiver treat so, datagrams and UNIX sockets, which cannot be
 *       clients of ours. The socket's peer is the only address there is, but it is not who speaks.
 * </ol>
 *
 * <p>What does not match the grammar is refused and never searched for a header further on. The outcome for a number of
 * bytes depends on those bytes alone and not on how they were cut into calls: every call begins anew, and the bound of
 * {@value #BYTES_MAX} bytes keeps that cheap. One instance serves a loop; the answer stands until the next
 * {@link #parse}.
 */
public final class ProxyHeader {
    /**
     * The longest header that is taken: what fits into the smallest segment that every TCP must take, and so what the
     * specification promises (576 - 40 bytes).
     */
    public static final int BYTES_MAX = 536;

    /** The outcome for bytes that are no header. */
    public static final int MALFORMED = -1;

    /** The high and the low eight bytes of the named address. */
    final long[] bits = new long[2];

    final CRC32C checksum = new CRC32C();
    int port;
    boolean isNamed;
    boolean isLocal;

    /**
     * Parses a header, or as much of it as has arrived.
     *
     * @param buffer holds the bytes
     * @param offset where the connection's first byte is
     * @param length the bytes that have arrived; there may be more than the header
     * @return {@code > 0} the length of the header, and its answers stand; {@code 0} it needs more bytes; {@code < 0}
     *     {@link #MALFORMED}
     */
    public int parse(DirectBuffer buffer, int offset, int length) {
        isNamed = false;
        isLocal = false;
        if (length == 0) {
            return 0;
        }
        return buffer.getByte(offset) == ProxyLine.FIRST_BYTE
                ? ProxyLine.parse(this, buffer, offset, length)
                : ProxyBlock.parse(this, buffer, offset, length);
    }

    /** Whether the header names the client. */
    public boolean isNamed() {
        return isNamed;
    }

    /** Whether the sender of the header is the client itself. */
    public boolean isLocal() {
        return isLocal;
    }

    /** The first eight bytes of the named client's address, in the form of {@code io.longshore.net.Address}. */
    public long high() {
        return bits[0];
    }

    /** The last eight bytes of the named client's address. */
    public long low() {
        return bits[1];
    }

    /** The named client's port, 0 to 65535. */
    public int port() {
        return port;
    }
}
