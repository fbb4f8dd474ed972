package io.longshore.load.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the command line says about a run of the benchmark.
 *
 * @param command the command line itself, for the report
 * @param only names of the scenarios to run; empty for all
 * @param targets names of the targets to run; empty for all
 * @param isSmoke whether everything is to be tiny
 * @param rounds instead of the scenarios' own, or 0
 * @param warmMs instead of the scenarios' own, or -1
 * @param windowMs instead of the scenarios' own, or -1
 * @param firstWarmMs how long a JVM is warmed before the first round
 * @param load the load program
 * @param programs the peers' programs by their names in the targets' commands
 * @param results the folder that the folder of this run is made in
 * @param network where the addresses are taken from, its first two numbers: {@code 127.2}
 * @param port the first of the ports: the origin's, then one for each target
 */
public record BenchSettings(
        String command,
        List<String> only,
        List<String> targets,
        boolean isSmoke,
        int rounds,
        int warmMs,
        int windowMs,
        int firstWarmMs,
        Path load,
        Map<String, String> programs,
        Path scenarios,
        Path peers,
        Path results,
        int proxyCpu,
        int loadCpu,
        String network,
        int port) {
    /** How many addresses the origin has, where a scenario wants no single one. */
    static final int ORIGINS = 4;

    public BenchSettings {
        only = List.copyOf(only);
        targets = List.copyOf(targets);
        programs = Map.copyOf(programs);
    }

    /** The first addresses that the origin listens on, as the load takes them. */
    String originRange(int count) {
        return network + ".0.1" + (count == 1 ? "" : "-" + network + ".0." + count);
    }

    /** The addresses that clients connect from: enough that their ports are never what is short. */
    String clientRange() {
        return network + ".1.1-" + network + ".1.16";
    }

    /** The first endpoints of the origin, {@code address:port}. */
    List<String> origins(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> network + ".0." + number + ":" + port)
                .toList();
    }

    String proxyAddress() {
        return network + ".2.1";
    }

    /** The port that a target listens on; {@code index} counts from 0. */
    int proxyPort(int index) {
        return port + 1 + index;
    }

    /** How long a target is warmed before the first round. */
    int firstWarmMs(boolean isJvm, int otherwiseMs) {
        return isJvm ? firstWarmMs : Math.min(firstWarmMs, otherwiseMs);
    }
}
