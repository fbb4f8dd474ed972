package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.metrics.CloseReason;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterFile;
import io.longshore.metrics.CounterSnapshot;
import io.longshore.metrics.Counters;
import io.longshore.metrics.DialOutcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class StatCommandTest {
    private static final long PID = ProcessHandle.current().pid();

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void showsTotalsAndAColumnPerLoop() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 2)) {
            fill(file.block(0));
            file.block(1).add(Counter.CONNECTIONS_ACCEPTED, 3);
            file.block(1).closed(CloseReason.IDLE_TIMEOUT);

            assertEquals(0, run("--counters", folder.resolve("1").toString()));
        }
        assertTrue(out.toString().contains("""
                counters                                 total        loop 0        loop 1
                  connections-accepted                   1,237         1,234             3
                """));
        List<String> lines = out.toString().lines().map(StatCommandTest::folded).toList();
        assertTrue(lines.get(0).matches("longshore pid " + PID + ", up \\d+s, 2 loops"), lines.get(0));
        assertEquals("", lines.get(1));
        assertEquals("counters total loop 0 loop 1", lines.get(2));
        assertEquals("connections-accepted 1,237 1,234 3", lines.get(3));
        assertTrue(lines.contains("client-bytes-in 3.00 MiB 3.00 MiB 0 B"));
        assertTrue(lines.contains("loop-cycle-max-ns 20.00 ms 20.00 ms 0 ns"));
        int reasons = lines.indexOf("close reasons total loop 0 loop 1");
        assertEquals("idle-timeout 3 2 1", lines.get(reasons + 1));
        assertEquals("no-route 1 1 0", lines.get(reasons + 2));
        assertEquals("", lines.get(reasons + 3));
        assertEquals("connected 2 2 0", lines.get(reasons + 5));
        assertTrue(lines.contains("cycle times, mean 10.01 ms total loop 0 loop 1"));
        assertTrue(lines.contains("up to 16us 1 1 0"));
        assertTrue(lines.contains("more 1 1 0"));
    }

    @Test
    void showsOnlyTotalsOfManyLoopsUnlessAsked() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 9)) {
            assertEquals(0, run("--counters", file.directory().toString()));
            assertFalse(out.toString().contains("loop 8"));
            assertEquals(0, run("--counters", file.directory().toString(), "--loops"));
            assertTrue(out.toString().contains("loop 8"));
        }
    }

    @Test
    void printsOneStrictJsonObjectWithEveryKey() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 2)) {
            fill(file.block(0));
            file.block(1).add(Counter.CLIENT_BYTES_IN, 1);
            assertEquals(0, run("--json", "--counters", file.directory().toString()));
        }
        assertEquals(1, out.toString().lines().count());
        Map<String, Object> json = object(new StrictJson(out.toString().strip()).value());
        assertEquals(
                List.of(
                        "pid",
                        "running",
                        "started",
                        "time",
                        "loops",
                        "counters",
                        "cycle-times",
                        "close-reasons",
                        "dial-outcomes",
                        "per-loop"),
                List.copyOf(json.keySet()));
        assertEquals(Long.toString(PID), json.get("pid"));
        assertEquals("true", json.get("running"));
        assertEquals("2", json.get("loops"));
        assertEquals("1234", object(json.get("counters")).get("connections-accepted"));
        assertEquals("3145729", object(json.get("counters")).get("client-bytes-in"));
        assertEquals(Counter.values().length, object(json.get("counters")).size());
        assertEquals(
                CloseReason.values().length, object(json.get("close-reasons")).size());
        assertEquals("2", object(json.get("close-reasons")).get("idle-timeout"));
        assertEquals(
                DialOutcome.values().length, object(json.get("dial-outcomes")).size());
        List<?> perLoop = (List<?>) json.get("per-loop");
        assertEquals(2, perLoop.size());
        assertEquals("1", object(object(perLoop.get(1)).get("counters")).get("client-bytes-in"));
    }

    @Test
    void watchHasRatesFromTheSecondLookOn() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 1)) {
            assertEquals(
                    0,
                    run(
                            "--json",
                            "--watch",
                            "0.001",
                            "--count",
                            "3",
                            "--counters",
                            file.directory().toString()));
            List<String> lines = out.toString().lines().toList();
            assertEquals(3, lines.size());
            assertFalse(object(new StrictJson(lines.get(0)).value()).containsKey("rates"));
            Map<String, Object> rates =
                    object(object(new StrictJson(lines.get(2)).value()).get("rates"));
            assertEquals("0.000", object(rates.get("counters")).get("connections-accepted"));
            assertFalse(object(rates.get("counters")).containsKey("tunnels-active"), "a gauge has no rate");

            assertEquals(
                    0,
                    run(
                            "--watch",
                            "0.001",
                            "--count",
                            "2",
                            "--counters",
                            file.directory().toString()));
            assertTrue(out.toString().contains("total    per second\n"), out.toString());
        }
    }

    @Test
    void aRateIsTheGrowthASecond() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 1)) {
            var before = CounterSnapshot.read(file.directory());
            file.block(0).add(Counter.CONNECTIONS_ACCEPTED, 50);
            file.block(0).add(Counter.CLIENT_BYTES_IN, 1 << 20);
            file.block(0).set(Counter.TUNNELS_ACTIVE, 5);
            var now = CounterSnapshot.read(file.directory());

            StatView view = new StatView(now, before, 0.5, now.startedMs() + 93_784_000, "ring");
            List<String> lines = StatTable.text(view, false)
                    .lines()
                    .map(StatCommandTest::folded)
                    .toList();

            assertEquals("longshore pid " + PID + ", up 1d2h, 1 loop, port mode ring", lines.get(0));
            assertTrue(lines.contains("connections-accepted 50 100"), lines.toString());
            assertTrue(lines.contains("client-bytes-in 1.00 MiB 2.00 MiB"), lines.toString());
            assertTrue(lines.contains("tunnels-active 5"), lines.toString());
        }
    }

    @Test
    void findsTheOnlyRunningProcess() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve(Long.toString(PID)), 1)) {
            leaveDead("4194304000");
            assertEquals(0, run());
            assertTrue(out.toString().startsWith("longshore pid " + PID));
            assertEquals(0, run("--pid", Long.toString(PID)));
            assertEquals(0, run("--counters", folder.toString()));
            assertTrue(Files.exists(file.directory()));
        }
    }

    @Test
    void listsSeveralProcessesInsteadOfChoosing() throws IOException {
        try (CounterFile one = CounterFile.create(folder.resolve("1"), 1);
                CounterFile two = CounterFile.create(folder.resolve("2"), 1)) {
            assertEquals(2, run());
            assertTrue(err.toString().contains(one.directory() + "\n  " + two.directory()), err.toString());
            assertEquals(0, run("--pid", "2"));
        }
    }

    @Test
    void showsADeadProcessOnlyWhenItIsNamed() throws IOException {
        leaveDead("4194304000");
        assertEquals(1, run());
        assertTrue(err.toString().contains("no running proxy was found"));
        assertEquals(0, run("--pid", "4194304000"));
        assertTrue(out.toString().contains("not running: its last numbers"), out.toString());
    }

    @Test
    void saysWhatIsMissingOrWrong() throws IOException {
        assertEquals(1, run("--pid", "77"));
        assertEquals("longshore stat: no counters of process 77 were found\n", err.toString());
        assertEquals(1, run("--counters", folder.resolve("missing").toString()));
        Files.createDirectory(folder.resolve("5"));
        Files.writeString(folder.resolve("5/loops"), "nonsense");
        assertEquals(1, run("--counters", folder.resolve("5").toString()));
        assertTrue(err.toString().contains("/5/loops is not a counter file"), err.toString());
        assertEquals(2, run("--count", "3"));
        assertEquals(2, run("--watch", "-1"));
        assertEquals(2, run("--watch", "NaN"));
        assertEquals(2, run("--watch", "1", "--count", "0"));
        assertEquals(2, run("--nonsense"));
    }

    private static String folded(String line) {
        return line.strip().replaceAll(" +", " ");
    }

    private static void fill(Counters block) {
        block.add(Counter.CONNECTIONS_ACCEPTED, 1234);
        block.add(Counter.CLIENT_BYTES_IN, 3 << 20);
        block.closed(CloseReason.NO_ROUTE);
        block.closed(CloseReason.IDLE_TIMEOUT);
        block.closed(CloseReason.IDLE_TIMEOUT);
        block.dialed(DialOutcome.CONNECTED);
        block.dialed(DialOutcome.CONNECTED);
        block.cycleSampled(10_000);
        block.cycleSampled(20_000_000);
    }

    /** Leaves the file of a process whose number no process can have. */
    private void leaveDead(String name) throws IOException {
        Path made = folder.resolve("made");
        try (CounterFile file = CounterFile.create(made, 1)) {
            byte[] bytes = Files.readAllBytes(made.resolve("loops"));
            ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(16, Long.parseLong(name));
            Files.createDirectory(folder.resolve(name));
            Files.write(folder.resolve(name).resolve("loops"), bytes);
            assertEquals(made, file.directory());
        }
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new StatCommand(List.of(folder)))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    /** Just enough of RFC 8259 to catch what is not JSON. Objects are maps, arrays lists, all else is its own text. */
    private static final class StrictJson {
        private final String text;
        private int at;

        StrictJson(String text) {
            this.text = text;
        }

        Object value() {
            Object value = part();
            assertEquals(text.length(), at, "something follows the value");
            return value;
        }

        private Object part() {
            char c = text.charAt(at);
            if (c == '{') {
                Map<String, Object> map = new LinkedHashMap<>();
                for (boolean isFirst = true; !ends('}', isFirst); isFirst = false) {
                    String key = string();
                    expect(':');
                    assertTrue(map.put(key, part()) == null, "twice: " + key);
                }
                return map;
            }
            if (c == '[') {
                List<Object> list = new ArrayList<>();
                for (boolean isFirst = true; !ends(']', isFirst); isFirst = false) {
                    list.add(part());
                }
                return list;
            }
            return c == '"' ? string() : scalar();
        }

        /** Steps over the opening bracket or a comma, or the closing bracket. */
        private boolean ends(char close, boolean isFirst) {
            if (isFirst) {
                at++;
                if (text.charAt(at) != close) {
                    return false;
                }
            } else if (text.charAt(at) == ',') {
                at++;
                return false;
            }
            expect(close);
            return true;
        }

        private String string() {
            expect('"');
            int from = at;
            while (text.charAt(at) != '"') {
                assertTrue(text.charAt(at) >= ' ' && text.charAt(at) != '\\', "an escape, or what needs one");
                at++;
            }
            return text.substring(from, at++);
        }

        private String scalar() {
            int from = at;
            while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at);
            assertTrue(word.matches("true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?"), word);
            return word;
        }

        private void expect(char c) {
            assertEquals(c, text.charAt(at), "at " + at);
            at++;
        }
    }
}
