package io.longshore.control;

import io.longshore.config.Config;
import io.longshore.origin.PortMode;
import io.longshore.origin.PortSettings;
import io.longshore.sys.PortFeatures;
import io.longshore.sys.PortRange;
import io.longshore.sys.Proc;
import java.util.BitSet;

/** How ports are found on this host, and which there are: what the configuration asks for, and what the kernel can do. */
public final class PortChoice {
    private PortChoice() {}

    /** What the configuration asks for, on this host. */
    public static PortSettings of(Config config) {
        PortFeatures features = PortFeatures.probe();
        PortRange range = PortRange.read(Proc.ofThisHost());
        Config.Ports asked = config.ports();
        boolean hasRing = asked.ringLow() > 0 && isReserved(range, asked.ringLow(), asked.ringHigh());
        PortMode mode = switch (asked.mode()) {
            case FULL_RANGE -> PortMode.FULL_RANGE;
            case WINDOW -> PortMode.WINDOW;
            case KERNEL -> PortMode.KERNEL;
            case RING -> PortMode.RING;
            case AUTO -> best(features, hasRing);
        };
        if (mode == PortMode.RING) {
            if (!hasRing) {
                Log.warn(
                        "ring-not-reserved",
                        "ports",
                        asked.ringLow() + "-" + asked.ringHigh(),
                        "fix",
                        "sysctl -w net.ipv4.ip_local_reserved_ports=" + asked.ringLow() + "-" + asked.ringHigh());
            }
            return new PortSettings(mode, asked.ringLow(), asked.ringHigh(), new BitSet());
        }
        if (mode == PortMode.KERNEL) {
            Log.warn(
                    "port-mode-kernel",
                    "reason",
                    "connects get slow past half of a source's ports on this kernel",
                    "kernel",
                    features.kernelRelease());
        }
        return new PortSettings(mode, range.low(), range.high(), range.reserved());
    }

    private static PortMode best(PortFeatures features, boolean hasRing) {
        if (features.portRangeSteps()) {
            return PortMode.FULL_RANGE;
        }
        if (features.portRange()) {
            return PortMode.WINDOW;
        }
        return hasRing ? PortMode.RING : PortMode.KERNEL;
    }

    private static boolean isReserved(PortRange range, int low, int high) {
        return range.reserved().nextClearBit(low) > high || high < range.low() || low > range.high();
    }
}
