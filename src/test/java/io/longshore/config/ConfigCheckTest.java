package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Values that are good alone and cannot work together. */
final class ConfigCheckTest {
    @Test
    void wantsOneCpuALoop() {
        assertFaults(
                "loops: 2\ncpus: [0, 1, 2]\n" + file("", "", ""),
                "2:8: cpus: has 3 entries for 2 loops; allowed: one entry a loop, or loops: auto");
        assertFaults("cpus: [0, 1, 0]\n" + file("", "", ""), "1:14: cpus: CPU 0 is listed twice");
        assertFaults("loops: 2\ncpus: [0, 1]\n" + file("", "", ""));
        assertFaults("loops: 2\ncpus: []\n" + file("", "", ""));
    }

    @Test
    void wantsEachListenerAtAnAddressOfItsOwn() {
        assertFaults(
                file("  - address: 127.0.0.1:8080\n", "", ""),
                "3:14: listeners[1].address: 127.0.0.1:8080 is listened on in line 2 already");
        assertFaults(file("  - address: 127.0.0.1:0\n  - address: 127.0.0.1:0\n  - address: 127.0.0.2:8080\n", "", ""));
        assertFaults(
                file("  - address: \"[::1]:80\"\n  - address: \"[0:0::1]:80\"\n", "", ""), "[::1]:80 is listened on");
    }

    @Test
    void wantsProxyHeadersToComeFromSomebody() {
        String fault =
                "4:21: listeners[1].proxy-protocol: is true without an address in trusted-proxies; allowed: with";
        String listener = "  - address: 127.0.0.1:0\n    proxy-protocol: ";
        assertFaults(file(listener + "true\n", "", ""), fault);
        assertFaults(file(listener + "true\n    trusted-proxies: []\n", "", ""), fault);
        assertFaults(file(listener + "true\n    trusted-proxies: [127.0.0.9]\n", "", ""));
        assertFaults(file(listener + "false\n", "", ""));
    }

    @Test
    void wantsEachEndpointOnce() {
        assertFaults(
                file("", "    endpoints: [127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:1]\n", ""),
                "5:43: origins.chat.endpoints: 127.0.0.1:1 is listed in line 5 already");
    }

    @Test
    void wantsEachSourceAddressOnce() {
        assertFaults(
                origin("sources: [127.0.0.2-127.0.0.9, 127.0.0.16/28, 127.0.0.9]"),
                "6:51: origins.chat.sources: 127.0.0.9 overlaps 127.0.0.2-127.0.0.9 in line 6; allowed: each");
        assertFaults(
                origin("sources: [127.0.0.20, 127.0.0.3, 127.0.0.0/24]"),
                "127.0.0.0-127.0.0.255 overlaps 127.0.0.3",
                "127.0.0.0-127.0.0.255 overlaps 127.0.0.20");
        assertFaults(origin("sources: [127.0.0.2, 127.0.0.3-127.0.0.4]"));
    }

    @Test
    void boundsThePairsOfSourcesAndEndpoints() {
        assertFaults(origin("sources: [10.0.0.0/8]"));
        assertFaults(pairs(16));
        assertFaults(pairs(17), "makes 69632 pairs of a source address and an endpoint");
        // A ring has eight bytes a port.
        assertFaults("ring-ports: 40000-49999\n" + origin("sources: [10.0.0.0/21]"));
        assertFaults(
                "ring-ports: 40000-49999\n" + origin("sources: [10.0.0.0/20]"),
                "all origins so far; allowed: at most 3355 with 10000 ring-ports");
    }

    private static String pairs(int endpoints) {
        String list = IntStream.rangeClosed(1, endpoints)
                .mapToObj(port -> "127.0.0.1:" + port)
                .collect(Collectors.joining(", "));
        return file("", "    endpoints: [" + list + "]\n    sources: [10.0.0.0/20, 10.1.0.0/24]\n", "");
    }

