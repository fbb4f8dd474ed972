package io.longshore.load.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One question and how it is answered: a file of {@code bench/scenarios}.
 *
 * @param name the file's name without its number and ending
 * @param measures what to show, the primary one first
 * @param targets in the order of a round
 * @param warmMs how long the load runs before its window, each time
 * @param windowMs how long is measured
 * @param few hold: the smaller number of tunnels, which memory is counted from; else 0
 * @param localPorts the local port range, {@code low-high}, of a network namespace of its own in which all of it
 *     happens; null for the host's network
 * @param options of the load program, by their names without the dashes
 */
record Scenario(
        String name,
        String question,
        String bound,
        Mode mode,
        List<Measure> measures,
        List<String> targets,
        int rounds,
        int warmMs,
        int windowMs,
        int few,
        String localPorts,
        Map<String, String> options) {
    Scenario {
        measures = List.copyOf(measures);
        targets = List.copyOf(targets);
        options = Map.copyOf(options);
    }

    Measure primary() {
        return measures.get(0);
    }

    /** A number among the options, or 0 where it is left out. */
    long option(String key) {
        return Long.parseLong(options.getOrDefault(key, "0"));
    }

    /** Whether the load sends as fast as it is answered, so that something must be the limit. */
    boolean isClosedLoop() {
        return switch (mode) {
            case ECHO, BULK, STORM -> option("rate") == 0;
            case HOLD, DISCONNECT, SLOW -> false;
        };
    }

    /** Whether it weighs memory: then each round has a process of its own, since one keeps what it once took. */
    boolean needsFreshProcess() {
        return mode == Mode.HOLD || mode == Mode.SLOW;
    }

    Scenario withRounds(int other) {
        return new Scenario(
                name, question, bound, mode, measures, targets, other, warmMs, windowMs, few, localPorts, options);
    }

    Scenario withTimes(int warm, int window) {
        return new Scenario(
                name, question, bound, mode, measures, targets, rounds, warm, window, few, localPorts, options);
    }

    /** The same on a scale at which nothing is measured and everything is exercised. */
    Scenario small() {
        Map<String, String> less = new TreeMap<>(options);
        less.computeIfPresent("connections", (key, text) -> atMost(text, mode == Mode.HOLD ? 60 : 20));
        less.computeIfPresent("hold", (key, text) -> atMost(text, 20));
        less.computeIfPresent("parallel", (key, text) -> atMost(text, 8));
        less.computeIfPresent("rate", (key, text) -> atMost(text, 2000));
        return new Scenario(
                name,
                question,
                bound,
                mode,
                measures,
                targets,
                rounds,
                warmMs,
                windowMs,
                Math.min(few, 20),
                localPorts,
                less);
    }

    private static String atMost(String text, long most) {
        return Long.toString(Math.min(Long.parseLong(text), most));
    }

    /** The options as a reader would repeat them. */
    List<String> settings() {
        List<String> settings = new ArrayList<>();
        settings.add("mode: " + mode.label());
        new TreeMap<>(options).forEach((key, value) -> settings.add(key + ": " + value));
        if (few > 0) {
            settings.add("few: " + few);
        }
        if (localPorts != null) {
            settings.add("local-ports: " + localPorts);
        }
        settings.add("rounds: " + rounds);
        settings.add("warm: " + warmMs + "ms");
        settings.add("window: " + windowMs + "ms");
        return settings;
    }
}
