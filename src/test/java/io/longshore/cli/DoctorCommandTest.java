package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** Every line that the doctor can say, from hosts made for it; and once from this one. */
class DoctorCommandTest {
    @TempDir
    private Path folder;

    private FakeHost fake;

    @BeforeEach
    void makeHost() {
        fake = new FakeHost(folder.resolve("proc"));
    }

    @Test
    void findsNothingOnATunedHost() {
        CommandRun run = doctor();
        assertEquals(0, run.code(), run.out());
        assertTrue(run.out().lines().allMatch(line -> line.startsWith("OK    ")), run.out());
        assertTrue(run.out().lines().count() > 15, run.out());
        assertTrue(run.out().contains("9024 to 65535: 56,512 ports"), run.out());
        CommandRun planned = doctor("--plan", "1M");
        assertEquals(0, planned.code(), planned.out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sys/net/ipv4/ip_local_port_range | 32768 60999 | WARN | port-range | 60-longshore-ports",
                "sys/net/ipv4/ip_local_port_range | 8000 65534 | WARN | port-parity | ip_local_port_range=\"8000 65535\"",
                "sys/net/ipv4/ip_local_port_range | 8001 65535 | WARN | port-parity | ip_local_port_range=\"8002 65535\"",
                "sys/net/ipv4/ip_local_reserved_ports | 20000-60000 | WARN | reserved-ports | ip_local_reserved_ports",
                "sys/net/ipv4/tcp_timestamps | 0 | WARN | tcp-timestamps | sysctl -w net.ipv4.tcp_timestamps=1",
                "sys/net/ipv4/tcp_tw_recycle | 1 | FAIL | tw-recycle | sysctl -w net.ipv4.tcp_tw_recycle=0",
                "sys/net/ipv4/tcp_syncookies | 0 | WARN | syncookies | sysctl -w net.ipv4.tcp_syncookies=1",
                "sys/net/ipv4/tcp_syncookies | 2 | WARN | syncookies | sysctl -w net.ipv4.tcp_syncookies=1",
                "sys/net/core/somaxconn | 128 | WARN | somaxconn | 61-longshore-queues",
                "sys/net/ipv4/tcp_mem | 1000 2000 3000 | WARN | tcp-mem | 62-longshore-memory-100k",
                "sys/net/ipv4/tcp_max_tw_buckets | 4096 | WARN | tw-buckets | 62-longshore-memory-100k",
                "sys/net/netfilter/nf_conntrack_max | 65536 | WARN | conntrack | 63-longshore-conntrack-100k",
                "sys/fs/nr_open | 65536 | WARN | nr-open | sysctl -w fs.nr_open=131072",
                "sys/fs/file-max | 100000 | WARN | file-max | sysctl -w fs.file-max=131072"
            })
    void tellsWhatIsSpoiled(String file, String value, String level, String check, String fix) {
        fake.with(file, value);
        CommandRun run = doctor();
        assertOnly(run, level, check, fix);
    }

    @Test
    void aLimitThatAPlanDoesNotFitIsAFailure() {
        fake.with("sys/net/netfilter/nf_conntrack_max", "262144");
        assertEquals(0, doctor().code(), "enough for the 56,512 tunnels of one source address");
        CommandRun run = doctor("--plan", "1M");
        assertOnly(run, "FAIL", "conntrack", "63-longshore-conntrack-1m");
        assertTrue(run.out().contains("2.5 x 1,000,000 tunnels = 2,500,000"), run.out());
    }

    @Test
    void descriptorsAreHeldAgainstTwoATunnel() {
        fake.withDescriptors(20_000);
        CommandRun run = doctor();
        assertOnly(run, "WARN", "descriptors", "LimitNOFILE=114048");
        assertTrue(run.out().contains("(20,000 - 1,024) / 2 = 9,488 tunnels, of 56,512"), run.out());
        assertOnly(doctor("--plan", "10k"), "FAIL", "descriptors", "LimitNOFILE=21024");
        assertEquals(0, doctor("--plan", "9488").code());
    }

    @Test
    void memoryBoundsThePromiseButFailsAPlan() {
        fake.withMemory(107_000_000);
        CommandRun run = doctor();
        assertEquals(0, run.code(), run.out());
        assertTrue(
                run.out().contains("= 10,000 idle tunnels, of 10,000 tunnels that ports and memory allow"), run.out());
        assertOnly(doctor("--plan", "20k"), "FAIL", "memory", "0.2 GB free");
    }

    @Test
    void aboveEveryProfileTheFixIsTheNumber() {
        fake.withMemory(100_000_000_000L).withDescriptors(8_000_000).with("sys/fs/nr_open", "8000000");
        CommandRun run = doctor("--plan", "2M");
        assertEquals(2, run.code());
        assertTrue(line(run, "tcp-mem").endsWith("sysctl -w net.ipv4.tcp_mem=\"3200000 4000000 4800000\""), run.out());
        assertTrue(line(run, "conntrack").contains("sysctl -w net.netfilter.nf_conntrack_max=5000000"), run.out());
    }

