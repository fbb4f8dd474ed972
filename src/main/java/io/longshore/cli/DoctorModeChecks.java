package io.longshore.cli;

import io.longshore.config.Config;
import java.util.Locale;

/** The port mode that a configuration asks for, against what this kernel can do. */
final class DoctorModeChecks {
    private static final String CHECK = "port-mode asked";
    private static final String FIX = "port-mode: auto";

    private DoctorModeChecks() {}

    static void run(DoctorHost host, Config config, DoctorFinding.Sink findings) {
        Config.Ports asked = config.ports();
        switch (asked.mode()) {
            case FULL_RANGE -> {
                if (host.features().portRangeSteps()) {
                    fits(asked, findings);
                } else {
                    String what =
                            host.features().portRange() ? "searches even ports first" : "has no IP_LOCAL_PORT_RANGE";
                    findings.warn(CHECK, "full-range is asked for, and this kernel " + what, FIX);
                }
            }
            case WINDOW -> {
                if (host.features().portRange()) {
                    fits(asked, findings);
                } else {
                    findings.fail(CHECK, "window is asked for, and this kernel has no IP_LOCAL_PORT_RANGE", FIX);
                }
            }
            case RING -> ring(host, asked, findings);
            case KERNEL ->
                findings.warn(CHECK, "kernel is asked for: the cost of connect explodes past half of the ports", FIX);
            default -> {
                // AUTO: what it takes stands in the line before.
            }
        }
    }

    private static void ring(DoctorHost host, Config.Ports asked, DoctorFinding.Sink findings) {
        String slice = asked.ringLow() + "-" + asked.ringHigh();
        boolean isReserved = host.range().reserved().nextClearBit(asked.ringLow()) > asked.ringHigh();
        boolean isOutside = asked.ringHigh() < host.range().low()
                || asked.ringLow() > host.range().high();
        if (isReserved || isOutside) {
            fits(asked, findings);
        } else {
            findings.fail(
                    CHECK,
                    "ring is asked for, and its ports " + slice
                            + " are not reserved: automatic selection takes them too",
                    "sysctl -w net.ipv4.ip_local_reserved_ports=" + slice + " (beside what stands there)");
        }
    }

    private static void fits(Config.Ports asked, DoctorFinding.Sink findings) {
        String name = asked.mode().name().toLowerCase(Locale.ROOT).replace('_', '-');
        findings.ok(CHECK, name + " is asked for, and this host can do it");
    }
}
