package io.longshore.sys;

/**
 * Whether addresses are this host's own: whether a socket may be bound to them as they are, without IP_FREEBIND. An
 * address counts that stands on a device, or in a block that a route of type "local" delivers here (AnyIP). With
 * {@code net.ipv4.ip_nonlocal_bind} every address does, and the answer says nothing.
 */
public final class LocalAddresses {
    private final Sockets sockets = new Sockets();

    /**
     * Tries the address in the form of {@link SockAddr}. No port is taken from it.
     *
     * @return 0 if it is ours, -EADDRNOTAVAIL if not, or another negated errno (-EAFNOSUPPORT without IPv6)
     */
    public int check(long high, long low) {
        int fd = sockets.open(!SockAddr.isIpv4(high, low));
        if (fd < 0) {
            return fd;
        }
        // A bind that takes a port would be the very thing that we warn of.
        sockets.setOption(fd, PortFeatures.OPTION_LEVEL, Kernel.IP_BIND_ADDRESS_NO_PORT, 1);
        int result = sockets.bind(fd, high, low, 0);
        sockets.close(fd);
        return result;
    }
}
