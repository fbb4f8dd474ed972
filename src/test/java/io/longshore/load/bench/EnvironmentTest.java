package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnvironmentTest {
    @TempDir
    Path root;

    @Test
    void readsWhatTheMachineHas() throws IOException {
        file("proc/sys/kernel/osrelease", "6.18.5\n");
        file("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        file("proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\n");
        file("proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\n");
        file("sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI\n");
        file("sys/devices/system/cpu/vulnerabilities/l1tf", "Not affected\n");
        file("sys/devices/system/cpu/isolated", "\n");
        file("proc/self/limits", "Max open files            1024                 20000                files     \n");
        file("proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
        Map<String, String> told = new LinkedHashMap<>();
        told.put("nginx", "1.22.1");
        told.put("memory", "as the caller says");
        assertEquals(
                List.of(
                        "kernel=6.18.5",
                        "system=Debian GNU/Linux 12 (bookworm)",
                        "CPU=A CPU",
                        "CPUs=2",
                        "hypervisor=yes: this is a virtual machine",
                        "memory=as the caller says",
                        "mitigations=meltdown: Mitigation: PTI",
                        "nginx=1.22.1",
                        "RLIMIT_NOFILE=1024 soft, 20000 hard",
                        "net.ipv4.tcp_rmem=4096 131072 6291456"),
                lines(Environment.gather(root, root, told)));
    }

    @Test
    void aMachineThatSaysNothingLeavesWhatTheCallerTold() {
        assertEquals(List.of("jdk=17"), lines(Environment.gather(root, root, Map.of("jdk", "17"))));
    }

    @Test
    void thisMachineHasAKernelAndALimit() {
        Map<String, String> here = Environment.gather(root, Map.of());
        assertTrue(here.get("kernel").matches("\\d+\\.\\d+.*"), here.toString());
        assertTrue(here.containsKey("RLIMIT_NOFILE"), here.toString());
        // A careless reader gets the first character of such a file, and nothing more.
        assertTrue(here.get("net.ipv4.ip_local_port_range").matches("\\d{2,5} \\d{4,5}"), here.toString());
        assertFalse(here.containsKey("commit"), "a folder outside any repository has no commit");
    }

    private static List<String> lines(Map<String, String> map) {
        List<String> lines = new ArrayList<>();
        map.forEach((name, text) -> lines.add(name + "=" + text));
        return lines;
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
