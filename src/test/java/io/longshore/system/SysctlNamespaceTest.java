package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.cli.SysctlShell;
import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code longshore sysctl} on the real kernel, in network namespaces of the test's own. Before anything is run in one, it is
 * made sure that it is not the host's. Needs root.
 */
final class SysctlNamespaceTest {
    private static final Path KEYS = Path.of("/proc/sys");
    private static final List<String> PROFILES = List.of(
            "ports", "queues", "memory", "memory-100k", "memory-1m", "conntrack", "conntrack-100k", "conntrack-1m");
    private static final List<String> SETS = List.of("", "100k", "1m");

    @TempDir
    private Path root;

    private final String hostNetwork = networkOf("self");
    private Namespace namespace;
    private Map<String, String> hostBefore;
    private Map<String, String> before;

    /** What one command did. */
    private record Run(int code, List<String> output, List<String> written) {
        String text() {
            return String.join("\n", output);
        }
    }

    @BeforeEach
    void enter() {
        hostBefore = hostKeys();
        namespace = Namespace.create();
        assertNotEquals(hostNetwork, inside("readlink", "/proc/self/ns/net").get(0), "it is the host's namespace");
        // The kernel's defaults: a new namespace inherits some of what the host was given, perhaps by these profiles.
        set("net/ipv4/ip_local_port_range", "32768 60999");
        set("net/core/somaxconn", "4096");
        set("net/ipv4/tcp_rmem", "4096 131072 6291456");
        set("net/ipv4/tcp_wmem", "4096 16384 4194304");
        if (hasConntrack()) {
            set("net/netfilter/nf_conntrack_tcp_timeout_established", "432000");
            set("net/netfilter/nf_conntrack_tcp_timeout_time_wait", "120");
        }
        before = keys();
    }

    @AfterEach
    void leave() {
        if (namespace != null) {
            namespace.close();
        }
        assertEquals(hostBefore, hostKeys(), "the host's own settings have changed");
    }

    @Test
    void applyVerifyRollbackOfEachProfileLeavesTheNamespaceAsBefore() {
        Listing etc = Listing.of("/etc/sysctl.d");
        Listing library = Listing.of("/var/lib/longshore");
        try (ChildProcess shell = shell()) {
            for (String profile :
                    Stream.concat(PROFILES.stream(), SETS.stream()).toList()) {
                Run diff = run(shell, "diff " + profile);
                assertEquals(0, diff.code(), diff.text());
                assertEquals(List.of(), diff.written());
                Run drifted = run(shell, "verify " + profile);
                Run applied = run(shell, "apply " + profile + " --persist --root " + root);
                assertEquals(0, applied.code(), applied.text());
                list(profile.isEmpty() ? "default" : profile, applied.written());
                if (profile.startsWith("conntrack") && !hasConntrack()) {
                    assertTrue(applied.text().contains("does not have it"), applied.text());
                } else {
                    assertFalse(applied.written().isEmpty(), profile + " wrote no key: " + applied.text());
                    assertEquals(1, drifted.code(), drifted.text());
                }
                // What it says it wrote is what is different, and nothing else is.
                assertEquals(new TreeSet<>(applied.written()), changed(before, keys()), profile);
                assertTrue(Files.exists(root.resolve("etc/sysctl.d")));

                Run verified = run(shell, "verify " + profile);
                assertEquals(0, verified.code(), verified.text());
                assertEquals(List.of(), verified.written());
                Run rolledBack = run(shell, "rollback --root " + root);
                assertEquals(0, rolledBack.code(), rolledBack.text());
                assertEquals(new TreeSet<>(applied.written()), new TreeSet<>(rolledBack.written()));
                assertEquals(before, keys(), profile);
                assertEquals(
                        new Listing(List.of()),
                        Listing.of(root.resolve("etc/sysctl.d").toString()));
                assertEquals(List.of(), run(shell, "rollback --root " + root).written());
            }
        }
        assertEquals(etc, Listing.of("/etc/sysctl.d"), "--root keeps it away from the machine's own folders");
        assertEquals(library, Listing.of("/var/lib/longshore"));
    }

    @Test
    void theHostsKeysAreSkippedAndTheRestIsApplied() {
        try (ChildProcess shell = shell()) {
            Run applied = run(shell, "apply 1m --root " + root);
            for (String key : List.of(
                    "fs.file-max",
                    "fs.nr_open",
                    "net.ipv4.tcp_mem",
                    "net.ipv4.tcp_max_orphans",
                    "net.core.netdev_max_backlog")) {
                assertTrue(applied.text().contains("skipped " + key + ": "), applied.text());
                assertFalse(applied.written().contains(key));
            }
            assertTrue(applied.written().contains("net.ipv4.tcp_rmem"));
        }
    }

