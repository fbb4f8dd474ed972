package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, sizes, hosts, paths and names: the texts of the values. */
final class ValueTextTest {
    @ParameterizedTest
    @CsvSource({
        "100s, 100000, 100s",
        "1m30s, 90000, 90s",
        "2m, 120000, 2m",
        "250ms, 250, 250ms",
        "1h, 3600000, 1h",
        "1h1ms, 3600001, 1h1ms",
        "1h2m3s4ms, 3723004, 1h2m3s4ms",
        "1500ms, 1500, 1s500ms",
        "0s, 0, 0s",
        "007s, 7000, 7s",
    })
    void readsAndWritesDurations(String text, long ms, String written) {
        assertEquals(ms * 1_000_000, DurationText.parse(text));
        assertEquals(written, DurationText.format(ms * 1_000_000));
        assertEquals(ms * 1_000_000, DurationText.parse(written));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "100 | has no unit; did you mean 100s?",
                "'' | is no duration",
                "s | is no duration",
                "1.5s | is no duration",
                "-1s | is no duration",
                "10 s | is no duration",
                "10S | is no duration",
                "1d | is no duration",
                "30s1m | is no duration",
                "1s1s | is no duration",
                "1m30 | is no duration",
                "99999999999999999999s | is out of range",
                "9999999999999h | is out of range",
                "2562047h3000m | is out of range",
            })
    void saysWhatIsWrongWithADuration(String text, String expected) {
        String message =
                assertThrows(WrongText.class, () -> DurationText.parse(text)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @ParameterizedTest
    @CsvSource({
        "65536, 65536, 64KiB",
        "64KiB, 65536, 64KiB",
        "512B, 512, 512B",
        "1MiB, 1048576, 1MiB",
        "1GiB, 1073741824, 1GiB",
        "1536KiB, 1572864, 1536KiB",
        "0, 0, 0B"
    })
    void readsAndWritesSizes(String text, long bytes, String written) {
        assertEquals(bytes, SizeText.parse(text));
        assertEquals(written, SizeText.format(bytes));
        assertEquals(bytes, SizeText.parse(written));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "64KB | did you mean 64KiB?",
                "64k | did you mean 64KiB?",
                "1 MiB | did you mean 1MiB?",
                "1mib | did you mean 1MiB?",
                "1.5MiB | is no size",
                "-1 | is no size",
                "KiB | is no size",
                "'' | is no size",
                "99999999999999999999 | is out of range",
                "99999999999GiB | is out of range",
            })
    void saysWhatIsWrongWithASize(String text, String expected) {
        String message =
                assertThrows(WrongText.class, () -> SizeText.parse(text)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @ParameterizedTest
    @CsvSource({
        "*, *",
        "Chat.Example.COM, chat.example.com",
        "*.Example.com, *.example.com",
        "a_b-c, a_b-c",
        "127.0.0.1, 127.0.0.1",
        "[::1], [::1]",
        "localhost, localhost"
    })
    void readsHostsInLowerCase(String text, String host) {
        assertEquals(host, RouteText.parseHost(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.com:80 | a route matches the host alone",
                "https://example.com | a route matches the host alone",
                "a.*.com | a star elsewhere",
                "*example.com | a star elsewhere",
                "*.*.com | a star elsewhere",
                "example.com. | ends with a dot",
                "a..b | is no host name",
                ".a | is no host name",
                "*. | is no host name",
                "a b | is no host name",
                "[::1]:80 | no IPv6 address in brackets",
                "[1.2.3.4] | no IPv6 address in brackets",
                "[::g] | is no IPv6 address",
                "b\u00fccher.example | the xn-- form",
                "'' | is no host name",
            })
    void saysWhatIsWrongWithAHost(String text, String expected) {
        String message =
                assertThrows(WrongText.class, () -> RouteText.parseHost(text)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void boundsTheLengthsOfHostsPathsAndNames() {
        assertThrows(WrongText.class, () -> RouteText.parseHost("a".repeat(64) + ".com"));
        assertThrows(WrongText.class, () -> RouteText.parseHost("a.".repeat(126) + "com"));
        assertThrows(WrongText.class, () -> RouteText.parsePath("/" + "a".repeat(1024)));
        assertThrows(WrongText.class, () -> RouteText.parseName("a".repeat(65)));
        assertEquals("a".repeat(64), RouteText.parseName("a".repeat(64)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/chat", "/chat/v1/", "/a%20b", "/.well-known/x", "/..a", "/a;b=c,d~e!"})
    void readsPathsAsTheyStand(String text) {
        assertEquals(text, RouteText.parsePath(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chat | does not begin with a slash",
                "'' | does not begin with a slash",
                "/chat?x=1 | has a query",
                "/chat#x | has a query",
                "/chat/* | a path is a prefix",
                "/a b | must percent-encode",
                "/\u00fc | must percent-encode",
                "/a% | a percent sign",
                "/a%2 | a percent sign",
                "/a%zz | a percent sign",
                "/a/../b | has a dot segment",
                "/.. | has a dot segment",
                "/./a | has a dot segment",
            })
    void saysWhatIsWrongWithAPath(String text, String expected) {
        String message =
                assertThrows(WrongText.class, () -> RouteText.parsePath(text)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void guessesWordsThatAreNear() {
        var words = Setting.Level.ROUTE.settings().keySet();

        assertEquals("; did you mean idle-timeout?", Spelling.didYouMean("idle_timeout", words));
        assertEquals("; did you mean idle-timeout?", Spelling.didYouMean("idel-timeout", words));
        assertEquals("; did you mean host?", Spelling.didYouMean("hots", words));
        assertEquals("; did you mean path?", Spelling.didYouMean("Path", words));
        assertEquals("", Spelling.didYouMean("colour", words));
        assertEquals("", Spelling.didYouMean("h".repeat(1_000_000), words));
        assertEquals("", Spelling.didYouMean("", words));
    }

    @Test
    void quotesWithoutControlCharactersAndWithinABound() {
        assertEquals("\"a\\u{1b}[31m\\u{202e}b\"", Quote.of("a\u001b[31m\u202eb"));
        assertEquals(60 + 3, Quote.plain("x".repeat(1000)).length());
    }
}
