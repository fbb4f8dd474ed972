package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReckoningTest {
    private static final Target DIRECT = new Target("direct", List.of(), List.of(), List.of(), null, false);
    private static final Target NGINX = new Target("nginx", List.of("nginx"), List.of(), List.of(), null, false);

    @TempDir
    private Path folder;

    @Test
    void anEchoIsTwoMessagesAndTheProxyPaysForEach() throws IOException {
        Run run = Reckoning.run(echo(Map.of()), NGINX, 2, LoadResult.parse("""
                {"windowNs":2000000000,"messages":600000,"bytes":76800000,"failures":1,"mismatches":2,
                 "latency":[[1000,50],[2000,49],[9000,1]],
                 "proxyCpuNs":1980000000,"proxyCoreBusy":0.995,"loadCpuNs":1990000000,"loadBusy":0.7}"""), 0);
        assertEquals(150.0, run.values().get("throughput"));
        assertEquals(3.3, run.values().get("cpu-per-message"), 1e-9);
        assertEquals(1.0, run.values().get("p50"), 0.01);
        assertEquals(2.0, run.values().get("p99"), 0.01);
        assertEquals(9.0, run.values().get("p999"), 0.01);
        assertEquals(3, run.faults());
        assertEquals(2, run.round());
        assertNull(run.voidReason());
        assertFalse(run.values().containsKey("resident"));
    }

    @Test
    void theHistogramTravelsWithTheRun() throws IOException, DataFormatException {
        LoadResult result = LoadResult.parse("{\"windowNs\":1,\"latency\":[[5000,7],[123456789,1]]}");
        byte[] bytes = Base64.getDecoder().decode(LoadResult.encode(result.histogram()));
        Histogram histogram = Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
        assertEquals(8, histogram.getTotalCount());
        assertEquals(7, histogram.getCountAtValue(5000));
        assertTrue(histogram.valuesAreEquivalent(123456789, histogram.getMaxValue()));
        assertNull(LoadResult.encode(new Histogram(3)));
    }

    @Test
    void aThroughputCountsOnlyWhereTheProxyWasTheLimit() throws IOException {
        assertNull(reason(Map.of(), NGINX, 0.98, 0.97, 0.985));
        assertEquals(
                "something else than the proxy's core was the limit: it was 96.9 % busy",
                reason(Map.of(), NGINX, 0.969, 0.96, 0.5));
        assertEquals("the load's core was the limit: it was 99.1 % busy", reason(Map.of(), NGINX, 0.9, 0.9, 0.991));
        assertEquals("other programs took 30.0 % of the proxy's core", reason(Map.of(), NGINX, 1.0, 0.7, 0.5));
        assertNull(reason(Map.of(), DIRECT, 0.1, 0, 1.0));
    }

    @Test
    void aLoadThatHadToShareItsCoreIsVoidForEverybody() throws IOException {
        LoadResult shared =
                LoadResult.parse("{\"windowNs\":100,\"loadCpuNs\":75,\"proxyCoreBusy\":1,\"proxyCpuNs\":99}");
        for (Target target : List.of(DIRECT, NGINX)) {
            assertEquals(
                    "other programs took 25.0 % of the load's core",
                    Reckoning.voidReason(echo(Map.of()), target, shared));
        }
        assertNull(Reckoning.voidReason(echo(Map.of()), NGINX, shared.ofSleeper()));
    }

    @Test
    void aRateThatWasNotKeptIsVoid() throws IOException {
        // The result has 500 echoes in a tenth of a second.
        assertNull(reason(Map.of("rate", "5000"), NGINX, 0.2, 0.2, 0.1));
        assertEquals(
                "only 5.0 of 6.0 thousand messages a second came back",
                reason(Map.of("rate", "6000"), NGINX, 0.2, 0.2, 0.1));
    }

    @Test
    void whatTheLoadWeighsIsTakenOffTheKernelsMemory() {
        List<Run> runs =
                new ArrayList<>(List.of(hold("direct", 1, 100), hold("direct", 2, 3000), hold("nginx", 2, 9000)));
        HoldRun.takeOffDirect(runs, 1);
        assertEquals(6000.0, runs.get(2).values().get("kernel-memory-per-tunnel"));
        assertEquals(3000.0, runs.get(1).values().get("kernel-memory-per-tunnel"));
        List<Run> alone = new ArrayList<>(List.of(hold("nginx", 1, 9000)));
        HoldRun.takeOffDirect(alone, 0);
        assertEquals(Map.of(), alone.get(0).values());
    }

    @Test
    void aResultIsReadAsItWasWritten() throws IOException {
        Run run = new Run("nginx", 1, Map.of("p99", 1.5, "throughput", 150.25), 0, null, "aGk=");
        ScenarioResult scenario = new ScenarioResult(
                "small-100",
                "How many?",
                "5 < 6",
                "p99",
                List.of("p99"),
                List.of("a: b"),
                List.of(run),
                List.of("left out"));
        Result result = new Result("2026-01-01T00:00:00Z", "longshore bench", Map.of("kernel", "6"), List.of(scenario));
        ResultFile.write(result, folder);
        assertEquals(result, ResultFile.read(folder.resolve(ResultFile.NAME)));
    }

    @Test
    void aResultWithoutAWindowIsNoResult() {
        assertThrows(IOException.class, () -> LoadResult.parse("{}"));
        assertThrows(IOException.class, () -> LoadResult.parse("window"));
        assertThrows(IOException.class, () -> LoadResult.parse("{\"windowNs\":\"long\"}"));
    }

    @Test
    void memoryOfOneProcessIsItsResidentSet() throws IOException {
        long own = ProcessMemory.resident(List.of(ProcessHandle.current().pid()));
        assertTrue(own > 1 << 20, () -> own + " bytes");
        assertTrue(ProcessMemory.slab() > 1 << 20);
    }

    private static String reason(
            Map<String, String> options, Target target, double proxyBusy, double cpu, double loadBusy)
            throws IOException {
        String json = "{\"windowNs\":100000000,\"messages\":1000,\"proxyCoreBusy\":" + proxyBusy + ",\"proxyCpuNs\":"
                + (long) (cpu * 100_000_000) + ",\"loadBusy\":" + loadBusy + "}";
        return Reckoning.voidReason(echo(options), target, LoadResult.parse(json));
    }

    private static Scenario echo(Map<String, String> options) {
        return new Scenario(
                "a", "b", "c", Mode.ECHO, List.of(Measure.THROUGHPUT), List.of("nginx"), 1, 0, 1, 0, null, options);
    }

    private static Run hold(String target, int round, double slab) {
        return new Run(target, round, new TreeMap<>(Map.of("kernel-memory-per-tunnel", slab)), 0, null, null);
    }
}
