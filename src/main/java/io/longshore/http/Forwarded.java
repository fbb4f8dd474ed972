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
     * @param isIpv6 whether that is an IPv6 address
     * @param isTrusted whether the peer is one of our own proxies, whose word about its client is kept and extended
     * @param isHttps whether the client's connection to us is encrypted
     * @return this
     */
    public Forwarded set(CharSequence addressText, boolean isIpv6, boolean isTrusted, boolean isHttps) {
        addressLength = addressText.length();
        for (int i = 0; i < addressLength; i++) {
            address[i] = (byte) addressText.charAt(i);
        }
        this.isIpv6 = isIpv6;
        this.isTrusted = isTrusted;
        this.isHttps = isHttps;
        return this;
    }
}
