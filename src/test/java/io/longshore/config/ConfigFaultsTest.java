package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said about a bad file. */
final class ConfigFaultsTest {
    /** Lines 1 to 9; a test adds its own lines behind. */
    private static final String GOOD = """
            listeners:
              - address: 127.0.0.1:8080
            origins:
              chat:
                endpoints: [127.0.0.1:9000]
            routes:
              - host: a.example.com
                path: /chat
                origin: chat
            """;

    @Test
    void reportsFiveDifferentMistakesAtOnceWithLineAndColumn() {
        String text = """
                engine: nio
                loop: 2
                listeners:
                  - address: 127.0.0.1
                    head-timeout: 10
                origins:
                  chat:
                    endpoints: [127.0.0.1:9000]
                    sources: [fd00::1]
                routes:
                  - origin: chatt
                parked-bytes-max: 1KiB
                engine: auto
                """;

        List<Fault> faults = faultsOf(text);

        assertEquals(
                List.of(
                        "2:1 loop",
                        "4:14 listeners[0].address",
                        "5:19 listeners[0].head-timeout",
                        "9:15 origins.chat.sources",
                        "11:13 routes[0].origin",
                        "12:19 parked-bytes-max",
                        "13:1 engine"),
                faults.stream()
                        .map(fault -> fault.line() + ":" + fault.column() + " " + fault.key())
                        .toList());
        assertTrue(
                faults.get(0).message().endsWith("; did you mean loops?"),
                faults.get(0).message());
        assertEquals(
                "test.yaml:5:19: listeners[0].head-timeout: \"10\" has no unit; allowed: duration, 1ms to 24h"
                        + "; did you mean 10s?",
                faults.get(2).toString());
        assertEquals(
                "test.yaml:12:19: parked-bytes-max: \"1KiB\" is out of range; allowed: size, 4KiB to 64MiB",
                faults.get(5).toString());
        assertEquals(
                "test.yaml:13:1: engine: is given twice; it stands in line 1 already",
                faults.get(6).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "engine: epoll | 10:9: engine: \"epoll\" is not known; allowed: word, auto, nio, io_uring",
                "engine: atuo | did you mean auto?",
                "engine: [auto] | 10:9: engine: is a list; allowed: word",
                "engine: {a: b} | 10:9: engine: is a map",
                "engine: | engine: is without a value",
                "engine: ~ | engine: is without a value",
                "loops: 0 | 10:8: loops: \"0\" is out of range; allowed: number, auto, or 1 to 1024",
                "loops: 1025 | is out of range",
                "loops: -1 | is no whole number",
                "loops: 1.5 | is no whole number",
                "loops: 0x10 | is no whole number",
                "loops: 08 | begins with a needless zero",
                "loops: 99999999999999999999 | is out of range",
                "cpus: 1 | \"1\" is one value; allowed: list of numbers, 0 to 1024 entries, each 0 to"
                        + " 1023; did you mean [1]?",
                "cpus: [1024] | 10:8: cpus[0]: \"1024\" is out of range; allowed: number, 0 to 1023",
                "drain-timeout: 25h | is out of range; allowed: duration, 0s to 24h",
                "parked-bytes-max: 65MiB | is out of range",
                "parked-bytes-max: 64KB | did you mean 64KiB?",
                "head-bytes-max: 65KiB | is out of range; allowed: size, 1KiB to 64KiB",
                "headers-max: 7 | is out of range; allowed: number, 8 to 1024",
                "keepalive-idle: 1500ms | is out of range; allowed: duration, 1s to 9h, in steps of 1s",
                "user-timeout: 100ms | is out of range",
                "access-log: \"\" | is no path",
                "access-log: - | a lone dash needs quotes",
                "counters: \"a\\0b\" | 10:11: counters: \"a\\u{0}b\" is no path",
                "tunnels: 10 | 10:1: tunnels: is not known; allowed: engine, loops",
                "queue: 10 | 10:1: queue: does not belong here, but in origins",
                "port-mode: rings | did you mean ring?",
                "port-mode: ring | 10:12: port-mode: ring needs ports of its own; allowed: ring with ring-ports",
                "ring-ports: 2000 | is no range of ports; allowed: ports, none, or low-high within 1024 to 65535",
                "ring-ports: 3000-2000 | ends before it begins",
                "ring-ports: 1000-2000 | is out of range",
                "idle-timeout: 5s | 10:1: idle-timeout: does not belong here, but in routes",
                "Engine: auto | did you mean engine?",
                "user_timeout: 80s | did you mean user-timeout?",
                "[a, b]: 1 | 10:1: yaml: a list is no key",
                "\"\": 1 | 10:1: : is not known",
                "loops: &a 2 | 10:8: loops: &a is an anchor, and anchors are not supported",
                "loops: *a | 10:8: loops: *a is an alias, and aliases are not supported",
                "loops: !!int 2 | is a tag, and tags are not supported",
                "loops: !loops 2 | \"!loops\" is a tag",
                "--- {} | 10:1: yaml: a second document begins here",
                "engine: \"auto | yaml: found unexpected end of stream",
                "engine: @auto | 10:9: yaml: found character",
                "cpus: [[[[[[[[[[[[ | 10:14: cpus[0][0][0][0][0][0][0]: is nested deeper than 8 levels",
            })
    void saysWhatIsWrongAtTheTop(String line, String expected) {
        assertOneFault(GOOD + line + "\n", expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "host: a.example.com | host: \"a b\" | 7:11: routes[0].host: \"a b\" is no host name",
                "host: a.example.com | host: * | 7:12: yaml: unexpected character",
                "host: a.example.com | host: *.example.com | 7:12: yaml: unexpected character found .(46); a value"
                        + " that begins with a star needs",
                "path: /chat | path: chat | 8:11: routes[0].path: \"chat\" does not begin with a slash",
                "path: /chat | pth: /chat | 8:5: routes[0].pth: is not known",
                "path: /chat | head-timeout: 1s | does not belong here, but in listeners",
                "path: /chat | loops: 1 | does not belong here, but at the top of the file",
                "path: /chat | idle-timeout: 0s | is out of range; allowed: duration, 1ms to 24h",
                "origin: chat | origin: chta | \"chta\" is no origin of this file; allowed: chat; did you mean chat?",
                "origin: chat | idle-timeout: 1s | 7:5: routes[0].origin: is missing",
                "address: 127.0.0.1:8080 | head-timeout: 1s | 2:5: listeners[0].address: is missing",
                "address: 127.0.0.1:8080 | address: localhost:8080 | 2:14: listeners[0].address: \"localhost\" is",
                "address: 127.0.0.1:8080 | address: 224.0.0.1:8080 | is a multicast address",
                "address: 127.0.0.1:8080 | address: [::1]:8080 | in brackets or in a list needs quotes",
                "- address: 127.0.0.1:8080 | - {address: 127.0.0.1:8080, proxy-protocol: yes} | 2:47:"
                        + " listeners[0].proxy-protocol: \"yes\" is neither true nor false; allowed: switch, true or",
                "- address: 127.0.0.1:8080 | - 127.0.0.1:8080 | 2:5: listeners[0]: is the text \"127.0.0.1:8080\"",
                "- address: 127.0.0.1:8080 | address: 127.0.0.1:8080 | 2:3: listeners: is a map; allowed: list",
                "[127.0.0.1:9000] | [127.0.0.1] | \"127.0.0.1\" has no port; allowed: IP:port",
                "[127.0.0.1:9000] | [127.0.0.1:0] | port 0, which nobody can be dialled at",
                "[127.0.0.1:9000] | [0.0.0.0:9000] | the wildcard, a multicast or the broadcast address",
                "[127.0.0.1:9000] | [127.0.0.1:9000, example.com:80] | 5:33: origins.chat.endpoints[1]:"
                        + " \"example.com\" is no IP",
                "[127.0.0.1:9000] | [] | 5:16: origins.chat.endpoints: has 0 entries",
                "[127.0.0.1:9000] | [[]] | 5:17: origins.chat.endpoints[0]: is a list",
                "[127.0.0.1:9000] | [~] | 5:17: origins.chat.endpoints[0]: is without a value",
                "[127.0.0.1:9000] | &e [127.0.0.1:9000] | &e is an anchor",
                "chat: | chat: &c | 4:9: origins.chat: &c is an anchor",
            })
    void saysWhatIsWrongInside(String good, String bad, String expected) {
        assertOneFault(GOOD.replace(good, bad), expected);
    }

