package io.longshore.load.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;

/** A result like those of a whole benchmark: several targets and rounds, void and faulty runs, histograms. Invented. */
public final class SampleResult {
    private static final int ROUNDS = 3;
    private static final String LOAD_LIMIT = "the load's core was 100 % busy and the proxy's 81 %";

    // The numbers are drawn from a fixed seed, so that every test sees the same.
    private final Random random = new Random(11);
    private final List<Run> runs = new ArrayList<>();

    private SampleResult() {}

    /** Seven targets, six scenarios. */
    public static Result whole() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("kernel", "6.18.5");
        environment.put("CPU", "Intel(R) Xeon(R) Processor");
        environment.put("CPUs", "2");
        environment.put("memory", "15.6 GiB");
        environment.put("mitigations", "spectre_v1: Mitigation: usercopy/swapgs barriers; vmscape: Not affected");
        environment.put("JDK of the proxy", "17.0.16+8, -XX:+UseSerialGC -XX:ReservedCodeCacheSize=32m");
        environment.put("haproxy", "2.6.12-1+deb12u2");
        environment.put("nginx", "1.22.1");
        environment.put("net.ipv4.ip_local_port_range", "32768 60999");
        environment.put("net.ipv4.tcp_rmem", "4096 131072 6291456");
        return new Result(
                "2026-11-22T10:15:30+01:00",
                "longshore bench --rounds 3 --proxy-cpu 0 --load-cpu 1",
                environment,
                List.of(small(), rate(), bulk(), hold(), storm(), broken()));
    }

    private static ScenarioResult small() {
        SampleResult sample = new SampleResult();
        sample.echo("haproxy", 117, 4.25);
        sample.echo("nginx", 154, 3.25);
        sample.echo("nginx-64k", 151, 3.31);
        sample.echo("longshore", 147, 3.38);
        sample.echo("longshore-uring", 161, 3.08);
        sample.voidRounds("longshore-uring", 2);
        sample.direct(309);
        return sample.scenario(
                "small-100",
                "How many 128-byte messages does one core relay over 100 busy connections?",
                "An echo is four system calls of about 1.6 us: 1 / 6.4 us = 156 thousand echoes a second.",
                Measure.THROUGHPUT,
                Measure.CPU_PER_MESSAGE,
                Measure.P50,
                Measure.P99,
                Measure.PROXY_CORE_BUSY,
                Measure.LOAD_BUSY);
    }

    private static ScenarioResult rate() {
        SampleResult sample = new SampleResult();
        sample.latency("direct", 21, 38);
        sample.latency("haproxy", 44, 171);
        sample.latency("nginx", 39, 128);
        sample.latency("longshore", 41, 139);
        sample.latency("longshore-uring", 36, 118);
        return sample.scenario(
                "rate-50k",
                "What does a message wait for at 50,000 a second on 100 connections?",
                "50,000 x 3.3 us = 17 % of the core: the queue is short, and p99 is what interrupts it.",
                Measure.P99,
                Measure.P50,
                Measure.P999,
                Measure.CPU_PER_MESSAGE);
    }

    private static ScenarioResult bulk() {
        SampleResult sample = new SampleResult();
        for (int round = 1; round <= ROUNDS; round++) {
            sample.run("haproxy", round, null, Measure.CPU_PER_GB, 704, Measure.BANDWIDTH, 1.42);
            sample.run("haproxy-splice", round, null, Measure.CPU_PER_GB, 282, Measure.BANDWIDTH, 3.41);
            sample.run("nginx", round, null, Measure.CPU_PER_GB, 1013, Measure.BANDWIDTH, 0.98);
            sample.run("nginx-64k", round, null, Measure.CPU_PER_GB, 588, Measure.BANDWIDTH, 1.69);
            sample.run("longshore", round, LOAD_LIMIT, Measure.CPU_PER_GB, 407, Measure.BANDWIDTH, 2.31);
            sample.run("direct", round, null, Measure.BANDWIDTH, 5.12);
        }
        return sample.scenario(
                "bulk-oneway-16",
                "What does a GB cost in one direction, in writes of 64 KiB on 16 connections?",
                "Two copies at about 8 GB a second and the calls: 250 to 400 ms; splice saves one copy and a half.",
                Measure.CPU_PER_GB,
                Measure.BANDWIDTH);
    }

    private static ScenarioResult hold() {
        SampleResult sample = new SampleResult();
        for (int round = 1; round <= ROUNDS; round++) {
            sample.hold("haproxy", round, 5530, 71.2);
            sample.hold("nginx", round, 18_432, 180.4);
            sample.hold("longshore", round, 2890, 84.9);
            sample.hold("longshore-uring", round, 2210, 79.3);
        }
        return sample.scenario(
                "idle-hold",
                "What does an idle tunnel hold in memory?",
                "A slot of 200 bytes, two objects of the JDK's sockets at 700 each, and no buffer: below 3 KiB.",
                Measure.USER_MEMORY_PER_TUNNEL,
                Measure.KERNEL_MEMORY_PER_TUNNEL,
                Measure.RESIDENT);
    }

    private static ScenarioResult storm() {
        SampleResult sample = new SampleResult();
        for (int round = 1; round <= ROUNDS; round++) {
            sample.run("haproxy", round, null, Measure.CPU_PER_HANDSHAKE, 41.2, Measure.HANDSHAKES, 23_900);
            sample.run("nginx", round, null, Measure.CPU_PER_HANDSHAKE, 49.4, Measure.HANDSHAKES, 20_050);
            sample.run("longshore", round, null, Measure.CPU_PER_HANDSHAKE, 49.6, Measure.HANDSHAKES, 19_900);
        }
        return sample.scenario(
                "storm",
                "What does a handshake cost, when everybody reconnects at once?",
                "Eleven system calls, two of them connects on loopback: 25 us in C.",
                Measure.CPU_PER_HANDSHAKE,
                Measure.HANDSHAKES);
    }

    /** Nothing here can be compared: nginx was faulty in one round, and void in the others. */
    private static ScenarioResult broken() {
        SampleResult sample = new SampleResult();
        for (int round = 1; round <= ROUNDS; round++) {
            sample.run("nginx", round, LOAD_LIMIT, Measure.THROUGHPUT, 160);
            sample.run("longshore", round, null, Measure.THROUGHPUT, 158);
            sample.run("longshore-uring", round, LOAD_LIMIT, Measure.THROUGHPUT, 201);
        }
        sample.fault("nginx", 1, 17);
        sample.fault("longshore", 3, 1);
        ScenarioResult scenario = sample.scenario(
                "pipelined-16",
                "What is left of the cost when 16 messages are in flight on every connection?",
                "The calls are shared by up to 16 messages: the copy remains.",
                Measure.THROUGHPUT);
        return withNotes(scenario, List.of("haproxy-splice was not run: this build has no splice"));
    }

    static ScenarioResult withNotes(ScenarioResult scenario, List<String> notes) {
        return new ScenarioResult(
                scenario.name(),
                scenario.question(),
                scenario.bound(),
                scenario.primary(),
                scenario.measures(),
                scenario.settings(),
                scenario.runs(),
                notes);
    }

    private void echo(String target, double throughput, double cpu) {
        for (int round = 1; round <= ROUNDS; round++) {
            double rate = vary(throughput);
            double p50 = 100_000 / rate;
            Histogram histogram = histogram(p50, p50 * 1.8);
            add(
                    target,
                    round,
                    values(
                            Measure.THROUGHPUT,
                            rate,
                            Measure.CPU_PER_MESSAGE,
                            vary(cpu),
                            Measure.P50,
                            histogram.getValueAtPercentile(50) / 1000.0,
                            Measure.P99,
                            histogram.getValueAtPercentile(99) / 1000.0,
                            Measure.PROXY_CORE_BUSY,
                            0.995,
                            Measure.LOAD_BUSY,
                            vary(0.84)),
                    null,
                    histogram);
        }
    }

    private void direct(double throughput) {
        for (int round = 1; round <= ROUNDS; round++) {
            run("direct", round, null, Measure.THROUGHPUT, throughput, Measure.LOAD_BUSY, 0.99);
        }
    }

    private void latency(String target, double p50, double p99) {
        for (int round = 1; round <= ROUNDS; round++) {
            Histogram histogram = histogram(vary(p50), vary(p99));
            Map<String, Double> values = values(
                    Measure.P50, histogram.getValueAtPercentile(50) / 1000.0,
                    Measure.P99, histogram.getValueAtPercentile(99) / 1000.0,
                    Measure.P999, histogram.getValueAtPercentile(99.9) / 1000.0);
            if (!target.equals("direct")) {
                values.put(Measure.CPU_PER_MESSAGE.label(), vary(3.4));
            }
            add(target, round, values, null, histogram);
        }
    }

    private void hold(String target, int round, double user, double resident) {
        run(
                target,
                round,
                null,
                Measure.USER_MEMORY_PER_TUNNEL,
                user,
                Measure.KERNEL_MEMORY_PER_TUNNEL,
                4820,
                Measure.RESIDENT,
                resident);
    }

    private void run(String target, int round, String voidReason, Object... measuresAndMeans) {
        Map<String, Double> values = values(measuresAndMeans);
        values.replaceAll((label, mean) -> vary(mean));
        add(target, round, values, voidReason, null);
    }

    private static Map<String, Double> values(Object... measuresAndValues) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < measuresAndValues.length; i += 2) {
            values.put(((Measure) measuresAndValues[i]).label(), ((Number) measuresAndValues[i + 1]).doubleValue());
        }
        return values;
    }

    private double vary(double mean) {
        return mean * (1 + 0.012 * Math.max(-2, Math.min(2, random.nextGaussian())));
    }

    /** A skewed latency in nanoseconds that has about this median and 99th percentile, given in microseconds. */
    private Histogram histogram(double p50, double p99) {
        Histogram histogram = new Histogram(3);
        double sigma = Math.log(p99 / p50) / 2.33;
        for (int i = 0; i < 20_000; i++) {
            double stall = i % 4000 == 0 ? 900 : 0;
            histogram.recordValue((long) (1000 * (p50 * Math.exp(sigma * random.nextGaussian()) + stall)));
        }
        return histogram;
    }

    static String encoded(Histogram histogram) {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }

    private void add(String target, int round, Map<String, Double> values, String voidReason, Histogram histogram) {
        String encoded = histogram == null ? null : encoded(histogram);
        runs.add(new Run(target, round, values, 0, voidReason, encoded));
    }

    private void voidRounds(String target, int upTo) {
        runs.replaceAll(run -> run.target().equals(target) && run.round() <= upTo
                ? new Run(target, run.round(), run.values(), 0, LOAD_LIMIT, run.histogram())
                : run);
    }

    private void fault(String target, int round, long faults) {
        runs.replaceAll(run -> run.target().equals(target) && run.round() == round
                ? new Run(target, round, run.values(), faults, run.voidReason(), run.histogram())
                : run);
    }

    private ScenarioResult scenario(String name, String question, String bound, Measure... measures) {
        return new ScenarioResult(
                name,
                question,
                bound,
                measures[0].label(),
                Arrays.stream(measures).map(Measure::label).toList(),
                List.of("mode: echo", "connections: 100", "payload: 128", "depth: 1", "warm: 3s", "window: 5s"),
                runs,
                List.of());
    }
}
