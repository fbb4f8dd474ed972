package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.sys.SysctlPlan.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would be done, key by key, and what is refused before anything is. */
final class SysctlPlanTest {
    @TempDir
    private Path proc;

    private FakeTree tree;

    @BeforeEach
    void boot() {
        tree = new FakeTree(proc);
    }

    @Test
    void aValueIsReadWithOneReadAndItsTabsAreSpaces() throws IOException {
        assertEquals("32768 60999", tree.read("net.ipv4.ip_local_port_range"));
        assertEquals("", tree.read("net.ipv4.ip_local_reserved_ports"));
    }

    @Test
    void aLimitIsOnlyRaisedNumberByNumber() throws IOException {
        tree.set("net.core.somaxconn", "65535")
                .set("fs.file-max", "18446744073709551615")
                .set("net.ipv4.tcp_mem", "10 5000 6000")
                .set("net.ipv4.tcp_wmem", "4096 16384 9999999");
        SysctlPlan plan = plan("""
                net.core.somaxconn = 4096
                fs.file-max = 100
                net.ipv4.tcp_mem = 1000 2000 9000
                net.ipv4.tcp_wmem = 4096 16384 1048576
                """);
        assertEquals(List.of(Kind.KEPT, Kind.KEPT, Kind.CHANGE, Kind.CHANGE), kinds(plan));
        assertEquals("1000 5000 9000", plan.steps().get(2).after());
        assertEquals("4096 16384 1048576", plan.steps().get(3).after());
    }

    @Test
    void aKeyThatThisKernelLacksIsLeftOut() throws IOException {
        SysctlPlan plan = plan("net.ipv4.tcp_migrate_req = 1");
        assertEquals(List.of(Kind.UNKNOWN), kinds(plan));
        assertEquals(List.of(), plan.allRefusals());
    }

    @Test
    void inAnotherNetworkNamespaceTheHostsKeysAreLeftAlone() throws IOException {
        tree.set("fs.nr_open", "1000")
                .set("net.core.somaxconn", "128")
                .set("net.netfilter.nf_conntrack_max", "1")
                .leave(4026532999L);
        assertFalse(SysctlHost.of(tree).isInitialNetwork());
        SysctlPlan plan = plan("""
                fs.nr_open = 2000
                net.ipv4.tcp_mem = 1 2 3
                net.core.netdev_max_backlog = 2
                net.netfilter.nf_conntrack_max = 4
                net.core.somaxconn = 4096
                """);
        assertEquals(List.of(Kind.HOST_WIDE, Kind.HOST_WIDE, Kind.HOST_WIDE, Kind.HOST_WIDE, Kind.CHANGE), kinds(plan));
    }

    @Test
    void whereTheFirstProcessIsInAnotherNetworkThisIsNotTheInitialOne() throws IOException {
        assertTrue(SysctlHost.of(tree).isInitialNetwork());
        tree.network("1", 4026531833L);
        assertTrue(SysctlHost.of(tree).isInitialNetwork());
        tree.leave(4026532111L).set("net.core.netdev_max_backlog", "1000");
        assertFalse(SysctlHost.of(tree).isInitialNetwork());
    }

    @Test
    void whatTheKernelWouldRefuseOrBendIsRefused() throws IOException {
        for (String line : List.of(
                "net.ipv4.ip_local_port_range = 9024 65536",
                "net.ipv4.ip_local_port_range = 60000 50000",
                "net.ipv4.ip_local_port_range = 9024",
                "net.ipv4.ip_local_port_range = 1000 65535",
                "net.core.somaxconn = 2147483648",
                "net.core.somaxconn = many",
                "fs.nr_open = 99999999999999999999",
                "fs.nr_open = 32",
                "net.ipv4.tcp_mem = 3 2 1",
                "net.netfilter.nf_conntrack_buckets = 100000")) {
            tree.set(line.substring(0, line.indexOf(' ')), line.contains("range") ? "32768 60999" : "1 1 1");
            SysctlPlan plan = plan(line);
            assertTrue(kinds(plan).contains(Kind.REFUSED), line);
            assertEquals(1, plan.allRefusals().size(), line);
        }
    }

    @Test
    void aMillionTunnelsAreRefusedOnASmallMachineAndTakenOnALargeOne() throws IOException {
        for (String key : List.of("net.ipv4.tcp_mem", "net.netfilter.nf_conntrack_max")) {
            tree.set(key, key.endsWith("mem") ? "1 2 3" : "1");
        }
        List<SysctlProfile> million = SysctlProfiles.shipped().select(List.of("1m"));
        assertEquals(
                List.of(), SysctlPlan.of(tree, SysctlHost.of(tree), million).allRefusals());
        tree.memory(16L << 30);
        List<String> refusals =
                SysctlPlan.of(tree, SysctlHost.of(tree), million).allRefusals();
        assertEquals(1, refusals.size());
        assertTrue(refusals.get(0).contains("9.8 GB sockets of 1000000 tunnels"), refusals.get(0));
        assertTrue(refusals.get(0).contains("12.9 GB net.ipv4.tcp_mem"), refusals.get(0));
    }

