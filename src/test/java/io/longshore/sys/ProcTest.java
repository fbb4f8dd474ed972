package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small values of the kernel: files, versions, ranges of ports, limits. */
class ProcTest {
    @TempDir
    private Path root;

    @Test
    void readsNumbersAndToleratesWhatIsMissing() throws IOException {
        Files.writeString(root.resolve("three"), "287898\t383867\t575796\n");
        Files.writeString(root.resolve("huge"), "9223372036854775807\n");
        Files.writeString(root.resolve("word"), "always [madvise] never\n");
        Proc proc = new Proc(root);
        assertArrayEquals(new long[] {287_898, 383_867, 575_796}, proc.numbers("three"));
        assertEquals(Long.MAX_VALUE, proc.number("huge", 0));
        assertEquals(7, proc.number("word", 7));
        assertEquals(7, proc.number("missing", 7));
        assertNull(proc.text("missing"));
    }

    @Test
    void readsTheLongestFileOfTheKernelInOneRead() throws IOException {
        BitSet every2nd = new BitSet();
        StringBuilder list = new StringBuilder();
        for (int port = 1; port < 65_536; port += 2) {
            every2nd.set(port);
            list.append(list.length() == 0 ? "" : ",").append(port);
        }
        Path folder = Files.createDirectories(root.resolve("sys/net/ipv4"));
        Files.writeString(folder.resolve("ip_local_reserved_ports"), list + "\n");
        Files.writeString(folder.resolve("ip_local_port_range"), "9024\t65535\n");
        PortRange range = PortRange.read(new Proc(root));
        assertEquals(every2nd, range.reserved());
        assertEquals(56_512, range.width());
        assertEquals(28_256, range.usable());
        assertTrue(range.isUsable(9024));
        assertFalse(range.isUsable(9025));
        assertFalse(range.isUsable(9022));
    }

    @Test
    void understandsListsOfPorts() {
        BitSet ports = PortRange.parsePorts("8080,9000-9002\n");
        assertEquals("{8080, 9000, 9001, 9002}", ports.toString());
        assertTrue(PortRange.parsePorts("").isEmpty());
        assertTrue(PortRange.parsePorts(null).isEmpty());
    }

    @Test
    void comparesVersions() {
        KernelVersion kernel = KernelVersion.parse("6.18.44-generic");
        assertTrue(kernel.isAtLeast(6, 8));
        assertTrue(kernel.isAtLeast(5, 19));
        assertFalse(kernel.isAtLeast(6, 19));
        assertFalse(kernel.isAtLeast(7, 0));
        assertFalse(KernelVersion.parse(null).isAtLeast(2, 6));
        assertEquals("unknown", KernelVersion.parse(null).toString());
        assertTrue(KernelVersion.read(Proc.ofThisHost()).isAtLeast(4, 2));
    }

    @Test
    void knowsTheLimitOfThisProcess() throws IOException {
        // "Max open files            20000                20000                files"
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(each -> each.startsWith("Max open files"))
                .findFirst()
                .orElseThrow();
        String[] words = line.strip().split("\\s+");
        Limits limits = Limits.ofDescriptors();
        assertEquals(words[3], text(limits.soft()));
        assertEquals(words[4], text(limits.hard()));
    }

    private static String text(long limit) {
        return limit == Long.MAX_VALUE ? "unlimited" : Long.toString(limit);
    }

    @Test
    void knowsWhetherThereIsIoUring() {
        int answer = KernelFeatures.probe().ioUring();
        long disabled = Proc.ofThisHost().number("sys/kernel/io_uring_disabled", 0);
        assertTrue(answer == 0 || answer == -Kernel.ENOSYS || answer == -Kernel.EPERM, "errno " + -answer);
        assertTrue(disabled < 2 || answer == -Kernel.EPERM, "disabled for everybody and still there");
    }

    @Test
    void knowsWhetherThereIsKernelTls() {
        int answer = KernelFeatures.probe().kernelTls();
        String loaded = Proc.ofThisHost().text("sys/net/ipv4/tcp_available_ulp");
        boolean isLoaded = loaded != null && List.of(loaded.split(" ")).contains("tls");
        assertEquals(isLoaded, answer == 0, "errno " + -answer + " where the kernel lists: " + loaded);
    }
}
