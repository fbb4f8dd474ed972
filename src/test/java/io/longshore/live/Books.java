package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longshore.lab.Await;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterSnapshot;
import io.longshore.metrics.PortRow;
import io.longshore.metrics.PortSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a proxy says about itself, as an operator sees it: its counter file and its access log. */
class Books {
    private final Path counters;
    private final Path accessLog;
    private int linesTaken;

    /**
     * The books of one proxy.
     *
     * @param counters the directory of its counter file
     */
    Books(Path counters, Path accessLog) {
        this.counters = counters;
        this.accessLog = accessLog;
    }

    /** Its counter file, as it is now. */
    CounterSnapshot snapshot() {
        try {
            return CounterSnapshot.read(counters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its account of tuples, as it is now. */
    List<PortRow> ports() {
        try {
            return PortSnapshot.read(counters).rows();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The directory of its counter files. */
    Path counters() {
        return counters;
    }

    /** Waits until so many tuples are live and so many held by the kernel after a close, over all rows. */
    void awaitTuples(long live, long held) {
        Await.until(
                () -> {
                    List<PortRow> rows = ports();
                    long heldNow = rows.stream().mapToLong(PortRow::held).sum();
                    long takenNow = rows.stream().mapToLong(PortRow::taken).sum();
                    return heldNow == held && takenNow == live + held;
                },
                "an account of " + live + " live and " + held + " held tuples");
    }

    /** A number over all loops, as it is now. */
    long counter(Counter counter) {
        return snapshot().total(counter);
    }

    /** How many connections have ended for this reason. */
    long closed(CloseReason reason) {
        return snapshot().total("close-reasons", reason.label());
    }

    /** How many attempts to connect have ended so, {@code "connected"} for instance. */
    long dialed(String outcome) {
        return snapshot().total("dial-outcomes", outcome);
    }

    /** Waits until a number has this value. */
    void await(Counter counter, long value) {
        Await.until(() -> counter(counter) == value, counter.label() + " = " + value);
    }

    /**
     * Waits until the loop has gone through so many more busy cycles, or is asleep: then it has read what the test's
     * peers had sent before. Only a guess of the scheduler's making where nothing else tells; no test relies on it alone.
     */
    void awaitCycles(int count) {
        long before = counter(Counter.LOOP_BUSY_CYCLES);
        long[] looks = {0};
        Await.until(
                () -> counter(Counter.LOOP_BUSY_CYCLES) - before >= count || looks[0]++ > 10, "the loop goes round");
    }

    /** Waits until so many connections have ended for this reason. */
    void awaitClosed(CloseReason reason, long count) {
        Await.until(() -> closed(reason) >= count, count + " x " + reason.label());
    }

    /** All access lines so far, each as its keys and values. */
    List<Map<String, String>> lines() {
        try {
            String text = Files.readString(accessLog, StandardCharsets.UTF_8);
            // The last line may be half written.
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(Books::pairs)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the access line of the next connection that ends; each is returned once. */
    Map<String, String> nextLine() {
        Await.until(() -> lines().size() > linesTaken, "access line " + (linesTaken + 1));
        return lines().get(linesTaken++);
    }

    /** Waits for the next connection to end, which must be for this reason; returns its access line. */
    Map<String, String> nextEnds(CloseReason reason) {
        Map<String, String> line = nextLine();
        assertEquals(reason.label(), line.get("reason"), () -> "the reason in " + line);
        return line;
    }

    /** The pairs of a logfmt line. Our own values have no quotes in these tests, so that splitting is reading. */
    private static Map<String, String> pairs(String line) {
        Map<String, String> pairs = new HashMap<>();
        for (String pair : line.split(" ")) {
            int equals = pair.indexOf('=');
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return pairs;
    }

    /** Holds that every accepted connection has one reason and one line, and that none of our own code has failed. */
    void areBalanced(CounterSnapshot last) {
        assertEquals(0, last.total(Counter.SESSION_FAULTS), "faults of our own");
        assertEquals(0, last.total(Counter.ACCESS_LINES_DROPPED), "dropped access lines");
        Map<String, Long> byReason = new HashMap<>();
        lines().forEach(line -> byReason.merge(line.get("reason"), 1L, Long::sum));
        long reasons = 0;
        for (CloseReason reason : CloseReason.values()) {
            long count = last.total("close-reasons", reason.label());
            assertEquals(byReason.getOrDefault(reason.label(), 0L), count, () -> "access lines of " + reason.label());
            reasons += count;
        }
        assertEquals(last.total(Counter.CONNECTIONS_ACCEPTED), reasons, "one reason for each connection");
    }
}
