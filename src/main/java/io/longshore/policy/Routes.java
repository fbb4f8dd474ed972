package io.longshore.policy;

import io.longshore.config.Config;
import io.longshore.http.AddressText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Which route a request takes, from the bytes of its host and its path.
 *
 * <ol>
 *   <li>A route with exactly this host, then the one with the longest wildcard ({@code *.example.com}: one or more
 *       labels before the suffix, not the suffix alone), then {@code *}.
 *   <li>Among the routes of one host the longest path prefix; of equal ones the first in the file.
 *   <li>If no path of the more specific host matches, the next less specific host is asked.
 * </ol>
 *
 * <p><b>Hosts</b> compare without case (ASCII, RFC 9110 section 4.2.3), without port and without one trailing dot. An
 * IPv6 literal compares as an address, however it is written: {@code [::1]} is {@code [0:0:0:0:0:0:0:1]}. A host that
 * is empty or no name can only match {@code *}.
 *
 * <p><b>Paths</b> compare as literal bytes, case and percent-encoding included: the origin sees what was routed. A
 * prefix matches at the end of a segment: {@code /chat} matches {@code /chat}, {@code /chat/x} and {@code /chat?x}, not
 * {@code /chatter}. A prefix that ends in a slash matches as it stands: {@code /chat/} matches {@code /chat/} and
 * {@code /chat/x}, not {@code /chat}; {@code /} matches every path. An absolute-form target may have no path: that is
 * {@code /} (RFC 9112 section 3.2.1).
 *
 * <p>A lookup reads the host once, from its end, whatever a client may send as one. Immutable, any thread.
 */
public final class Routes {
    /**
     * The routes of one host pattern.
     *
     * @param name in lower case; a wildcard's keeps the dot of its suffix, {@code .example.com}
     * @param hash of the name's bytes, from the last to the first
     * @param paths the longest first
     */
    private record Host(byte[] name, int hash, List<Path> paths) {}

    /**
     * The routes of one IPv6 address.
     *
     * @param high its first eight bytes
     * @param low its last eight bytes
     * @param paths the longest first
     */
    private record Literal(long high, long low, List<Path> paths) {}

    /**
     * One route under its host.
     *
     * @param prefix the bytes that a path begins with
     * @param route what {@link #match} then answers
     */
    private record Path(byte[] prefix, Config.Route route) {}

    /** Open addressing, linear probing, at most half full. Only the configuration fills it: no client makes chains. */
    private final Host[] table;

    private final List<Literal> literals = new ArrayList<>();
    private final List<Path> anyHost = new ArrayList<>();

    /** Compiles the routes of a configuration. */
    public Routes(List<Config.Route> routes) {
        table = new Host[Integer.highestOneBit(Math.max(1, routes.size())) * 4];
        for (Config.Route route : routes) {
            pathsOf(route.host()).add(new Path(route.path().getBytes(StandardCharsets.UTF_8), route));
        }
        sort(anyHost);
        literals.forEach(literal -> sort(literal.paths));
        for (Host host : table) {
            if (host != null) {
                sort(host.paths);
            }
        }
    }

    /**
     * The route of a request. Allocates nothing, except a few bytes for an IPv6 literal.
     *
     * @param buffer holds host and path
     * @param hostOffset the first byte of the host, with or without port
     * @param hostLength its bytes
     * @param pathOffset the first byte of the path, with or without query
     * @param pathLength its bytes
     * @return null if there is none
     */
    public Config.Route match(DirectBuffer buffer, int hostOffset, int hostLength, int pathOffset, int pathLength) {
        int pathLimit = pathOffset + pathLength;
        int hostLimit = hostOffset + hostLength;
        Config.Route best = matchPath(anyHost, buffer, pathOffset, pathLimit);
        if (isLiteral(buffer, hostOffset, hostLimit)) {
            List<Path> paths = literals.isEmpty() ? null : pathsOfLiteral(buffer, hostOffset, hostLimit);
            Config.Route route = paths == null ? null : matchPath(paths, buffer, pathOffset, pathLimit);
            return route == null ? best : route;
        }
        hostLimit = withoutPortAndDot(buffer, hostOffset, hostLimit);
        // From the last byte to the first: every dot ends a longer suffix, and the longer one that matches wins.
        int hash = 0;
        for (int i = hostLimit - 1; i >= hostOffset; i--) {
            int letter = lowered(buffer.getByte(i));
            hash = hash * 31 + letter;
            boolean isWildcardSuffix = letter == '.' && i > hostOffset;
            boolean isWhole = i == hostOffset && letter != '.';
            if (isWildcardSuffix || isWhole) {
                Host host = find(buffer, i, hostLimit, hash);
                Config.Route route = host == null ? null : matchPath(host.paths, buffer, pathOffset, pathLimit);
                best = route == null ? best : route;
            }
        }
        return best;
    }

