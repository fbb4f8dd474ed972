package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All or nothing, on a tree that can be made to fail where the kernel would not. */
final class SysctlChangeTest {
    private static final String PROFILE = """
            net.ipv4.ip_local_port_range = 9024 65535
            net.core.somaxconn = 65535
            net.ipv4.tcp_syncookies = 1
            """;
    private static final String SAVED = "var/lib/longshore/sysctl/saved-initial";

    @TempDir
    private Path proc;

    @TempDir
    private Path root;

    private FakeTree tree;

    @BeforeEach
    void boot() {
        tree = new FakeTree(proc)
                .set("net.core.somaxconn", "128")
                .set("net.ipv4.tcp_syncookies", "0")
                .sockets("tcp", "238C/0A");
    }

    @Test
    void appliesInOrderAndRestoresInReverse() throws IOException {
        apply(false);
        List<String> order = List.of(
                "net.ipv4.ip_local_reserved_ports",
                "net.ipv4.ip_local_port_range",
                "net.core.somaxconn",
                "net.ipv4.tcp_syncookies");
        assertEquals(order, tree.writes);
        assertEquals("9100", tree.read("net.ipv4.ip_local_reserved_ports"));
        tree.writes.clear();
        assertEquals(4, change().rollback().keys().size());
        assertEquals(order.get(0), tree.writes.get(3));
        assertUntouched();
        assertFalse(Files.exists(root.resolve(SAVED)));
        assertEquals(Map.of(), change().rollback().keys(), "a second time there is nothing to do");
    }

