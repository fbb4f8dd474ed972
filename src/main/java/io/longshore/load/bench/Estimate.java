package io.longshore.load.bench;

import java.util.List;

/** How long a scenario will take: a sum of what each step is known to take, for the progress that is shown. */
final class Estimate {
    private static final double START_SECONDS = 0.3;
    private static final double JVM_START_SECONDS = 1.2;
    /** The load's own start, its connections aside. */
    private static final double LOAD_SECONDS = 0.3;

    private static final double CONNECTION_SECONDS = 100e-6;
    private static final double WEIGH_SECONDS = 0.6;
    private static final double JVM_WEIGH_SECONDS = 8;

    private Estimate() {}

    static double seconds(Scenario scenario, List<Target> targets, BenchSettings settings) {
        double seconds = 0;
        for (Target target : targets) {
            double ready = target.isProxy() ? readySeconds(target, settings) : 0;
            double once = LOAD_SECONDS + measureSeconds(scenario, target, settings);
            seconds += scenario.needsFreshProcess()
                    ? scenario.rounds() * (ready + once)
                    : ready + scenario.rounds() * once;
        }
        return seconds;
    }

    private static double readySeconds(Target target, BenchSettings settings) {
        return (target.isJvm() ? JVM_START_SECONDS : START_SECONDS)
                + LOAD_SECONDS
                + settings.firstWarmMs(target.isJvm(), ScenarioRun.FIRST_WARM_MS) / 1000.0;
    }

    private static double measureSeconds(Scenario scenario, Target target, BenchSettings settings) {
        double connecting = (scenario.option("connections") + scenario.option("hold")) * CONNECTION_SECONDS;
        if (scenario.mode() != Mode.HOLD) {
            return connecting + (scenario.warmMs() + scenario.windowMs()) / 1000.0;
        }
        double weighing = target.isJvm() && !settings.isSmoke() ? JVM_WEIGH_SECONDS : WEIGH_SECONDS;
        return connecting + (target.isProxy() ? 2 * weighing : 0);
    }
}
