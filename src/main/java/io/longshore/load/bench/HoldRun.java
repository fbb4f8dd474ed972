package io.longshore.load.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What idle tunnels weigh: a few are opened and the proxy is weighed, then the rest beside them, and it is weighed again. The
 * difference is the tunnels'; what the process is without them stands in both.
 */
final class HoldRun {
    private final Scenario scenario;
    private final LoadProgram load;
    private final int originCount;
    private final boolean isHasty;
    private final List<String> notes;

    /** @param isHasty whether nobody believes the numbers, so that none need settle */
    HoldRun(Scenario scenario, LoadProgram load, int originCount, boolean isHasty, List<String> notes) {
        this.scenario = scenario;
        this.load = load;
        this.originCount = originCount;
        this.isHasty = isHasty;
        this.notes = notes;
    }

    /** @param proxy a fresh one, or null for the zero line, of which only the kernel's memory is told */
    Run measure(Target target, Proxy proxy, int round) throws IOException, InterruptedException {
        int few = scenario.few();
        int rest = (int) scenario.option("connections") - few;
        try (Child origin = load.origin(originCount);
                Child first = load.hold("load-few", few, proxy, originCount)) {
            long residentFew = proxy == null ? 0 : proxy.settled(isHasty, notes);
            long slabFew = ProcessMemory.slab();
            try (Child second = load.hold("load-rest", rest, proxy, originCount)) {
                long residentAll = proxy == null ? 0 : proxy.settled(isHasty, notes);
                long slabAll = ProcessMemory.slab();
                if (!origin.isAlive() || !first.isAlive() || !second.isAlive()) {
                    throw new IOException("the load ended early" + first.logEnd() + second.logEnd());
                }
                Map<String, Double> values = new TreeMap<>();
                values.put(Measure.KERNEL_MEMORY_PER_TUNNEL.label(), (slabAll - slabFew) / (double) rest);
                if (proxy != null) {
                    values.put(Measure.USER_MEMORY_PER_TUNNEL.label(), (residentAll - residentFew) / (double) rest);
                    values.put(Measure.RESIDENT.label(), residentAll / (1024.0 * 1024.0));
                }
                return new Run(target.name(), round, values, 0, null, null);
            }
        }
    }

    /**
     * Takes the load's own sockets off the kernel's memory of a round: what direct weighs, everybody else's tunnel has at
     * its two ends. Without direct the measure is left out.
     *
     * @param first the index of the round's first run
     */
    static void takeOffDirect(List<Run> runs, int first) {
        String label = Measure.KERNEL_MEMORY_PER_TUNNEL.label();
        Double direct = null;
        for (Run run : runs.subList(first, runs.size())) {
            direct = run.target().equals(Target.DIRECT) ? run.values().get(label) : direct;
        }
        for (Run run : runs.subList(first, runs.size())) {
            Double own = run.values().remove(label);
            if (own != null && direct != null) {
                run.values().put(label, run.target().equals(Target.DIRECT) ? own : own - direct);
            }
        }
    }
}
