package io.longshore.sys;

/**
 * What the running kernel offers to whoever wants its last source port. Each is found by trying, because distributions
 * carry features back to old version numbers.
 *
 * <p><b>The level of both options is IPPROTO_IP, for sockets of AF_INET6 too.</b> At IPPROTO_IPV6 the number 24 is no
 * option, and 51 is IPV6_RECVHOPLIMIT: setting a port range there "succeeds" and does nothing for ports. So what was set
 * is read back.
 *
 * @param noPort IP_BIND_ADDRESS_NO_PORT (Linux 4.2) on sockets of AF_INET: a bind to port 0 leaves the port to connect(2),
 *     which may share it between destinations
 * @param noPortIpv6 the same on sockets of AF_INET6; false also where there is no IPv6
 * @param portRange IP_LOCAL_PORT_RANGE (Linux 6.3) on sockets of AF_INET
 * @param portRangeIpv6 the same on sockets of AF_INET6
 * @param portRangeSteps with the range set, connect(2) looks at every port from a random one on (Linux 6.8), where it
 *     otherwise looks at all even ones first: the cost of a nearly full range stays flat
 * @param boundSockets sock_diag shows sockets that are bound and no more (Linux 6.8, {@link SocketTable#BOUND_INACTIVE})
 * @param kernelRelease for people; uname(2)
 */
public record PortFeatures(
        boolean noPort,
        boolean noPortIpv6,
        boolean portRange,
        boolean portRangeIpv6,
        boolean portRangeSteps,
        boolean boundSockets,
        String kernelRelease) {
    /** The level at which both options are set, whatever the socket's family. */
    public static final int OPTION_LEVEL = Kernel.IPPROTO_IP;

    private static final long LOOPBACK_LOW = 0x0000_ffff_7f00_0001L;
    /** Any range that reads as a positive number will do for asking whether the option exists. */
    private static final int SOME_RANGE = rangeValue(20_000, 21_000);

    private static final int PAIRS = 8;
    private static final int CONNECTS_PER_PAIR = 8;

    /** Tries everything; some dozen system calls on sockets of loopback that are closed again, about a millisecond. */
    public static PortFeatures probe() {
        Sockets sockets = new Sockets();
        Proc proc = Proc.ofThisHost();
        KernelVersion kernel = KernelVersion.read(proc);
        boolean hasRange = takes(sockets, false, Kernel.IP_LOCAL_PORT_RANGE, SOME_RANGE);
        return new PortFeatures(
                takes(sockets, false, Kernel.IP_BIND_ADDRESS_NO_PORT, 1),
                takes(sockets, true, Kernel.IP_BIND_ADDRESS_NO_PORT, 1),
                hasRange,
                takes(sockets, true, Kernel.IP_LOCAL_PORT_RANGE, SOME_RANGE),
                hasRange && stepsByOne(sockets, PortRange.read(proc), kernel),
                showsBoundSockets(sockets),
                kernel.toString());
    }

    /**
     * The value of IP_LOCAL_PORT_RANGE for these ports, both inclusive; each may be 0 for the end of the namespace's own
     * range, which the kernel clamps the value to in any case.
     */
    public static int rangeValue(int low, int high) {
        return high << 16 | low;
    }

    private static boolean takes(Sockets sockets, boolean ipv6, int name, int value) {
        int fd = sockets.open(ipv6);
        if (fd < 0) {
            return false;
        }
        boolean isTaken = sockets.setOption(fd, OPTION_LEVEL, name, value) == 0
                && sockets.getOption(fd, OPTION_LEVEL, name) == value;
        sockets.close(fd);
        return isTaken;
    }

    /**
     * Whether connections out of a range of two ports get both. Before 6.8 the lower one, of the even half, is always
     * looked at first, and it is free again each time: only the newer search ever arrives at the upper one. A port that
     * somebody else holds hides one of the two, hence several pairs; where loopback is not to be used, the version
     * decides.
     */
    private static boolean stepsByOne(Sockets sockets, PortRange range, KernelVersion kernel) {
        boolean isNewEnough = kernel.isAtLeast(6, 8);
        SockAddr local = new SockAddr();
        int listener = sockets.open(false);
        if (listener < 0) {
            return isNewEnough;
        }
        try {
            if (range.width() < 4 * PAIRS
                    || sockets.bind(listener, 0, LOOPBACK_LOW, 0) < 0
                    || sockets.listen(listener, PAIRS * CONNECTS_PER_PAIR) < 0
                    || sockets.localAddress(listener, local) < 0) {
                return isNewEnough;
            }
            int listening = local.port();
            for (int pair = 0; pair < PAIRS; pair++) {
                int low = range.low() + range.width() / PAIRS * pair;
                int seen = 0;
                for (int i = 0; i < CONNECTS_PER_PAIR; i++) {
                    int port = portOfConnect(sockets, low, listening, local);
                    seen |= port == low ? 1 : port == low + 1 ? 2 : 0;
                }
                if (seen == 3) {
                    return true;
                }
            }
            // Where others hold one port of every pair nothing was found out; kernels that have it had it since then.
            return isNewEnough;
        } finally {
            sockets.close(listener);
        }
    }

    private static int portOfConnect(Sockets sockets, int low, int listening, SockAddr local) {
        int fd = sockets.open(false);
        if (fd < 0) {
            return fd;
        }
        sockets.setOption(fd, OPTION_LEVEL, Kernel.IP_LOCAL_PORT_RANGE, rangeValue(low, low + 1));
        int connected = sockets.connect(fd, 0, LOOPBACK_LOW, listening);
        // The port is chosen within the call, however the handshake goes on. A reset leaves no TIME_WAIT on it.
        boolean hasPort = connected == 0 || connected == -Kernel.EINPROGRESS;
        int port = hasPort && sockets.localAddress(fd, local) == 0 ? local.port() : -1;
        sockets.resetOnClose(fd);
        sockets.close(fd);
        return port;
    }

    private static boolean showsBoundSockets(Sockets sockets) {
        SockAddr local = new SockAddr();
        int fd = sockets.open(false);
        if (fd < 0) {
            return false;
        }
        try {
            if (sockets.bind(fd, 0, LOOPBACK_LOW, 0) < 0 || sockets.localAddress(fd, local) < 0) {
                return false;
            }
            BoundSearch search = new BoundSearch(local.port());
            return new SocketTable().visit(SocketTable.mask(SocketTable.BOUND_INACTIVE), search) > 0 && search.isFound;
        } finally {
            sockets.close(fd);
        }
    }

    private static final class BoundSearch implements SocketTable.Visitor {
        private final int port;
        private boolean isFound;

        private BoundSearch(int port) {
            this.port = port;
        }

        @Override
        public void begin() {
            isFound = false;
        }

        @Override
        public void socket(
                int state,
                long localHigh,
                long localLow,
                int localPort,
                long remoteHigh,
                long remoteLow,
                int remotePort,
                long inode,
                int uid) {
            isFound |= localLow == LOOPBACK_LOW && localPort == port;
        }
    }
}
