package io.longshore.sys;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether addresses are this host's own, so that what is sent to them arrives here: an address that stands on a device, or
 * in a block that a route of type "local" delivers here (AnyIP).
 *
 * <p>Of IPv4 a bind without IP_FREEBIND tells it, in both cases. An IPv6 address of a local route refuses such a bind
 * although it is ours (and takes one with the option), so that the routes are asked as well. With
 * {@code net.ipv4.ip_nonlocal_bind} every address may be bound, and the answer says nothing.
 */
public final class LocalAddresses {
    /** A flag of {@code /proc/net/ipv6_route}; the kernel's include/uapi/linux/ipv6_route.h. */
    private static final long RTF_LOCAL = 0x8000_0000L;

    private final Sockets sockets = new Sockets();
    private final Path routes;
    /** The local routes of IPv6, read when they are first asked for. */
    private List<Block> blocks;

    private record Block(long high, long low, int prefix) {
        boolean contains(long otherHigh, long otherLow) {
            long highMask = prefix >= 64 ? -1 : prefix == 0 ? 0 : -1L << (64 - prefix);
            long lowMask = prefix <= 64 ? 0 : -1L << (128 - prefix);
            return ((high ^ otherHigh) & highMask) == 0 && ((low ^ otherLow) & lowMask) == 0;
        }
    }

    /** The addresses of the network namespace that this process is in, at the moment of the first question. */
    public LocalAddresses() {
        this(Proc.ofThisHost());
    }

    LocalAddresses(Proc proc) {
        routes = proc.root().resolve("net/ipv6_route");
    }

    /**
     * Asks for the address in the form of {@link SockAddr}. No port is taken from it.
     *
     * @return 0 if it is ours, -EADDRNOTAVAIL if not, or another negated errno (-EAFNOSUPPORT without IPv6)
     */
    public int check(long high, long low) {
        boolean isIpv4 = SockAddr.isIpv4(high, low);
        int fd = sockets.open(!isIpv4);
        if (fd < 0) {
            return fd;
        }
        // A bind that takes a port would be the very thing that we warn of.
        sockets.setOption(fd, PortFeatures.OPTION_LEVEL, Kernel.IP_BIND_ADDRESS_NO_PORT, 1);
        int result = sockets.bind(fd, high, low, 0);
        sockets.close(fd);
        return result == -Kernel.EADDRNOTAVAIL && !isIpv4 && isRoutedHere(high, low) ? 0 : result;
    }

    private boolean isRoutedHere(long high, long low) {
        if (blocks == null) {
            blocks = localRoutes();
        }
        for (Block block : blocks) {
            if (block.contains(high, low)) {
                return true;
            }
        }
        return false;
    }

    /** The lines are {@code ADDRESS PREFIX SOURCE PREFIX GATEWAY METRIC REFERENCES USES FLAGS DEVICE}, all in hex. */
    private List<Block> localRoutes() {
        List<Block> found = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(routes, StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.strip().split("\\s+");
                if (words.length >= 9 && (Long.parseLong(words[8], 16) & RTF_LOCAL) != 0) {
                    found.add(new Block(
                            Long.parseUnsignedLong(words[0], 0, 16, 16),
                            Long.parseUnsignedLong(words[0], 16, 32, 16),
                            Integer.parseInt(words[1], 16)));
                }
            }
        } catch (IOException e) {
            // Without the file there is no IPv6, or no look at it: what the bind said stands.
            return List.of();
        }
        return found;
    }
}
