package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * Version 1 of the PROXY protocol (proxy-protocol.txt section 2.1), one line of at most 107 bytes:
 *
 * <pre>
 *   PROXY TCP4 192.0.2.7 192.0.2.1 56324 443 CR LF         source and destination address, source and destination port
 *   PROXY TCP6 2001:db8::7 2001:db8::1 56324 443 CR LF
 *   PROXY UNKNOWN [SP anything] CR LF
 * </pre>
 *
 * <p>One space between the words, no leading zeros, and all four of an address line must be right although two of them
 * are not used: a sender that has one of them wrong is not to be believed about the others. The last 32 bits of an IPv6
 * address may be dotted, because that is how inet_ntop(3) writes an IPv4-mapped one, which is then the same client as
 * the IPv4 address that it holds.
 */
final class ProxyLine {
    /** The byte that tells version 1 from version 2. */
    static final byte FIRST_BYTE = 'P';

    /** The longest line, its CR and LF included. */
    static final int BYTES_MAX = 107;

    private static final byte[] PROXY = HeaderNames.ascii("PROXY ");
    private static final byte[] TCP4 = HeaderNames.ascii("TCP4 ");
    private static final byte[] TCP6 = HeaderNames.ascii("TCP6 ");
    private static final byte[] UNKNOWN = HeaderNames.ascii("UNKNOWN");
    private static final int PORT_MAX = 65_535;

    private ProxyLine() {}

    /** As {@link ProxyHeader#parse}. */
    static int parse(ProxyHeader header, DirectBuffer buffer, int offset, int length) {
        int known = Math.min(length, PROXY.length);
        if (!hasAt(buffer, offset, offset + known, PROXY, known)) {
            return ProxyHeader.MALFORMED;
        }
        int lineLength = lineLength(buffer, offset, Math.min(length, BYTES_MAX));
        if (lineLength > 0 && !readWords(header, buffer, offset + PROXY.length, offset + lineLength - 2)) {
            return ProxyHeader.MALFORMED;
        }
        return lineLength;
    }

    /** The length of the line with its CR LF, 0 if more bytes are needed, or MALFORMED. */
    private static int lineLength(DirectBuffer buffer, int offset, int length) {
        for (int i = PROXY.length; i < length; i++) {
            byte b = buffer.getByte(offset + i);
            if (b == Octets.LF) {
                return ProxyHeader.MALFORMED;
            }
            if (b == Octets.CR && i + 1 < length) {
                return buffer.getByte(offset + i + 1) == Octets.LF ? i + 2 : ProxyHeader.MALFORMED;
            }
        }
        return length < BYTES_MAX ? 0 : ProxyHeader.MALFORMED;
    }

    /** Reads what stands between {@code PROXY} and the CR; whether all of it is right. */
    private static boolean readWords(ProxyHeader header, DirectBuffer buffer, int from, int limit) {
        if (hasAt(buffer, from, limit, UNKNOWN, UNKNOWN.length)) {
            // The rest of such a line means nothing, whatever it looks like.
            int end = from + UNKNOWN.length;
            return end == limit || buffer.getByte(end) == Octets.SP;
        }
        boolean isIpv6 = hasAt(buffer, from, limit, TCP6, TCP6.length);
        if (!isIpv6 && !hasAt(buffer, from, limit, TCP4, TCP4.length)) {
            return false;
        }
        int source = from + TCP4.length;
        int sourceEnd = AddressText.indexOf(buffer, ' ', source, limit);
        int destinationEnd = sourceEnd < 0 ? -1 : AddressText.indexOf(buffer, ' ', sourceEnd + 1, limit);
        int portEnd = destinationEnd < 0 ? -1 : AddressText.indexOf(buffer, ' ', destinationEnd + 1, limit);
        if (portEnd < 0 || port(buffer, portEnd + 1, limit) < 0) {
            return false;
        }
        header.port = port(buffer, destinationEnd + 1, portEnd);
        // The source comes last, because both are read into the same place.
        header.isNamed = header.port >= 0
                && isAddress(header, buffer, sourceEnd + 1, destinationEnd, isIpv6)
                && isAddress(header, buffer, source, sourceEnd, isIpv6);
        return header.isNamed;
    }

    private static boolean isAddress(ProxyHeader header, DirectBuffer buffer, int from, int limit, boolean isIpv6) {
        return AddressText.indexOf(buffer, ':', from, limit) >= 0 == isIpv6
                && AddressText.parse(buffer, from, limit, header.bits);
    }

    /** A decimal number of 0 to 65535 without a leading zero, or -1. */
    private static int port(DirectBuffer buffer, int from, int limit) {
        if (from == limit || (buffer.getByte(from) == '0' && limit - from > 1)) {
            return -1;
        }
        int port = 0;
        for (int i = from; i < limit; i++) {
            byte b = buffer.getByte(i);
            port = port * 10 + (b - '0');
            if (!Octets.isDigit(b) || port > PORT_MAX) {
                return -1;
            }
        }
        return port;
    }

    /** Whether the first {@code count} bytes of {@code word} stand here. */
    private static boolean hasAt(DirectBuffer buffer, int from, int limit, byte[] word, int count) {
        if (limit - from < count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (buffer.getByte(from + i) != word[i]) {
                return false;
            }
        }
        return true;
    }
}