    @Test
    void aHostWithoutConnectionTrackingIsFine() {
        fake.without("sys/net/netfilter/nf_conntrack_max").without("sys/net/ipv4/tcp_mem");
        CommandRun run = doctor("--plan", "1M");
        assertEquals(0, run.code(), run.out());
        assertTrue(line(run, "conntrack").contains("not loaded"), run.out());
    }

    @Test
    void thePortModeFollowsFromTheFeatures() {
        assertTrue(line(doctor(), "port-mode").contains("full-range"));
        fake.withPorts(true, true, false);
        assertTrue(line(doctor(), "port-mode").contains("window"));
        fake.withPorts(true, false, false);
        CommandRun kernel = doctor();
        assertOnly(kernel, "WARN", "port-mode", "ip_local_reserved_ports=37280-65535");
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "8080,40000-49999");
        assertTrue(line(doctor(), "port-mode").contains("ring"));
        assertEquals(0, doctor().code());
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "").withPorts(false, true, true);
        assertOnly(doctor(), "FAIL", "no-port", "Linux 4.2");
    }

    @Test
    void whatNobodyNeedsYetIsNoFault() {
        fake.withKernel(-1, -2).with("sys/kernel/io_uring_disabled", "2");
        CommandRun run = doctor();
        assertEquals(0, run.code(), run.out());
        assertTrue(line(run, "io-uring").contains("kernel.io_uring_disabled is 2"), run.out());
        assertTrue(line(run, "kernel-tls").contains("modprobe tls"), run.out());
        fake.withKernel(-38, 0);
        assertTrue(line(doctor(), "io-uring").contains("this kernel has none"));
    }

    @Test
    void listenersOnAutomaticPortsAreToBeReserved() throws IOException {
        fake.withListener(22).withListener(9090).withListener(20_000).withListener(20_001);
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "9090,30000");
        assertOnly(doctor(), "WARN", "listeners", "ip_local_reserved_ports=9090,20000-20001,30000");
        CommandRun run = doctor("-c", configuration("127.0.0.1:10443", "127.0.0.1:9000", "127.0.0.2"));
        assertTrue(line(run, "listeners").endsWith("=9090,10443,20000-20001,30000"), run.out());
    }

    @Test
    void capacityIsArithmeticThatAPersonCanCheck() throws IOException {
        String file = configuration("127.0.0.1:80", "127.0.0.1:9000, 127.0.0.1:9001", "127.0.0.2-127.0.0.9");
        fake.with("sys/net/ipv4/ip_local_reserved_ports", "10000-10011");
        CommandRun run = doctor("-c", file);
        assertTrue(
                line(run, "capacity chat").endsWith("56,500 ports x 8 sources x 2 endpoints = 904,000 tunnels"),
                run.out());
        assertTrue(line(run, "sources chat").endsWith("8 addresses of this host"), run.out());
        assertEquals(0, doctor("-c", file, "--plan", "700k").code());
        assertOnly(doctor("-c", file, "--plan", "800k"), "WARN", "capacity chat", "9 source addresses for 80 %");
        assertOnly(doctor("-c", file, "--plan", "1M"), "FAIL", "capacity chat", "12 source addresses for 80 %");
    }

    @Test
    void sourcesDialEndpointsOfTheirOwnFamilyOnly() throws IOException {
        String both = configuration("127.0.0.1:80", "127.0.0.1:9000, '[::1]:9000'", "127.0.0.2, '2001:db8::/126'");
        CommandRun run = doctor("-c", both);
        String arithmetic = "56,512 ports x (1 source x 1 endpoint of IPv4 + 4 sources x 1 endpoint of IPv6)";
        assertTrue(line(run, "capacity chat").contains(arithmetic + " = 282,560 tunnels"), run.out());
    }

    @Test
    void sourcesThatAreNotLocalComeWithTheirCommand() throws IOException {
        // 10.1.0.0/16 is nobody's.
        fake.withLocal((high, low) -> high == 0 && (low >>> 16 & 0xffff) == 0x0a01 ? FakeHost.REFUSED : 0);
        assertOnly(
                doctor("-c", configuration("127.0.0.1:80", "127.0.0.1:9000", "127.0.0.2, 10.1.0.5")),
                "FAIL",
                "sources chat",
                "ip addr add 10.1.0.5/32 dev DEVICE");
        CommandRun run = doctor("-c", configuration("127.0.0.1:80", "127.0.0.1:9000", "10.1.0.0/24"));
        assertOnly(run, "FAIL", "sources chat", "ip route add local 10.1.0.0/24 dev lo");
        CommandRun range = doctor("-c", configuration("127.0.0.1:80", "127.0.0.1:9000", "10.1.0.2-10.1.0.9"));
        assertOnly(
                range,
                "FAIL",
                "sources chat",
                "ip route add local 10.1.0.2/31 dev lo && ip route add local 10.1.0.4/30 dev lo"
                        + " && ip route add local 10.1.0.8/31 dev lo");
        fake.withLocal((high, low) -> high != 0 ? FakeHost.REFUSED : 0);
        CommandRun ipv6 = doctor("-c", configuration("127.0.0.1:80", "'[::1]:9000'", "'2001:db8:1::/120'"));
        assertOnly(ipv6, "FAIL", "sources chat", "ip -6 route add local 2001:db8:1::/120 dev lo");
        fake.with("sys/net/ipv4/ip_nonlocal_bind", "1").withLocal((high, low) -> 0);
        CommandRun blind = doctor("-c", configuration("127.0.0.1:80", "127.0.0.1:9000", "10.1.0.0/24"));
        assertOnly(blind, "WARN", "nonlocal-bind", "ip_nonlocal_bind=0");
    }

    @Test
    void aFaultyFileIsExplainedAsCheckDoes() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.yaml"), "listeners: 7\n");
        CommandRun run = doctor("-c", file.toString());
        assertEquals(2, run.code());
        assertTrue(run.err().startsWith(file + ":1:"), run.err());
        assertEquals("", run.out());
    }

    @ParameterizedTest
    @CsvSource({"0", "1G", "-5", "1.5M", "101M", "''", "1m"})
    void refusesWhatIsNoNumberOfTunnels(String amount) {
        CommandRun run = doctor("--plan", amount);
        assertEquals(2, run.code());
        assertTrue(run.err().contains("no number of tunnels from 1 to 100M"), run.err());
    }

    @Test
    @SuppressWarnings("unchecked")
    void writesOneJsonObject() throws IOException {
        fake.withDescriptors(20_000);
        String file = configuration("127.0.0.1:80", "127.0.0.1:9000, 127.0.0.1:9001", "127.0.0.2-127.0.0.9");
        CommandRun run = doctor("-c", file, "--plan", "100k", "--json");
        assertEquals(2, run.code());
        assertEquals(1, run.out().lines().count());
        // JSON is YAML.
        Map<String, Object> json =
                (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(run.out());
        assertEquals("fail", json.get("level"));
        Map<String, Object> plan = (Map<String, Object>) json.get("plan");
        assertEquals(100_000, plan.get("tunnels"));
        assertEquals(201_024, plan.get("descriptors"));
        assertEquals(List.of(Map.of("origin", "chat", "endpoints", 2, "sources", 2, "named", 8)), plan.get("origins"));
        List<Map<String, String>> findings = (List<Map<String, String>>) json.get("findings");
        Map<String, String> finding = findings.stream()
                .filter(each -> each.get("check").equals("descriptors"))
                .findFirst()
                .orElseThrow();
        assertEquals("fail", finding.get("level"));
        assertTrue(finding.get("fix").startsWith("LimitNOFILE=201024"), finding::toString);
    }

    @Test
    void examinesThisHost() {
        CommandRun run = CommandRun.of("doctor", "--plan", "1k");
        List<String> levels = run.out()
                .lines()
                .filter(line -> line.matches("(OK|WARN|FAIL) +[a-z].*"))
                .map(line -> line.substring(0, 4).strip())
                .toList();
        assertTrue(levels.size() > 15, run.out() + run.err());
        assertEquals(levels.contains("FAIL") ? 2 : levels.contains("WARN") ? 1 : 0, run.code(), run.out());
        assertTrue(run.out().contains("plan: 1,000 tunnels"), run.out());
        assertTrue(line(run, "kernel").matches("OK +kernel +Linux \\d+\\.\\d+.*"), run.out());
    }

    private CommandRun doctor(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new DoctorCommand(fake::host))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new CommandRun(code, out.toString(), err.toString());
    }

    private String configuration(String listener, String endpoints, String sources) throws IOException {
        Path file = Files.createTempFile(folder, "longshore", ".yaml");
        return Files.writeString(
                        file,
                        "listeners:\n  - address: " + listener + "\norigins:\n  chat:\n    endpoints: [" + endpoints
                                + "]\n    sources: [" + sources + "]\nroutes:\n  - host: \"*\"\n    path: /\n"
                                + "    origin: chat\n")
                .toString();
    }

    /** This check, and no other, says so; the exit code is its level's. */
    private static void assertOnly(CommandRun run, String level, String check, String fix) {
        List<String> bad = run.out()
                .lines()
                .filter(line -> line.startsWith("WARN") || line.startsWith("FAIL"))
                .toList();
        assertEquals(1, bad.size(), run.out() + run.err());
        assertTrue(bad.get(0).matches(level + " +" + check + " .*"), bad::toString);
        assertTrue(bad.get(0).contains("; fix: ") && bad.get(0).contains(fix), bad::toString);
        assertEquals(level.equals("FAIL") ? 2 : 1, run.code());
    }

    private static String line(CommandRun run, String check) {
        return run.out()
                .lines()
                .filter(line -> line.matches("(OK|WARN|FAIL) +" + check + " .*"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line of " + check + " in\n" + run.out() + run.err()));
    }
}
