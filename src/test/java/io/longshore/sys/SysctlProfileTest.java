package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The profiles that come with Longshore, and the format. */
final class SysctlProfileTest {
    static Stream<SysctlProfile> shipped() throws IOException {
        return SysctlProfiles.shipped().all().stream();
    }

    @Test
    void theJarCarriesEveryFileOfTheFolder() throws IOException {
        try (Stream<Path> files = Files.list(ChildProcess.projectFolder().resolve("sysctl"))) {
            List<String> names = files.map(file -> file.getFileName().toString().replaceFirst("\\.conf$", ""))
                    .sorted()
                    .toList();
            assertEquals(names, SysctlProfiles.SHIPPED.stream().sorted().toList());
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyKeySaysWhyAndWhatItRisksAndWhenItBinds(SysctlProfile profile) {
        assertFalse(profile.entries().isEmpty());
        for (SysctlProfile.Entry entry : profile.entries()) {
            for (String said : List.of(entry.why(), entry.usual(), entry.binds(), entry.risk())) {
                assertFalse(said.isBlank(), profile.name() + ": " + entry.key());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyValueIsOneThatTheKernelTakesAsItIs(SysctlProfile profile) {
        for (SysctlProfile.Entry entry : profile.entries()) {
            assertNull(SysctlRules.fault(entry.key(), entry.value(), 4096), entry.key());
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void valuesAreEnoughForTheTunnelsTheyAreMadeFor(SysctlProfile profile) {
        long tunnels = profile.tunnels();
        for (SysctlProfile.Entry entry : profile.entries()) {
            String[] numbers = entry.value().split(" ");
            switch (entry.key()) {
                // Two entries a tunnel and a reserve; two sockets a tunnel, of which each may be charged a page.
                case "net.netfilter.nf_conntrack_max" -> assertTrue(Long.parseLong(numbers[0]) >= tunnels * 5 / 2);
                case "fs.file-max", "fs.nr_open" -> assertTrue(Long.parseLong(numbers[0]) > tunnels * 2);
                case "net.ipv4.tcp_mem" -> assertTrue(Long.parseLong(numbers[1]) > tunnels * 2);
                case "net.ipv4.ip_local_port_range" ->
                    assertEquals(1, (Long.parseLong(numbers[0]) + Long.parseLong(numbers[1])) % 2);
                default -> {}
            }
        }
    }

    @Test
    void withoutANameTheBaseProfilesAreMeant() throws IOException {
        assertEquals(List.of("ports", "queues", "memory", "conntrack"), names());
        assertEquals(List.of("ports", "queues", "memory-1m", "conntrack-1m"), names("1m"));
        assertEquals(List.of("ports", "memory-100k"), names("62-longshore-memory-100k.conf", "ports"));
        assertEquals(List.of("queues"), names("61-longshore-queues", "queues"));
    }

    @Test
    void twoSizesOfOneProfileAreRefusedAndSoIsAnUnknownName() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> names("memory", "memory-1m"))
                .getMessage()
                .contains("two sizes"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> names("memroy"))
                .getMessage()
                .contains("memory-100k"));
    }

    @Test
    void readsTheFormatOfSysctlD() {
        SysctlProfile profile = SysctlProfile.parse("70-x", """
                # Title
                ; Why: one
                ;   more
                # Risk: none
                -net.a =  1\t2\s
                net/ipv4/conf/eth0.1/x=3
                """);
        assertEquals("Title", profile.title());
        SysctlProfile.Entry first = profile.entries().get(0);
        assertEquals("net.a", first.key());
        assertEquals("1 2", first.value());
        assertEquals("one more", first.why());
        assertEquals("none", first.risk());
        assertEquals("net.ipv4.conf.eth0/1.x", profile.entries().get(1).key());
        assertEquals("", profile.entries().get(1).why());
    }

    @Test
    void aLineThatIsNoSettingIsNamed() {
        for (String line : List.of("net.a", "= 1", "net.*.x = 1", "net/../../etc/passwd = 1", "a b = 1")) {
            IllegalArgumentException fault =
                    assertThrows(IllegalArgumentException.class, () -> SysctlProfile.parse("x", "# c\n" + line));
            assertTrue(fault.getMessage().startsWith("x.conf:2: "), fault.getMessage());
        }
    }

    private static List<String> names(String... names) throws IOException {
        return SysctlProfiles.shipped().select(List.of(names)).stream()
                .map(SysctlProfile::shortName)
                .toList();
    }
}