    @Test
    void everyListenerInTheNewRangeIsReservedAndWhatWasReservedStays() throws IOException {
        tree.set("net.ipv4.ip_local_reserved_ports", "8080,9148,50000-50010");
        // 8080 is below the range; 9100 (238C), 9101 and 40000 (9C40) listen; 9200 is only connected.
        tree.sockets("tcp", "1F90/0A", "238C/0A", "23F0/01")
                .sockets("tcp6", "238D/0A", "9C40/0A")
                // 9500 (251C) was put there on purpose, 45000 (AFC8) may be a client that picked it.
                .sockets("udp", "251C/07", "AFC8/07");
        SysctlPlan plan = plan("net.ipv4.ip_local_port_range = 9024 65535");
        assertEquals(List.of(Kind.CHANGE, Kind.CHANGE), kinds(plan));
        assertEquals("net.ipv4.ip_local_reserved_ports", plan.steps().get(0).key(), "reserved before it is widened");
        assertEquals(
                "8080,9100-9101,9148,9500,40000,50000-50010",
                plan.steps().get(0).after());
    }

    @Test
    void listenersJoinWhatAProfileReserves() throws IOException {
        tree.set("net.ipv4.ip_local_reserved_ports", "8080").sockets("tcp", "238C/0A");
        SysctlPlan plan = plan("""
                net.ipv4.ip_local_port_range = 9024 65535
                net.ipv4.ip_local_reserved_ports = 9200
                """);
        assertEquals(List.of(Kind.CHANGE, Kind.CHANGE), kinds(plan));
        assertEquals("9100,9200", plan.steps().get(0).after());
    }

    @Test
    void aServiceThatCameLaterIsDrift() throws IOException {
        tree.set("net.ipv4.ip_local_port_range", "9024 65535");
        assertEquals(List.of(Kind.SAME, Kind.SAME), kinds(plan("net.ipv4.ip_local_port_range = 9024 65535")));
        tree.sockets("tcp", "238C/0A");
        assertEquals(List.of(Kind.CHANGE, Kind.SAME), kinds(plan("net.ipv4.ip_local_port_range = 9024 65535")));
    }

    @Test
    void theLaterFileWins() throws IOException {
        tree.set("net.ipv4.tcp_sack", "1");
        SysctlPlan plan = SysctlPlan.of(
                tree,
                SysctlHost.of(tree),
                List.of(
                        SysctlProfile.parse("1", "net.ipv4.tcp_sack = 0"),
                        SysctlProfile.parse("2", "net.ipv4.tcp_sack = 1")));
        assertEquals(List.of(Kind.SAME), kinds(plan));
    }

    @Test
    void harmIsFoundAndASoundHostHasNone() throws IOException {
        tree.set("net.ipv4.tcp_timestamps", "1")
                .set("net.ipv4.tcp_tw_reuse", "1")
                .set("net.ipv4.tcp_mem", "190000 253000 380000");
        assertEquals(List.of(), SysctlHarm.found(tree, SysctlHost.of(tree)));
        tree.set("net.ipv4.tcp_timestamps", "0")
                .set("net.ipv4.tcp_tw_recycle", "1")
                .set("net.ipv4.ip_local_port_range", "1024 65000")
                .set("net.ipv4.ip_local_reserved_ports", "1024-60000")
                .set("net.ipv4.tcp_syncookies", "0")
                .set("net.ipv4.tcp_max_tw_buckets", "1000")
                .set("net.ipv4.tcp_mem", "1 2 99999999999");
        List<String> keys = SysctlHarm.found(tree, SysctlHost.of(tree)).stream()
                .map(SysctlHarm::key)
                .toList();
        assertEquals(
                List.of(
                        "net.ipv4.tcp_tw_recycle",
                        "net.ipv4.tcp_timestamps",
                        "net.ipv4.tcp_tw_reuse",
                        "net.ipv4.tcp_syncookies",
                        "net.ipv4.ip_local_port_range",
                        "net.ipv4.ip_local_reserved_ports",
                        "net.ipv4.tcp_max_tw_buckets",
                        "net.ipv4.tcp_mem"),
                keys);
    }

    private SysctlPlan plan(String text) throws IOException {
        return SysctlPlan.of(tree, SysctlHost.of(tree), List.of(SysctlProfile.parse("test", text)));
    }

    private static List<Kind> kinds(SysctlPlan plan) {
        return plan.steps().stream().map(SysctlPlan.Step::kind).toList();
    }
}
