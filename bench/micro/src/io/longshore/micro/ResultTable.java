package io.longshore.micro;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/**
 * The table of a run in Markdown: a row as soon as a benchmark is through, and at the end the differences between the
 * benchmarks {@code x} and {@code xPeersAlone}. The best of a benchmark's iterations stands beside their mean: the one
 * that other work on the machine disturbed least. What else JMH has to say goes to its own format.
 */
final class ResultTable implements OutputFormat {
    private static final String PEERS_ALONE = "PeersAlone";
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private record Row(double ns, double errorNs, double bestNs, double bound, double allocated) {}

    private final PrintStream out;
    private final OutputFormat log;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, Row> rows = new LinkedHashMap<>();

    /**
     * @param out where the rows are shown
     * @param log takes what JMH says
     */
    ResultTable(PrintStream out, OutputFormat log) {
        this.out = out;
        this.log = log;
    }

    /** The whole table so far. */
    String text() {
        return text.toString();
    }

    @Override
    public void startRun() {
        log.startRun();
        line(String.format(
                "| %-45s | %7s | %8s | %7s | %7s | %6s |", "benchmark", "ns/op", "+- 99.9%", "best", "bound", "B/op"));
        line("|" + "-".repeat(47) + "|--------:|---------:|--------:|--------:|-------:|");
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        log.endBenchmark(result);
        if (result != null) {
            Result<?> time = result.getPrimaryResult();
            String benchmark = result.getParams().getBenchmark();
            double allocated = result.getSecondaryResults().get(ALLOCATED).getScore();
            double best = time.getStatistics().getMin();
            row(nameOf(benchmark), new Row(time.getScore(), time.getScoreError(), best, boundOf(benchmark), allocated));
        }
    }

    @Override
    public void endRun(Collection<RunResult> results) {
        log.endRun(results);
        for (String name : rows.keySet().toArray(new String[0])) {
            Row peers = rows.get(name + PEERS_ALONE);
            if (peers != null) {
                Row whole = rows.get(name);
                row(
                        name + " less its peers",
                        new Row(
                                whole.ns - peers.ns,
                                Math.hypot(whole.errorNs, peers.errorNs),
                                whole.bestNs - peers.bestNs,
                                whole.bound - peers.bound,
                                Math.max(0, whole.allocated - peers.allocated)));
            }
        }
    }

    private void row(String name, Row row) {
        rows.put(name, row);
        line(String.format(
                Locale.ROOT,
                "| %-45s | %7s | %8s | %7s | %7s | %6.1f |",
                name,
                number(row.ns),
                number(row.errorNs),
                number(row.bestNs),
                number(row.bound),
                row.allocated));
    }

    private void line(String line) {
        out.println(line);
        text.append(line).append('\n');
    }

    /** Three digits that mean something. */
    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.1f" : "%.0f", value);
    }

    /** Class and method: as it stands in the table, it is a pattern that finds the benchmark. */
    private static String nameOf(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        int type = benchmark.lastIndexOf('.', method - 1);
        return benchmark.substring(type + 1);
    }

    private static double boundOf(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        try {
            for (Method each : Class.forName(benchmark.substring(0, method)).getMethods()) {
                if (each.getName().equals(benchmark.substring(method + 1))) {
                    return each.getAnnotation(Bound.class).value();
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("no such benchmark: " + benchmark);
    }

    // ---- For the log alone.

    @Override
    public void startBenchmark(BenchmarkParams params) {
        log.startBenchmark(params);
    }

    @Override
    public void iteration(BenchmarkParams params, IterationParams iteration, int number) {
        log.iteration(params, iteration, number);
    }

    @Override
    public void iterationResult(BenchmarkParams params, IterationParams iteration, int number, IterationResult result) {
        log.iterationResult(params, iteration, number, result);
    }

    @Override
    public void print(String message) {
        log.print(message);
    }

    @Override
    public void println(String message) {
        log.println(message);
    }

    @Override
    public void verbosePrintln(String message) {
        log.verbosePrintln(message);
    }

    @Override
    public void write(int octet) {
        log.write(octet);
    }

    @Override
    public void write(byte[] octets) throws IOException {
        log.write(octets);
    }

    @Override
    public void flush() {
        log.flush();
    }

    @Override
    public void close() {
        log.close();
    }
}