    @Test
    void whatIsReplacedIsOnTheDiskBeforeTheFirstWrite() throws IOException {
        tree.beforeWrite(() -> {
            try {
                String saved = Files.readString(root.resolve(SAVED));
                assertTrue(saved.contains("net.core.somaxconn\t128\n"), saved);
                assertTrue(saved.endsWith("end\n"), saved);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        apply(false);
        assertEquals(4, tree.writes.size());
    }

    @Test
    void aRefusedWriteUndoesThoseBeforeIt() throws IOException {
        tree.breakOn("net.ipv4.tcp_syncookies");
        String why = assertThrows(SysctlChange.Refused.class, () -> apply(true)).getMessage();
        assertTrue(why.contains("net.ipv4.tcp_syncookies = 1: Invalid argument"), why);
        assertEquals(6, tree.writes.size(), "three written, three taken back");
        assertUntouched();
        assertFalse(Files.exists(root.resolve(SAVED)));
        assertFalse(Files.exists(root.resolve("etc")));
    }

    @Test
    void aValueThatReadsBackDifferentlyUndoesAll() throws IOException {
        tree.bend("net.core.somaxconn", "4096");
        String why =
                assertThrows(SysctlChange.Refused.class, () -> apply(false)).getMessage();
        assertTrue(why.contains("the kernel made it 4096"), why);
        assertUntouched();
    }

    @Test
    void aKeyThatCannotBeOpenedStopsItBeforeTheFirstWrite() throws IOException {
        tree.lock("net.ipv4.tcp_syncookies");
        assertThrows(SysctlChange.Refused.class, () -> apply(false));
        assertEquals(List.of(), tree.writes);
        assertFalse(Files.exists(root.resolve("var")));
    }

    @Test
    void aRefusedPlanWritesNothing() throws IOException {
        assertThrows(
                SysctlChange.Refused.class,
                () -> change().apply(plan(PROFILE.replace("65535\nnet.ipv4", "-1\nnet.ipv4")), false));
        assertEquals(List.of(), tree.writes);
    }

    @Test
    void whatCannotBeTakenBackIsKeptForAnotherRollback() throws IOException {
        tree.bend("net.core.somaxconn", "4096");
        // The range reads back as written, and is then locked by somebody.
        tree.beforeWrite(() -> {
            if (tree.writes.size() == 3) {
                tree.breakOn("net.ipv4.ip_local_port_range");
            }
        });
        assertThrows(SysctlChange.Unrestored.class, () -> apply(false));
        assertEquals("9024 65535", tree.read("net.ipv4.ip_local_port_range"));
        assertThrows(SysctlChange.Unrestored.class, () -> change().rollback());
        tree.beforeWrite(() -> {}).breakOn("");
        change().rollback();
        assertUntouched();
    }

    @Test
    void aSecondApplyKeepsWhatTheFirstSaved() throws IOException {
        apply(false);
        tree.set("net.core.somaxconn", "200");
        apply(false);
        change().rollback();
        assertUntouched();
    }

    @Test
    void afterARebootTheSavedValuesOfTheOldKernelAreNotWritten() throws IOException {
        apply(false);
        tree.set("kernel.random.boot_id", "other").set("net.core.somaxconn", "4096");
        tree.writes.clear();
        change().rollback();
        assertEquals(List.of(), tree.writes);
    }

    @Test
    void afterARebootInstalledFilesAndTheirValuesAreTakenBack() throws IOException {
        apply(true);
        tree.set("kernel.random.boot_id", "other");
        change().rollback();
        assertUntouched();
        assertEquals(List.of(), installed());
    }

    @Test
    void installedFilesReplaceOtherSizesAndComeBackByteForByte() throws IOException {
        Path folder = Files.createDirectories(root.resolve("etc/sysctl.d"));
        Files.writeString(folder.resolve("70-test-1m.conf"), "net.core.somaxconn = 7\n");
        Files.write(folder.resolve("70-test.conf"), new byte[] {'#', (byte) 0xff, '\n'});
        Files.writeString(folder.resolve("70-tester.conf"), "# not ours\n");
        apply(true);
        assertEquals(List.of("59-longshore-reserved.conf", "70-test.conf", "70-tester.conf"), installed());
        assertEquals(PROFILE, Files.readString(folder.resolve("70-test.conf")));
        change().rollback();
        assertEquals(List.of("70-test-1m.conf", "70-test.conf", "70-tester.conf"), installed());
        assertEquals(3, Files.readAllBytes(folder.resolve("70-test.conf")).length);
        assertEquals("net.core.somaxconn = 7\n", Files.readString(folder.resolve("70-test-1m.conf")));
        assertUntouched();
    }

    @Test
    void anInstalledFileDoesNotLowerALimitAtTheNextBoot() throws IOException {
        tree.set("fs.file-max", "9223372036854775807");
        change().apply(plan("# Why: x\nfs.file-max = 100\nnet.core.somaxconn = 1024\n"), true);
        String text = Files.readString(root.resolve("etc/sysctl.d/70-test.conf"));
        assertTrue(text.contains("\n# fs.file-max = 100\n"), text);
        assertTrue(text.contains("\nnet.core.somaxconn = 1024\n"), text);
        change().rollback();
    }

    @Test
    void eachNetworkNamespaceHasItsOwnSavedFile() throws IOException {
        apply(false);
        tree.leave(4026532999L).set("net.core.somaxconn", "128");
        tree.writes.clear();
        change().rollback();
        assertEquals(List.of(), tree.writes, "the values of one namespace are not written into another");
        assertTrue(Files.exists(root.resolve(SAVED)));
    }

    @Test
    void aTruncatedSavedFileIsNotTrusted() throws IOException {
        apply(false);
        String whole = Files.readString(root.resolve(SAVED));
        Files.writeString(root.resolve(SAVED), whole.substring(0, whole.length() - 10));
        assertThrows(IOException.class, () -> change().rollback());
    }

    private void apply(boolean isPersisted) throws IOException {
        change().apply(plan(PROFILE), isPersisted);
    }

    private SysctlChange change() throws IOException {
        return new SysctlChange(tree, SysctlHost.of(tree), root);
    }

    private SysctlPlan plan(String text) throws IOException {
        return SysctlPlan.of(tree, SysctlHost.of(tree), List.of(SysctlProfile.parse("70-test", text)));
    }

    private List<String> installed() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("etc/sysctl.d"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void assertUntouched() throws IOException {
        assertEquals("32768 60999", tree.read("net.ipv4.ip_local_port_range"));
        assertEquals("", tree.read("net.ipv4.ip_local_reserved_ports"));
        assertEquals("128", tree.read("net.core.somaxconn"));
        assertEquals("0", tree.read("net.ipv4.tcp_syncookies"));
    }
}