    @Test
    void wantsSourcesAndEndpointsToShareAFamily() {
        assertFaults(
                origin("sources: [\"::1\"]"),
                "6:15: origins.chat.sources: ::1 is IPv6, but every endpoint is IPv4; allowed: sources of");
        String both = "    endpoints: [127.0.0.1:1, \"[::1]:1\"]\n";
        assertFaults(file("", both, ""));
        assertFaults(file("", both + "    sources: [127.0.0.1, \"::1\"]\n", ""));
        assertFaults(
                file("", both + "    sources: [127.0.0.1, 127.0.0.2]\n", ""),
                "5:30: origins.chat.endpoints: [::1]:1 is IPv6, but every source is IPv4");
    }

    @Test
    void refusesWildcardsAsSources() {
        assertFaults(origin("sources: [0.0.0.0/24]"), "the wildcard, a multicast or the broadcast address");
        assertFaults(origin("sources: [223.255.255.255-224.0.0.1]"), "the wildcard, a multicast or the broadcast");
        assertFaults(origin("sources: [255.255.255.255]"), "the wildcard, a multicast or the broadcast address");
    }

    @Test
    void wantsEachHostAndPathRoutedOnce() {
        assertFaults(
                file(
                        "",
                        "",
                        "  - {host: A.example.com, path: /x, origin: chat}\n"
                                + "  - {host: a.example.com, path: /y, origin: chat}\n"
                                + "  - {path: /x, origin: chat, host: a.example.com}\n"),
                "10:5: routes: host \"a.example.com\" with path \"/x\" is routed in line 8 already");
        assertFaults(
                file("", "", "  - {origin: chat, path: /}\n"),
                "host \"*\" with path \"/\" is routed in line 7 already");
        // A path that is wrong is not the default path, though it has no other value.
        assertFaults(file("", "", "  - {origin: chat, path: x}\n"), "\"x\" does not begin with a slash");
    }

    @Test
    void wantsTheKernelToWaitLongerThanWeDo() {
        assertFaults(
                file("", "", "  - {path: /x, origin: chat, stalled-timeout: 90s}\n"),
                "8:47: routes[1].stalled-timeout: 90s is not below user-timeout, 90s");
        assertFaults(
                "user-timeout: 60s\n" + file("", "", ""),
                "1:15: user-timeout: 60s is not above the stalled-timeout of every route (60s unless given)");
        assertFaults("user-timeout: 61s\n" + file("", "", ""));
        assertFaults("user-timeout: 2m\n" + file("", "", "  - {path: /x, origin: chat, stalled-timeout: 90s}\n"));
        assertFaults("user-timeout: 1x\n" + file("", "", ""), "is no duration");
    }

    @Test
    void tellsOneFaultForOriginsThatAreMissing() {
        assertFaults("origins: {}\nlisteners: [{address: 127.0.0.1:1}]\nroutes: [{origin: a}]\n", "has 0 entries");
    }

    private static String origin(String line) {
        return file("", "    endpoints: [127.0.0.1:9000]\n    " + line + "\n", "");
    }

    private static String file(String listeners, String origin, String routes) {
        return "listeners:\n  - address: 127.0.0.1:8080\n" + listeners
                + "origins:\n  chat:\n" + (origin.isEmpty() ? "    endpoints: [127.0.0.1:9000]\n" : origin)
                + "routes:\n  - origin: chat\n" + routes;
    }

    private static void assertFaults(String text, String... expected) {
        ConfigReader.Result result = ConfigReader.parse("test.yaml", text);
        List<String> faults = result instanceof ConfigReader.Faulty faulty
                ? faulty.faults().stream().map(Fault::toString).toList()
                : List.of();
        assertEquals(expected.length, faults.size(), faults::toString);
        for (String each : expected) {
            assertTrue(faults.stream().anyMatch(fault -> fault.contains(each)), () -> each + " in " + faults);
        }
    }
}
