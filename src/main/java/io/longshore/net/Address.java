package io.longshore.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * An IP address and a TCP port as 20 bytes of data: the form that a session keeps for hours, hashes, and prints.
 *
 * <p>The 128 bits are in network order, {@code high} first. An IPv4 address is held in its IPv4-mapped form
 * ({@code ::ffff:a.b.c.d}, RFC 4291 section 2.5.5.2), so that one pair of longs compares and hashes both families; the
 * kernel is always given the family that {@link #isIpv4()} tells.
 *
 * @param high the first eight bytes of the address
 * @param low the last eight bytes of the address
 * @param port the port, 0 to 65535; 0 means "any" or "not known"
 */
public record Address(long high, long low, int port) {
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    /** The address of {@code socketAddress}, which must be resolved. */
    public static Address of(InetSocketAddress socketAddress) {
        return of(socketAddress.getAddress(), socketAddress.getPort());
    }

    /** An address of its parts. */
    public static Address of(InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return ofIpv4(bigEndian(bytes, 0, 4), port);
        }
        return new Address(bigEndian(bytes, 0, 8), bigEndian(bytes, 8, 8), port);
    }

    /** An IPv4 address from its 32 bits in network order. */
    public static Address ofIpv4(long bits, int port) {
        return new Address(0, MAPPED_PREFIX | (bits & 0xffff_ffffL), port);
    }

    /** Whether this is an IPv4 address (held in IPv4-mapped form). */
    public boolean isIpv4() {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED_PREFIX;
    }

    /** The 32 bits of an IPv4 address in network order. */
    public int ipv4Bits() {
        return (int) low;
    }

    /** The same address with another port. */
    public Address withPort(int otherPort) {
        return new Address(high, low, otherPort);
    }

    /** The address without its port, as the JDK's type. */
    public InetAddress toInetAddress() {
        byte[] bytes;
        if (isIpv4()) {
            bytes = new byte[] {(byte) (low >>> 24), (byte) (low >>> 16), (byte) (low >>> 8), (byte) low};
        } else {
            bytes = new byte[16];
            for (int i = 0; i < 8; i++) {
                bytes[i] = (byte) (high >>> (56 - 8 * i));
                bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
            }
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    /** The address in text, without the port: {@code 127.0.0.1} or {@code ::1} (RFC 5952, no brackets). */
    public String hostText() {
        return isIpv4() ? ipv4Text((int) low) : ipv6Text(high, low);
    }

    /** Address and port in text: {@code 127.0.0.1:8080} or {@code [::1]:8080}. */
    @Override
    public String toString() {
        return isIpv4() ? hostText() + ':' + port : '[' + hostText() + "]:" + port;
    }

    private static String ipv4Text(int bits) {
        return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
    }

    private static String ipv6Text(long high, long low) {
        int[] groups = new int[8];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (high >>> (48 - 16 * i)) & 0xffff;
            groups[4 + i] = (int) (low >>> (48 - 16 * i)) & 0xffff;
        }
        // RFC 5952 section 4.2: the longest run of two or more zero groups becomes "::", the first one of equals.
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) {
                length++;
            }
            if (length > bestLength) {
                bestStart = i;
                bestLength = length;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private static long bigEndian(byte[] bytes, int from, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }
}