    @Test
    void saysWhatIsMissingFromAnEmptyFile() {
        for (String text : List.of("", "\n\n", "# nothing\n", "---\n", "~")) {
            assertEquals(
                    List.of("listeners", "origins", "routes"),
                    faultsOf(text).stream().map(Fault::key).toList(),
                    text);
        }
        assertOneFault("[a, b]", "1:1: file: is a list; allowed: a map of settings: engine, loops");
        assertOneFault("longshore", "1:1: file: is the text \"longshore\"");
    }

    @Test
    void saysNothingOfWhatMayStandBehindASyntaxError() {
        List<Fault> faults = faultsOf("loops: none\nlisteners:\n  - head-timeout: 1x\n    address: @\n");

        assertEquals(
                List.of("loops", "listeners[0].head-timeout", "yaml"),
                faults.stream().map(Fault::key).toList());
    }

    @Test
    void tellsWhereTheTextStopsBeingTextOrUtf8() {
        byte[] bytes = (GOOD + "# \u00fc: ").getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length - 1] = (byte) 0xff;

        assertEquals(List.of("test.yaml:10:5: file: is not in UTF-8 from here on"), faultsOf(bytes));
        assertEquals(
                List.of("test.yaml:10:4: yaml: the character U+0007 is not allowed in YAML"),
                texts(faultsOf(GOOD + "# \ud83d\ude00\u0007")));
    }

    @Test
    void tellsTabsFromSpaces() {
        assertOneFault(GOOD + "\tengine: auto\n", "10:1: yaml: found character");
        assertOneFault(GOOD + "\tengine: auto\n", "YAML is indented with spaces, not tabs");
    }

    @Test
    void namesDuplicatesOfEveryKind() {
        assertOneFault(
                GOOD.replace("    endpoints", "    connect-timeout: 1s\n    connect-timeout: 2s\n    endpoints"),
                "6:5: origins.chat.connect-timeout: is given twice; it stands in line 5 already");
        assertOneFault(
                GOOD.replace("routes:", "  chat: {endpoints: [127.0.0.1:1]}\nroutes:"),
                "6:3: origins.chat: is given twice; it stands in line 4 already");
        assertOneFault(GOOD + "routes: []\n", "10:1: routes: is given twice; it stands in line 6 already");
    }

    @Test
    void refusesNamesThatWouldNeedQuotes() {
        assertOneFault(
                GOOD.replace("chat:", "\"a b\":").replace("origin: chat", "origin: \"a b\""),
                "4:3: origins: \"a b\" is no name; allowed: map of origins");
    }

    @Test
    void boundsTheFaultsOfAHostileFile() {
        StringBuilder text = new StringBuilder(GOOD);
        for (int i = 0; i < 5_000; i++) {
            text.append("k").append(i).append(": x\n");
        }

        List<Fault> faults = faultsOf(text.toString());

        assertEquals(Faults.FAULTS_MAX + 1, faults.size());
        assertEquals(
                "4800 more faults are not shown", faults.get(Faults.FAULTS_MAX).message());
    }

    @Test
    void survivesABombOfAliasesAndOneOfDepth() {
        StringBuilder aliases = new StringBuilder("a: &a [x]\n");
        for (char c = 'b'; c <= 'z'; c++) {
            char before = (char) (c - 1);
            aliases.append(c)
                    .append(": &")
                    .append(c)
                    .append(" [")
                    .append(("*" + before + ",").repeat(9))
                    .append("]\n");
        }
        assertTrue(faultsOf(aliases.toString()).size() > 25);
        for (String opening : List.of("[", "- ", "? ", "{a: ")) {
            List<String> faults = texts(faultsOf(opening.repeat(200_000)));
            assertTrue(faults.stream().anyMatch(fault -> fault.contains("is nested deeper than 8")), faults::toString);
        }
    }

    private static void assertOneFault(String text, String expected) {
        List<String> faults = texts(faultsOf(text));
        assertEquals(1, faults.size(), faults::toString);
        assertTrue(faults.get(0).contains(expected), faults.get(0));
    }

    private static List<Fault> faultsOf(String text) {
        ConfigReader.Result result = ConfigReader.parse("test.yaml", text);
        return assertInstanceOf(ConfigReader.Faulty.class, result).faults();
    }

    private static List<String> faultsOf(byte[] bytes) {
        ConfigReader.Result result = ConfigReader.parse("test.yaml", bytes);
        return texts(assertInstanceOf(ConfigReader.Faulty.class, result).faults());
    }

    private static List<String> texts(List<Fault> faults) {
        return faults.stream().map(Fault::toString).toList();
    }
}