    private List<Path> pathsOf(String pattern) {
        if (pattern.equals("*")) {
            return anyHost;
        }
        String name = pattern.startsWith("*.") ? pattern.substring(1) : pattern;
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        byte[] bytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        if (name.indexOf(':') >= 0) {
            return pathsOfLiteral(name.startsWith("[") ? name.substring(1, name.length() - 1) : name);
        }
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        int hash = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            hash = hash * 31 + bytes[i];
        }
        Host host = find(buffer, 0, bytes.length, hash);
        if (host == null) {
            host = new Host(bytes, hash, new ArrayList<>());
            int place = place(hash);
            while (table[place] != null) {
                place = place + 1 & table.length - 1;
            }
            table[place] = host;
        }
        return host.paths;
    }

    private List<Path> pathsOfLiteral(String address) {
        byte[] bytes = address.getBytes(StandardCharsets.UTF_8);
        long[] bits = new long[2];
        if (!AddressText.parse(new UnsafeBuffer(bytes), 0, bytes.length, bits)) {
            throw new IllegalArgumentException("route host is not an IPv6 address: " + address);
        }
        List<Path> paths = find(bits);
        if (paths == null) {
            paths = new ArrayList<>();
            literals.add(new Literal(bits[0], bits[1], paths));
        }
        return paths;
    }

    private List<Path> pathsOfLiteral(DirectBuffer buffer, int from, int limit) {
        long[] bits = new long[2];
        return AddressText.parseWithPort(buffer, from, limit, bits) ? find(bits) : null;
    }

    private List<Path> find(long[] bits) {
        for (int i = 0; i < literals.size(); i++) {
            Literal literal = literals.get(i);
            if (literal.high == bits[0] && literal.low == bits[1]) {
                return literal.paths;
            }
        }
        return null;
    }

    private Host find(DirectBuffer buffer, int from, int limit, int hash) {
        int place = place(hash);
        while (table[place] != null) {
            Host host = table[place];
            if (host.hash == hash && host.name.length == limit - from && equalsLowered(host.name, buffer, from)) {
                return host;
            }
            place = place + 1 & table.length - 1;
        }
        return null;
    }

    private int place(int hash) {
        return (hash ^ hash >>> 16) & table.length - 1;
    }

    private static boolean equalsLowered(byte[] name, DirectBuffer buffer, int from) {
        for (int i = 0; i < name.length; i++) {
            if (name[i] != lowered(buffer.getByte(from + i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether this is no name but an IPv6 address: a bracket at its start, or two colons where a port has one. */
    private static boolean isLiteral(DirectBuffer buffer, int from, int limit) {
        if (from < limit && buffer.getByte(from) == '[') {
            return true;
        }
        int colon = AddressText.indexOf(buffer, ':', from, limit);
        return colon >= 0 && AddressText.indexOf(buffer, ':', colon + 1, limit) >= 0;
    }

    /** Where the name ends, without {@code :port} and a trailing dot. */
    private static int withoutPortAndDot(DirectBuffer buffer, int from, int limit) {
        int colon = AddressText.indexOf(buffer, ':', from, limit);
        int end = colon < 0 ? limit : colon;
        return end > from && buffer.getByte(end - 1) == '.' ? end - 1 : end;
    }

    private static Config.Route matchPath(List<Path> paths, DirectBuffer buffer, int from, int limit) {
        for (int i = 0; i < paths.size(); i++) {
            Path path = paths.get(i);
            if (matchesPrefix(path.prefix, buffer, from, limit)) {
                return path.route;
            }
        }
        return null;
    }

    private static boolean matchesPrefix(byte[] prefix, DirectBuffer buffer, int from, int limit) {
        int length = prefix.length;
        if (from == limit || buffer.getByte(from) == '?') {
            return length == 1 && prefix[0] == '/';
        }
        if (limit - from < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (prefix[i] != buffer.getByte(from + i)) {
                return false;
            }
        }
        if (prefix[length - 1] == '/' || from + length == limit) {
            return true;
        }
        byte behind = buffer.getByte(from + length);
        return behind == '/' || behind == '?';
    }

    private static byte lowered(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? (byte) (letter | 0x20) : letter;
    }

    /** Stable, so that of equal prefixes the first in the file stays first. */
    private static void sort(List<Path> paths) {
        paths.sort((a, b) -> Integer.compare(b.prefix.length, a.prefix.length));
    }
}
