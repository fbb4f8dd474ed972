package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.sys.SysctlTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** The command line on a folder that stands for /proc: what it prints and which exit codes it gives. */
final class SysctlCommandTest {
    @TempDir
    private Path proc;

    @TempDir
    private Path root;

    @BeforeEach
    void boot() throws IOException {
        write("sys/kernel/random/boot_id", "1-2-3");
        write("sys/net/core/netdev_max_backlog", "1000");
        write("sys/net/core/somaxconn", "4096");
        write("sys/net/ipv4/ip_local_port_range", "32768\t60999");
        write("sys/net/ipv4/ip_local_reserved_ports", "");
        write("sys/net/ipv4/tcp_timestamps", "1");
        write("sys/net/ipv4/tcp_syncookies", "1");
        write("meminfo", "MemTotal: 16000000 kB");
        Files.createDirectories(proc.resolve("self/ns"));
        Files.createSymbolicLink(proc.resolve("self/ns/net"), Path.of("net:[4026531833]"));
    }

    @Test
    void listNamesTheProfilesTheDefaultAndTheSets() {
        CommandRun run = CommandRun.of("sysctl", "list");
        assertEquals(0, run.code());
        assertTrue(
                run.out().contains("memory-1m          62-longshore-memory-1m       up to 1000000 tunnels"), run.out());
        assertTrue(run.out().contains("ports            * 60-longshore-ports"), run.out());
        assertTrue(run.out().contains("1m stands for ports, queues, memory-1m, conntrack-1m"), run.out());
    }

    @Test
    void showPrintsTheFileThatTheProjectHolds() throws IOException {
        CommandRun run = CommandRun.of("sysctl", "show", "ports");
        assertEquals(0, run.code());
        assertTrue(run.out()
                .contains(Files.readString(Path.of("sysctl/60-longshore-ports.conf"))
                        .strip()));
    }

    @Test
    void aWrongNameIsAMistakeOfTheCommandLine() {
        CommandRun run = CommandRun.of("sysctl", "diff", "prots");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("no profile prots; there are ports, queues"), run.err());
        assertEquals(2, CommandRun.of("sysctl").code());
        assertEquals(2, CommandRun.of("sysctl", "diff", "memory", "memory-1m").code());
    }

    @Test
    void diffShowsEffectAndRiskAndVerifyExitsWithOneOnDrift() {
        CommandRun diff = run("diff", "queues");
        assertEquals(0, diff.code(), diff.err());
        assertTrue(diff.out().contains("  change    net.core.somaxconn: 4096 -> 65535"), diff.out());
        assertTrue(diff.out().contains("            risk:   up to 65,535"), diff.out());
        assertTrue(diff.out().contains("  unknown   net.ipv4.tcp_migrate_req"), diff.out());
        assertEquals(1, run("verify", "queues").code());
    }

    @Test
    void afterApplyVerifyIsContentUntilRollback() throws IOException {
        CommandRun applied = run("apply", "ports", "queues", "--root", root.toString());
        assertEquals(0, applied.code(), applied.err());
        assertTrue(applied.out().contains("wrote net.ipv4.ip_local_port_range = 9024 65535"), applied.out());
        assertTrue(
                applied.out().contains("skipped net.ipv4.tcp_migrate_req: this kernel does not have it"),
                applied.out());
        assertEquals(0, run("verify", "ports", "queues").code());
        assertTrue(run("apply", "ports", "--root", root.toString()).out().contains("nothing to write"));
        assertEquals(0, run("rollback", "--root", root.toString()).code());
        assertEquals(1, run("verify", "ports").code());
        assertTrue(run("rollback", "--root", root.toString()).out().contains("nothing to restore"));
        assertEquals(
                "4096", Files.readString(proc.resolve("sys/net/core/somaxconn")).strip());
    }

    @Test
    void theSameAsJson() {
        CommandRun run = run("diff", "ports", "--json");
        assertEquals(0, run.code(), run.err());
        // JSON is YAML.
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(run.out());
        assertTrue(tree.toString().contains("state=change, now=32768 60999, wanted=9024 65535"), tree.toString());
        assertTrue(tree.toString().startsWith("{network=initial, keys="), tree.toString());
    }

    @Test
    void everySubcommandTellsItsExitCodes() {
        for (String command : new String[] {"list", "show", "diff", "verify", "apply", "rollback"}) {
            CommandRun run = CommandRun.of("sysctl", command, "--help");
            assertEquals(0, run.code());
            assertTrue(run.out().contains("Exit codes:\n  0   "), run.out());
        }
    }

    /** Never the machine's own settings: only what reads runs on those. */
    private CommandRun run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new SysctlCommand(new SysctlTree(proc)))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new CommandRun(code, out.toString(), err.toString());
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(proc.resolve(file).getParent());
        Files.writeString(proc.resolve(file), text + "\n");
    }
}