    @Test
    void aValueThatTheKernelRefusesTakesBackWhatWasWrittenBeforeIt() throws IOException {
        Path folder = profile("""
                net.ipv4.ip_local_port_range = 9024 65535
                net.core.somaxconn = 5000
                net.ipv4.tcp_congestion_control = nosuch
                net.ipv4.tcp_sack = 0
                """);
        try (ChildProcess shell = shell()) {
            Run run = run(shell, "apply --profiles " + folder + " --root " + root + " --persist");
            list("written and taken back", run.written());
            assertEquals(1, run.code(), run.text());
            assertTrue(run.text().contains("nothing was applied: net.ipv4.tcp_congestion_control"), run.text());
            assertEquals(
                    List.of(
                            "net.ipv4.ip_local_port_range",
                            "net.core.somaxconn",
                            "net.core.somaxconn",
                            "net.ipv4.ip_local_port_range"),
                    run.written());
            assertEquals(before, keys());
            assertEquals(List.of(), run(shell, "rollback --root " + root).written());
        }
        assertFalse(Files.exists(root.resolve("etc")));
    }

    @Test
    void anUnwritableKeyStopsItBeforeTheFirstWrite() {
        // In a mount namespace of its own, where one key is mounted over itself, read-only.
        String key = KEYS.resolve("net/core/somaxconn").toString();
        String mount = "mount --bind " + key + " " + key + " && mount -o remount,bind,ro " + key + " && exec \"$@\"";
        List<String> command =
                new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh"));
        command.addAll(java());
        try (ChildProcess shell = start(command)) {
            Run run = run(shell, "apply --root " + root);
            assertEquals(1, run.code(), run.text());
            assertTrue(run.text().contains("net.core.somaxconn cannot be written"), run.text());
            assertEquals(List.of(), run.written());
            assertEquals(before, keys());
        }
    }

    @Test
    void aKillAtAnyKeyIsRolledBackFromTheSavedFile() {
        int keysMin = 6;
        for (int killedAfter : List.of(0, 1, 3, keysMin)) {
            List<String> command = new ArrayList<>(java());
            command.add(Integer.toString(killedAfter));
            try (ChildProcess shell = start(command)) {
                shell.writeLine("apply --persist --root " + root);
                assertEquals(128 + 9, shell.exitCode(Await.PATIENCE), shell::toString);
            }
            Set<String> written = changed(before, keys());
            list("killed after " + killedAfter, written);
            assertEquals(killedAfter, written.size(), "keys that were written: " + written);
            try (ChildProcess shell = shell()) {
                Run rolledBack = run(shell, "rollback --root " + root);
                assertEquals(0, rolledBack.code(), rolledBack.text());
                assertEquals(written, new TreeSet<>(rolledBack.written()));
            }
            assertEquals(before, keys());
        }
    }

    @Test
    void anApplyAfterAKillStillRemembersTheFirstValues() {
        List<String> command = new ArrayList<>(java());
        command.add("2");
        try (ChildProcess shell = start(command)) {
            shell.writeLine("apply --root " + root);
            assertEquals(128 + 9, shell.exitCode(Await.PATIENCE), shell::toString);
        }
        try (ChildProcess shell = shell()) {
            assertEquals(0, run(shell, "apply --root " + root).code());
            assertEquals(0, run(shell, "verify").code());
            assertEquals(0, run(shell, "rollback --root " + root).code());
        }
        assertEquals(before, keys());
    }

    @Test
    void portsOfListenersAreReservedBesideWhatWasReserved() {
        set("net/ipv4/ip_local_reserved_ports", "8080,10000-10002");
        before = keys();
        try (ChildProcess shell = shell()) {
            shell.writeLine("#listen 127.0.0.1 9100");
            shell.writeLine("#listen ::1 9101");
            shell.writeLine("#listen 127.0.0.1 9023");
            Run applied = run(shell, "apply ports --root " + root);
            assertEquals("net.ipv4.ip_local_reserved_ports", applied.written().get(0), "before the range is widened");
            assertEquals("8080,9100-9101,10000-10002", keys().get("net.ipv4.ip_local_reserved_ports"));
            assertEquals(0, run(shell, "rollback --root " + root).code());
            assertEquals(before, keys());
        }
    }

