package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.ConfigReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port mode that the configuration forces, on kernels that can and cannot do it. */
final class DoctorModeTest {
    private static final String YAML = """
            %s
            listeners: [{address: "127.0.0.1:8080"}]
            origins: {chat: {endpoints: ["127.0.0.1:9000"]}}
            routes: [{origin: chat}]
            """;

    @TempDir
    Path folder;

    private FakeHost fake;

    @BeforeEach
    void makeAHost() {
        fake = new FakeHost(folder);
    }

    @Test
    void autoAsksForNothing() {
        assertEquals(List.of(), findings("port-mode: auto"));
    }

    @Test
    void theOptionMustBeThere() {
        fake.withPorts(true, true, true);
        assertIs(DoctorFinding.Level.OK, "port-mode: full-range", "full-range is asked for, and this host can do it");
        assertIs(DoctorFinding.Level.OK, "port-mode: window", "window is asked for");
        fake.withPorts(true, true, false);
        assertIs(DoctorFinding.Level.WARN, "port-mode: full-range", "searches even ports first");
        fake.withPorts(true, false, false);
        assertIs(DoctorFinding.Level.WARN, "port-mode: full-range", "has no IP_LOCAL_PORT_RANGE");
        assertIs(DoctorFinding.Level.FAIL, "port-mode: window", "has no IP_LOCAL_PORT_RANGE");
    }

    @Test
    void theRingsPortsMustBeReserved() {
        String ring = "port-mode: ring\nring-ports: 40000-49999";
        assertIs(DoctorFinding.Level.FAIL, ring, "40000-49999 are not reserved");
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "40000-49998");
        assertIs(DoctorFinding.Level.FAIL, ring, "40000-49999 are not reserved");
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "30000-49999");
        assertIs(DoctorFinding.Level.OK, ring, "ring is asked for");
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "");
        fake.with("sys/net/ipv4/ip_local_port_range", "50000\t65535");
        assertIs(DoctorFinding.Level.OK, ring, "ring is asked for");
    }

    @Test
    void theKernelsOwnWayIsAWarning() {
        assertIs(DoctorFinding.Level.WARN, "port-mode: kernel", "explodes past half");
    }

    private void assertIs(DoctorFinding.Level level, String setting, String text) {
        List<DoctorFinding> findings = findings(setting);
        assertEquals(1, findings.size(), findings::toString);
        assertEquals(level, findings.get(0).level());
        assertTrue(findings.get(0).text().contains(text), findings::toString);
    }

    private List<DoctorFinding> findings(String setting) {
        var read = assertInstanceOf(
                ConfigReader.Valid.class, ConfigReader.parse("longshore.yaml", YAML.formatted(setting)));
        DoctorFinding.Sink sink = new DoctorFinding.Sink();
        DoctorModeChecks.run(fake.host(), read.config(), sink);
        return sink.all();
    }
}
