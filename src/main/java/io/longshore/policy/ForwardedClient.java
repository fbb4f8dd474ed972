package io.longshore.policy;

import io.longshore.http.AddressText;
import io.longshore.http.Head;
import io.longshore.http.HeaderNames;
import org.agrona.DirectBuffer;

/**
 * Whose address counts as the client's where it decides on something, as on the source address of a dial.
 *
 * <ol>
 *   <li>A peer that is not a trusted proxy is the client, whatever it sends.
 *   <li>Else the addresses of {@code X-Forwarded-For} are read from the end, all lines of that name as one list: each
 *       proxy appends the peer it saw, so an address is as good as the one behind it is trusted. The first that is not
 *       trusted is the client; what stands before it may be invented.
 *   <li>If all are trusted, the one that stands first is the client: the whole way is our own.
 *   <li>If something that is no address (with or without port) comes first, the peer is the client. Empty elements are
 *       skipped (RFC 9110 section 5.6.1).
 * </ol>
 *
 * <p>One instance per loop, reused: the answer stands until the next {@link #read}. Each byte is read a fixed number of
 * times, and the parser of heads bounds their number.
 */
public final class ForwardedClient {
    private final long[] parsed = new long[2];
    private TrustedProxies trusted;
    private long peerHigh;
    private long peerLow;
    private long high;
    private long low;
    private boolean isForwarded;
    private boolean isDecided;

    /**
     * Finds the client of a request.
     *
     * @param head a complete request head
     * @param trustedProxies those of the listener
     * @param newPeerHigh the first eight bytes of the socket's peer, in the form of {@code io.longshore.net.Address}
     * @param newPeerLow the last eight bytes
     * @return {@link #isForwarded()}
     */
    public boolean read(Head head, TrustedProxies trustedProxies, long newPeerHigh, long newPeerLow) {
        trusted = trustedProxies;
        peerHigh = newPeerHigh;
        peerLow = newPeerLow;
        isDecided = !trusted.contains(peerHigh, peerLow);
        fallBackOnPeer();
        for (int i = head.headerCount() - 1; i >= 0 && !isDecided; i--) {
            if (head.nameIs(i, HeaderNames.X_FORWARDED_FOR)) {
                int from = head.offset() + head.valueOffset(i);
                readLine(head.buffer(), from, from + head.valueLength(i));
            }
        }
        return isForwarded;
    }

    /** The first eight bytes of the client's address. */
    public long high() {
        return high;
    }

    /** The last eight bytes of the client's address. */
    public long low() {
        return low;
    }

    /** Whether the address comes from a header; else it is the peer's. */
    public boolean isForwarded() {
        return isForwarded;
    }

    private void readLine(DirectBuffer buffer, int lineFrom, int lineLimit) {
        int limit = lineLimit;
        while (limit >= lineFrom && !isDecided) {
            int from = limit;
            while (from > lineFrom && buffer.getByte(from - 1) != ',') {
                from--;
            }
            int first = from;
            int end = limit;
            while (first < end && isBlank(buffer.getByte(first))) {
                first++;
            }
            while (first < end && isBlank(buffer.getByte(end - 1))) {
                end--;
            }
            if (first < end) {
                readElement(buffer, first, end);
            }
            limit = from - 1;
        }
    }

    private void readElement(DirectBuffer buffer, int from, int limit) {
        if (AddressText.parseWithPort(buffer, from, limit, parsed)) {
            high = parsed[0];
            low = parsed[1];
            isForwarded = true;
            isDecided = !trusted.contains(high, low);
        } else {
            isDecided = true;
            fallBackOnPeer();
        }
    }

    private void fallBackOnPeer() {
        high = peerHigh;
        low = peerLow;
        isForwarded = false;
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\t';
    }
}