    @Test
    void aListOfReservedPortsLongerThanAPageIsMergedAndRestored() {
        StringBuilder list = new StringBuilder("1");
        for (int port = 20_001; port < 24_001; port += 2) {
            list.append(',').append(port);
        }
        try (ChildProcess shell = shell()) {
            Run written = run(
                    shell,
                    "apply --root " + root + " --profiles "
                            + profile("net.ipv4.ip_local_reserved_ports = " + list + "\n"));
            assertEquals(0, written.code(), written.text());
            assertEquals(list.toString(), keys().get("net.ipv4.ip_local_reserved_ports"));
            assertEquals(0, run(shell, "rollback --root " + root).code());
            assertEquals(before, keys());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void harmIsPointedOut() {
        set("net/ipv4/tcp_timestamps", "0");
        set("net/ipv4/ip_local_port_range", "1024 65000");
        try (ChildProcess shell = shell()) {
            Run verify = run(shell, "verify queues");
            assertTrue(verify.text().contains("harmful: net.ipv4.tcp_timestamps = 0: "), verify.text());
            assertTrue(verify.text().contains("harmful: net.ipv4.ip_local_port_range = 1024 65000: "), verify.text());
        }
    }

    /** Which keys were really written: a test that wrote none has shown nothing. */
    private static void list(String what, Collection<String> keys) {
        System.out.println("sysctl " + what + ": " + keys);
    }

    private Path profile(String text) throws IOException {
        Path folder = Files.createDirectories(root.resolve("profiles"));
        Files.writeString(folder.resolve("70-test.conf"), text);
        return folder;
    }

    private ChildProcess shell() {
        return start(java());
    }

    private List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SysctlShell.class.getName(),
                hostNetwork);
    }

    private ChildProcess start(List<String> command) {
        List<String> all = new ArrayList<>(namespace.prefix());
        all.addAll(command);
        return ChildProcess.start(all, Map.of());
    }

    private static Run run(ChildProcess shell, String command) {
        shell.writeLine(command.strip());
        List<String> output = new ArrayList<>();
        List<String> written = new ArrayList<>();
        while (true) {
            String line = shell.nextLine(Await.PATIENCE);
            if (line.startsWith("#exit ")) {
                return new Run(Integer.parseInt(line.substring(6)), output, written);
            }
            if (line.startsWith("#write ")) {
                written.add(line.substring(7));
            } else {
                output.add(line);
            }
        }
    }

    private List<String> inside(String... command) {
        List<String> all = new ArrayList<>(namespace.prefix());
        all.addAll(List.of(command));
        return ChildProcess.run(all, Map.of(), Await.PATIENCE);
    }

    private void set(String key, String value) {
        assertNotEquals(hostNetwork, inside("readlink", "/proc/self/ns/net").get(0));
        inside("sh", "-c", "echo '" + value + "' > " + KEYS.resolve(key));
    }

    private boolean hasConntrack() {
        return Files.exists(KEYS.resolve("net/netfilter/nf_conntrack_max"));
    }

    /** Every key of the namespace, and those of the host that a profile names, with its value. */
    private Map<String, String> keys() {
        return values(inside("sh", "-c", dump("net fs/file-max fs/nr_open")));
    }

    /** What the profiles name, as the host has it. Other tests may be at work on other keys of the host. */
    private static Map<String, String> hostKeys() {
        return values(ChildProcess.run(
                "sh",
                "-c",
                dump("net/ipv4/tcp_mem net/ipv4/tcp_max_orphans net/ipv4/tcp_rmem"
                        + " net/ipv4/ip_local_port_range net/ipv4/ip_local_reserved_ports net/ipv4/tcp_notsent_lowat"
                        + " net/core/somaxconn net/core/netdev_max_backlog net/netfilter fs/file-max fs/nr_open")));
    }

    private static String dump(String paths) {
        // grep prints nothing for a key that is empty or not to be read, and then exits with 1 or 2.
        return "cd " + KEYS + " && grep -rs '' " + paths + " || true";
    }

    private static Map<String, String> values(List<String> lines) {
        Map<String, String> values = new TreeMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            String key = line.substring(0, colon).replace('/', '.');
            // The number of entries of the moment is no setting.
            if (!key.endsWith("nf_conntrack_count")) {
                values.merge(key, line.substring(colon + 1).strip().replaceAll("\\s+", " "), (a, b) -> a + "\n" + b);
            }
        }
        assertTrue(values.size() > 5, values.toString());
        return values;
    }

    private static Set<String> changed(Map<String, String> before, Map<String, String> after) {
        Set<String> changed = new TreeSet<>();
        for (String key : before.keySet()) {
            if (!before.get(key).equals(after.get(key))) {
                changed.add(key);
            }
        }
        for (String key : after.keySet()) {
            if (!before.containsKey(key)) {
                changed.add(key);
            }
        }
        return changed;
    }

    private static String networkOf(String process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", process, "ns/net")).toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The names in a folder, none if it is not there. */
    private record Listing(List<String> names) {
        static Listing of(String folder) {
            if (!Files.isDirectory(Path.of(folder))) {
                return new Listing(List.of());
            }
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                return new Listing(files.map(Path::toString)
                        .filter(name -> !name.equals(folder))
                        .sorted()
                        .toList());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
