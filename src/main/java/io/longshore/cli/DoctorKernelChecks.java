package io.longshore.cli;

import static io.longshore.cli.DoctorFinding.number;

import io.longshore.sys.Kernel;
import io.longshore.sys.PortFeatures;
import io.longshore.sys.PortRange;
import java.util.BitSet;

/** What the kernel and the JVM are able to do, each found by trying. */
final class DoctorKernelChecks {
    /** A slice that rings can live on: fewer reserved ports in one piece were reserved for something else. */
    static final int RING_PORTS_MIN = 1_000;

    private DoctorKernelChecks() {}

    static void run(DoctorHost host, DoctorFinding.Sink findings) {
        findings.ok("kernel", "Linux " + host.version());
        findings.ok("java", "Java " + host.javaVersion());
        noPort(host.features(), findings);
        portMode(host, findings);
        socketView(host.features(), findings);
        ioUring(host, findings);
        kernelTls(host, findings);
    }

    private static void noPort(PortFeatures features, DoctorFinding.Sink findings) {
        if (features.noPort()) {
            String families = features.noPortIpv6() ? "IPv4 and IPv6" : "IPv4; not on IPv6";
            findings.ok("no-port", "IP_BIND_ADDRESS_NO_PORT works on " + families + ": endpoints share ports");
        } else {
            findings.fail(
                    "no-port",
                    "IP_BIND_ADDRESS_NO_PORT is refused: all endpoints together get one range of ports",
                    "Linux 4.2 or newer");
        }
    }

    private static void portMode(DoctorHost host, DoctorFinding.Sink findings) {
        PortFeatures features = host.features();
        String check = "port-mode";
        if (features.portRange() && features.portRangeSteps()) {
            findings.ok(check, "full-range: connect looks for ports in steps of one, its cost stays flat to the last");
            return;
        }
        if (features.portRange()) {
            findings.ok(
                    check,
                    "window: connect looks for ports in random windows (IP_LOCAL_PORT_RANGE without the"
                            + " search of Linux 6.8)");
            return;
        }
        int slice = longestRun(host.range().reserved());
        if (slice >= RING_PORTS_MIN) {
            findings.ok(
                    check,
                    "ring: no IP_LOCAL_PORT_RANGE (Linux 6.3), but " + number(slice) + " ports in one piece are"
                            + " reserved, which we can hand out ourselves");
            return;
        }
        findings.warn(
                check,
                "kernel: no IP_LOCAL_PORT_RANGE, so the cost of connect explodes past half of the ports",
                "Linux 6.8, or reserve a slice of ports for mode ring: sysctl -w" + " net.ipv4.ip_local_reserved_ports="
                        + withSlice(host.range()));
    }

    /** The reserved ports with the upper half of what is left of the range, where no listener is lost in between. */
    private static String withSlice(PortRange range) {
        BitSet wanted = (BitSet) range.reserved().clone();
        wanted.set(range.low() + range.width() / 2, range.high() + 1);
        return DoctorPortChecks.list(wanted);
    }

    static int longestRun(BitSet ports) {
        int longest = 0;
        for (int first = ports.nextSetBit(0); first >= 0; ) {
            int end = ports.nextClearBit(first);
            longest = Math.max(longest, end - first);
            first = ports.nextSetBit(end);
        }
        return longest;
    }

    private static void socketView(PortFeatures features, DoctorFinding.Sink findings) {
        findings.ok(
                "socket-view",
                features.boundSockets()
                        ? "sock_diag tells every socket, also those that are only bound"
                        : "sockets that are bound and not connected cannot be seen (Linux 6.8): a port taken so has no"
                                + " culprit");
    }

    private static void ioUring(DoctorHost host, DoctorFinding.Sink findings) {
        int result = host.kernel().ioUring();
        if (result == 0) {
            findings.ok("io-uring", "available");
            return;
        }
        // To be without is no fault: engine auto takes nio then.
        long disabled = host.proc().number("sys/kernel/io_uring_disabled", 0);
        String why = result == -Kernel.ENOSYS
                ? "this kernel has none"
                : disabled > 0
                        ? "kernel.io_uring_disabled is " + disabled + " (0 allows it)"
                        : "a sandbox forbids it (errno " + -result + ")";
        findings.ok("io-uring", "not available: " + why + "; engine auto takes nio");
    }

    private static void kernelTls(DoctorHost host, DoctorFinding.Sink findings) {
        int result = host.kernel().kernelTls();
        if (result == 0) {
            findings.ok("kernel-tls", "available");
            return;
        }
        String why = result == -Kernel.ENOENT ? "the module is not loaded (modprobe tls)" : "errno " + -result;
        findings.ok("kernel-tls", "not available: " + why + "; nothing needs it yet");
    }
}
