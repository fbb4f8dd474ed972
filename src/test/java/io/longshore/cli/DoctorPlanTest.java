package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arithmetic of a plan, held against numbers that were worked out by hand. */
class DoctorPlanTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        // 1,000,000 / (56,512 x 0.8) = 22.12, and so on.
        "1000000, 56512, 1, 23",
        "1000000, 56512, 2, 12",
        "1000000, 28232, 1, 45",
        "100000, 56512, 1, 3",
        "45209, 56512, 1, 1",
        "45210, 56512, 1, 2",
        "1, 56512, 8, 1"
    })
    void countsSourceAddressesAtEightyPercent(long tunnels, int ports, int endpoints, long sources) {
        assertEquals(sources, DoctorPlan.sources(tunnels, ports, endpoints));
    }

    @ParameterizedTest
    @CsvSource({"1M, 1000000", "100k, 100000", "250000, 250000", "1, 1", "100M, 100000000"})
    void understandsAmounts(String text, long tunnels) {
        assertEquals(tunnels, DoctorPlan.parse(text));
    }

    @Test
    void aMillionTunnelsInLinesThatAPersonCanCheck() {
        DoctorHost host = new FakeHost(folder).host();
        DoctorPlan plan = DoctorPlan.of(host, DoctorNeed.of(null, 1_000_000, host));
        List<String> lines = plan.lines(host);
        assertContains(lines, "65,535 - 9,024 + 1 = 56,512");
        assertContains(lines, "1,000,000 / (56,512 x 80 % x 1 endpoint) = 23 source addresses");
        assertContains(lines, "1,000,000 x 2 + 1,024 = 2,001,024");
        assertContains(lines, "= 9.8 GB + 0.9 GB = 10.7 GB idle");
        assertContains(lines, "1,000,000 x 2.5 = 2,500,000 entries");
        assertContains(lines, "LimitNOFILE=2001024");
        assertContains(lines, "62-longshore-memory-1m 63-longshore-conntrack-1m");
    }

    @Test
    void reservedPortsAreTakenOffAlsoWhereTheRangeIsStillNarrow() {
        DoctorHost host = new FakeHost(folder)
                .with("sys/net/ipv4/ip_local_port_range", "32768 60999")
                .with("sys/net/ipv4/ip_local_reserved_ports", "80,9090,40000-40009")
                .host();
        DoctorPlan plan = DoctorPlan.of(host, DoctorNeed.of(null, 100_000, host));
        assertEquals(56_512 - 11, plan.ports());
        assertContains(plan.lines(host), "less 11 reserved = 56,501; now 32768 to 60999: 28,222");
        assertEquals(
                List.of(
                        "60-longshore-ports",
                        "61-longshore-queues",
                        "62-longshore-memory-100k",
                        "63-longshore-conntrack-100k"),
                plan.profiles());
    }

    private static void assertContains(List<String> lines, String part) {
        assertTrue(lines.stream().anyMatch(line -> line.contains(part)), () -> part + " is not in " + lines);
    }
}
