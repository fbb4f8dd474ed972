package io.longshore.cli;

import io.longshore.sys.KernelFeatures;
import io.longshore.sys.KernelVersion;
import io.longshore.sys.Limits;
import io.longshore.sys.LocalAddresses;
import io.longshore.sys.PortFeatures;
import io.longshore.sys.PortRange;
import io.longshore.sys.Proc;
import io.longshore.sys.SocketTable;
import java.lang.management.ManagementFactory;
import java.util.BitSet;

/**
 * Everything that the doctor knows about a host, gathered before the first check: the checks are functions of it.
 *
 * @param proc for the single values under {@code /proc}
 * @param features what the kernel's sockets offer for ports
 * @param kernel what else it offers
 * @param descriptors this process's limit
 * @param memoryBytes what processes may still take: the host's available memory, or a container's limit if that is less
 * @param listeners the TCP ports that somebody listens on in this network namespace
 * @param isLocal whether an address is this host's own
 * @param javaVersion of the JVM that runs this
 */
record DoctorHost(
        Proc proc,
        PortFeatures features,
        KernelFeatures kernel,
        Limits descriptors,
        long memoryBytes,
        BitSet listeners,
        LocalCheck isLocal,
        Runtime.Version javaVersion) {
    /** {@link LocalAddresses#check}. */
    interface LocalCheck {
        /** 0 if the address is local, a negated errno if not. */
        int check(long high, long low);
    }

    /** This host, as the network namespace of this process has it. */
    static DoctorHost ofThisHost() {
        Proc proc = Proc.ofThisHost();
        return new DoctorHost(
                proc,
                PortFeatures.probe(),
                KernelFeatures.probe(),
                Limits.ofDescriptors(),
                Math.min(availableBytes(proc), containerBytes()),
                listeningPorts(),
                new LocalAddresses()::check,
                Runtime.version());
    }

    /** The ports that the kernel hands out by itself now. */
    PortRange range() {
        return PortRange.read(proc);
    }

    /** The kernel's release. */
    KernelVersion version() {
        return KernelVersion.parse(features.kernelRelease());
    }

    /** MemAvailable of {@code /proc/meminfo}, in bytes; {@link Long#MAX_VALUE} if it does not say. */
    static long availableBytes(Proc proc) {
        String text = proc.text("meminfo");
        for (String line : text == null ? new String[0] : text.split("\n")) {
            String[] words = line.split("\\s+");
            if (words[0].equals("MemAvailable:") && words.length >= 2) {
                return Long.parseLong(words[1]) * 1024;
            }
        }
        return Long.MAX_VALUE;
    }

    /** The JDK knows the limits of control groups, version 1 and 2. Without one this is the host's whole memory. */
    private static long containerBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean host
                ? host.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    private static BitSet listeningPorts() {
        BitSet ports = new BitSet(65_536);
        new SocketTable().visit(SocketTable.mask(SocketTable.LISTEN), new SocketTable.Visitor() {
            @Override
            public void begin() {
                ports.clear();
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
                ports.set(localPort);
            }
        });
        return ports;
    }
}
