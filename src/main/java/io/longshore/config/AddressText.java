package io.longshore.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * IP addresses as users write them, read without ever asking a resolver: a name in the configuration is a fault, since
 * its lookup could block, change, or answer with another family than the sources have.
 */
final class AddressText {
    private AddressText() {}

    /**
     * The address and port of {@code 127.0.0.1:8080} or {@code [::1]:8080}.
     *
     * @throws WrongText if {@code text} is none
     */
    static InetSocketAddress parseEndpoint(String text) {
        String host;
        int colon;
        if (text.startsWith("[")) {
            int bracket = text.indexOf(']');
            if (bracket < 0) {
                throw new WrongText(Quote.of(text) + " has no closing bracket");
            }
            host = text.substring(1, bracket);
            if (host.indexOf(':') < 0) {
                throw new WrongText(Quote.of(text) + " has brackets, which are for IPv6 addresses only");
            }
            colon = bracket + 1;
        } else {
            colon = text.indexOf(':');
            if (colon < 0) {
                parseIp(text); // If this is no address at all, then that is the fault to tell first.
                throw new WrongText(Quote.of(text) + " has no port");
            }
            if (text.indexOf(':', colon + 1) >= 0) {
                throw new WrongText(Quote.of(text) + " needs brackets around an IPv6 address, like [::1]:8080");
            }
            host = text.substring(0, colon);
        }
        InetAddress address = parseIp(host);
        if (colon >= text.length() || text.charAt(colon) != ':') {
            throw new WrongText(Quote.of(text) + " has no port");
        }
        String port = text.substring(colon + 1);
        int number = decimal(port, 0, port.length(), 65_535);
        if (number < 0) {
            throw new WrongText(Quote.of(text) + " has no port from 0 to 65535 after the colon");
        }
        return new InetSocketAddress(address, number);
    }

    /**
     * The address that the literal {@code text} says.
     *
     * @throws WrongText if it is none; the message tells a name from a broken address
     */
    static InetAddress parseIp(String text) {
        if (text.indexOf(':') < 0) {
            byte[] ipv4 = new byte[4];
            if (parseIpv4(text, 0, ipv4, 0)) {
                return address(ipv4);
            }
            boolean isNumeric = text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.');
            throw new WrongText(
                    isNumeric
                            ? Quote.of(text) + " is no IPv4 address"
                            : Quote.of(text) + " is no IP address (names are not looked up)");
        }
        if (text.indexOf('%') >= 0) {
            throw new WrongText(Quote.of(text) + " has a zone, and zones are not supported");
        }
        byte[] ipv6 = new byte[16];
        if (!parseIpv6(text, ipv6)) {
            throw new WrongText(Quote.of(text) + " is no IPv6 address");
        }
        InetAddress address = address(ipv6);
        if (address.getAddress().length == 4) {
            // The JDK turns ::ffff:a.b.c.d into an IPv4 address behind our back. One address has one spelling here.
            throw new WrongText(
                    Quote.of(text) + " is an IPv4 address in disguise",
                    "; did you mean " + address.getHostAddress() + "?");
        }
        return address;
    }

    /** The address in text, without a port: {@code 127.0.0.1} or {@code ::1} (RFC 5952). */
    static String format(InetAddress address) {
        if (address.getAddress().length == 4) {
            return address.getHostAddress();
        }
        String[] groups = address.getHostAddress().split(":");
        int bestStart = 0;
        int bestLength = 0;
        for (int start = 0; start < groups.length; start++) {
            int length = 0;
            while (start + length < groups.length && groups[start + length].equals("0")) {
                length++;
            }
            if (length > bestLength) {
                bestStart = start;
                bestLength = length;
            }
        }
        if (bestLength < 2) {
            return String.join(":", groups);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bestStart; i++) {
            text.append(groups[i]).append(':');
        }
        text.append(bestStart == 0 ? "::" : ":");
        for (int i = bestStart + bestLength; i < groups.length; i++) {
            text.append(groups[i]).append(i == groups.length - 1 ? "" : ":");
        }
        return text.toString();
    }

    /** Address and port in text: {@code 127.0.0.1:8080} or {@code [::1]:8080}. */
    static String format(InetSocketAddress endpoint) {
        String host = format(endpoint.getAddress());
        return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + endpoint.getPort();
    }

    /**
     * The decimal number in {@code text[from, to)}, or -1 if it is none, above {@code max}, or begins with a needless
     * zero (which some programs read as octal).
     */
    static int decimal(String text, int from, int to, int max) {
        if (from >= to || to - from > 9 || (text.charAt(from) == '0' && to - from > 1)) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value <= max ? value : -1;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    private static boolean parseIpv4(String text, int from, byte[] into, int offset) {
        int start = from;
        for (int i = 0; i < 4; i++) {
            int end = i == 3 ? text.length() : text.indexOf('.', start);
            int octet = end < 0 ? -1 : decimal(text, start, end, 255);
            if (octet < 0) {
                return false;
            }
            into[offset + i] = (byte) octet;
            start = end + 1;
        }
        return true;
    }

    /** RFC 4291 section 2.2: eight groups, one run of zeros left out as "::", the last two groups perhaps as IPv4. */
    private static boolean parseIpv6(String text, byte[] into) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, into) == 16;
        }
        byte[] head = new byte[16];
        byte[] tail = new byte[16];
        String before = text.substring(0, gap);
        int headLength = before.indexOf('.') >= 0 ? -1 : groups(before, head);
        int tailLength = groups(text.substring(gap + 2), tail);
        if (headLength < 0 || tailLength < 0 || headLength + tailLength > 14) {
            return false;
        }
        System.arraycopy(head, 0, into, 0, headLength);
        System.arraycopy(tail, 0, into, 16 - tailLength, tailLength);
        return true;
    }

    /** Reads groups up to the end of {@code text}; returns how many bytes they fill, or -1. */
    private static int groups(String text, byte[] into) {
        if (text.isEmpty()) {
            return 0;
        }
        int length = 0;
        int start = 0;
        while (true) {
            int colon = text.indexOf(':', start);
            int end = colon < 0 ? text.length() : colon;
            if (colon < 0 && text.indexOf('.', start) >= 0) {
                return length <= 12 && parseIpv4(text, start, into, length) ? length + 4 : -1;
            }
            int group = hex(text, start, end);
            if (group < 0 || length > 14) {
                return -1;
            }
            into[length++] = (byte) (group >> 8);
            into[length++] = (byte) group;
            if (colon < 0) {
                return length;
            }
            start = colon + 1;
        }
    }

    private static int hex(String text, int from, int to) {
        if (from >= to || to - from > 4) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
