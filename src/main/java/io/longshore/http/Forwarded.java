package io.longshore.http;

/**
 * What is told to the origin about the client of one request. One instance per loop, set before each
 * {@link HeadWriter#originRequest}.
 */
public final class Forwarded {
    /** The longest text of an IPv6 address: eight groups of four, or six groups and an IPv4 address. */
    private static final int ADDRESS_BYTES_MAX = 45;

    final byte[] address = new byte[ADDRESS_BYTES_MAX];
    int addressLength;
    boolean isIpv6;
    boolean isTrusted;
    boolean isHttps;

    /**
     * Sets all values.
     *
     * @param addressText the peer's address without port and brackets, as {@code Address.hostText()} makes it; copied
     * @param newIsIpv6 whether that is an IPv6 address
     * @param newIsTrusted whether the peer is one of our own proxies, whose word about its client is kept and extended
     * @param newIsHttps whether the client's connection to us is encrypted
     * @return this
     */
    public Forwarded set(CharSequence addressText, boolean newIsIpv6, boolean newIsTrusted, boolean newIsHttps) {
        addressLength = addressText.length();
        for (int i = 0; i < addressLength; i++) {
            address[i] = (byte) addressText.charAt(i);
        }
        isIpv6 = newIsIpv6;
        isTrusted = newIsTrusted;
        isHttps = newIsHttps;
        return this;
    }
}
