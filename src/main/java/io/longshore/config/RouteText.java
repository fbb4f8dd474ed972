package io.longshore.config;

import java.util.Locale;

/** The names that routing compares: hosts, path prefixes, and the names of origins. */
final class RouteText {
    static final int HOST_LENGTH_MAX = 253;
    static final int PATH_LENGTH_MAX = 1024;
    static final int NAME_LENGTH_MAX = 64;

    private static final int LABEL_LENGTH_MAX = 63;

    private RouteText() {}

    /**
     * A host pattern in lower case: a name, {@code *.name}, {@code *}, an IPv4 address, or an IPv6 address in brackets.
     * Underscores pass, because real names have them.
     *
     * @throws WrongText if {@code text} is none
     */
    static String parseHost(String text) {
        String host = text.toLowerCase(Locale.ROOT);
        if (host.equals("*")) {
            return host;
        }
        if (host.startsWith("[")) {
            return parseBracketedHost(text, host);
        }
        String name = host.startsWith("*.") ? host.substring(2) : host;
        if (name.indexOf('*') >= 0) {
            throw new WrongText(Quote.of(text) + " has a star elsewhere than in the place of the first label");
        }
        if (name.indexOf(':') >= 0) {
            throw new WrongText(Quote.of(text) + " has a port or a scheme; a route matches the host alone");
        }
        if (name.endsWith(".")) {
            throw new WrongText(Quote.of(text) + " ends with a dot");
        }
        if (name.chars().anyMatch(c -> c >= 128)) {
            throw new WrongText(Quote.of(text) + " is not in ASCII; write the xn-- form that browsers send");
        }
        for (String label : name.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > LABEL_LENGTH_MAX || !isMadeOfNameCharacters(label)) {
                throw new WrongText(Quote.of(text) + " is no host name");
            }
        }
        if (name.length() > HOST_LENGTH_MAX) {
            throw new WrongText(Quote.of(text) + " is longer than " + HOST_LENGTH_MAX + " characters");
        }
        return host;
    }

    /**
     * A path prefix: what a request's target must begin with, byte for byte.
     *
     * @throws WrongText if {@code text} can begin no target that passes the head parser
     */
    static String parsePath(String text) {
        if (!text.startsWith("/")) {
            throw new WrongText(Quote.of(text) + " does not begin with a slash");
        }
        if (text.length() > PATH_LENGTH_MAX) {
            throw new WrongText(Quote.of(text) + " is longer than " + PATH_LENGTH_MAX + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '?' || c == '#') {
                throw new WrongText(Quote.of(text) + " has a query or a fragment; a route matches the path alone");
            }
            if (c == '*') {
                throw new WrongText(Quote.of(text) + " has a star; a path is a prefix and needs none");
            }
            if (c <= ' ' || c >= 127 || c == '\\' || c == '"' || c == '<' || c == '>') {
                throw new WrongText(Quote.of(text) + " has a character that a path must percent-encode");
            }
            if (c == '%' && !(i + 2 < text.length() && isHex(text.charAt(i + 1)) && isHex(text.charAt(i + 2)))) {
                throw new WrongText(Quote.of(text) + " has a percent sign without two hexadecimal digits");
            }
        }
        String bounded = text + '/';
        if (bounded.contains("/../") || bounded.contains("/./")) {
            // Targets with dot segments are refused before routing: such a route could never be taken.
            throw new WrongText(Quote.of(text) + " has a dot segment, and requests with one are refused");
        }
        return text;
    }

    /**
     * The name of an origin: it stands in logs, counters and metrics, so it has no character to quote.
     *
     * @throws WrongText if {@code text} is none
     */
    static String parseName(String text) {
        if (text.length() > NAME_LENGTH_MAX) {
            throw new WrongText(Quote.of(text) + " is longer than " + NAME_LENGTH_MAX + " characters");
        }
        boolean isName = !text.isEmpty() && isLetterOrDigit(text.charAt(0));
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            isName &= isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
        }
        if (!isName) {
            throw new WrongText(Quote.of(text) + " is no name");
        }
        return text;
    }

    private static String parseBracketedHost(String text, String host) {
        if (!host.endsWith("]") || host.indexOf(':') < 0) {
            throw new WrongText(Quote.of(text) + " is no IPv6 address in brackets without a port");
        }
        AddressText.parseIp(host.substring(1, host.length() - 1));
        return host;
    }

    private static boolean isMadeOfNameCharacters(String label) {
        for (int i = 0; i < label.length(); i++) {
            char c = label.charAt(i);
            if (!isLetterOrDigit(c) && c != '-' && c != '_') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
