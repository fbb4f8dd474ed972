package io.longshore.http;

import static io.longshore.http.Heads.assertRequest;
import static io.longshore.http.Heads.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
    private static String get(String target, String host) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    @ParameterizedTest
    @CsvSource({
        "/, /, ''",
        "/?, /, ?",
        "/a/b, /a/b, ''",
        "/a?b=/../c?d, /a, ?b=/../c?d",
        "//a//, //a//, ''",
        "/.a/..b/c./d../.../, /.a/..b/c./d../.../, ''",
        "/%61%2F%5c%7e, /%61%2F%5c%7e, ''",
        "/%2ea/a%2e%2e, /%2ea/a%2e%2e, ''",
        "/a;b=..;c/d, /a;b=..;c/d, ''",
        "'/\"<>^`{|}', '/\"<>^`{|}', ''",
        "/?\\%00, /, ?\\%00",
        "http://h, /, ''",
        "http://h?q, /, ?q",
        "http://h/?q, /, ?q",
        "HTTPS://H/a/b?q, /a/b, ?q",
    })
    void findsPathAndQueryAsLiteralBytes(String target, String path, String query) {
        Head head = request(get(target, "h"));

        assertEquals(path, Heads.path(head));
        assertEquals(query, Heads.query(head));
        assertEquals("h", Heads.host(head));
    }

    @ParameterizedTest
    @DisplayName("row 24: dot segments, plain or percent-encoded, however the segment ends")
    @ValueSource(
            strings = {
                "/..",
                "/.",
                "/../",
                "/./",
                "/a/../b",
                "/a/./b",
                "/a/..?b",
                "/a/.?b",
                "/%2e%2e/",
                "/%2E./a",
                "/.%2e",
                "/%2e",
                "/%2e?a",
                "/a/..%2fb",
                "/a/..%5Cb",
                "/a%2f../b",
                "/a%2f..%2f",
                "/..;/a",
                "/..;x=y/a",
                "/.%3b/a",
                "/a;b/../c",
                "http://h/..",
                "http://h/a/%2e%2e/b"
            })
    void refusesDotSegments(String target) {
        assertRequest(HeadFault.BAD_TARGET, get(target, "h"));
    }

    @ParameterizedTest
    @DisplayName("row 24: bad percent-encoding")
    @ValueSource(
            strings = {
                "/%", "/%2", "/%2g", "/%g2", "/a%?b", "/%2?0", "/%%20", "/?%", "/?a%4", "/?%zz", "/%u0041", "/a%00b"
            })
    void refusesBadPercentEncoding(String target) {
        assertRequest(HeadFault.BAD_TARGET, get(target, "h"));
    }

    @ParameterizedTest
    @DisplayName("row 24: control bytes, non-ASCII, fragment, backslash, space")
    @ValueSource(
            strings = {"/\u0000", "/\u0001", "/\t", "/\u007f", "/caf\u00e9", "/#", "/a?b#c", "/a\\b", "/a b", "", " /"})
    void refusesBytesThatNoTargetHas(String target) {
        assertRequest(HeadFault.BAD_TARGET, get(target, "h"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "h",
                "h:80",
                "a",
                "?a",
                "ftp://h/",
                "ws://h/",
                "http:/h",
                "http://",
                "http:///a",
                "http://?a",
                "http://u@h/",
                "http://u:p@h/",
                "http://h:/",
                "http://h:x/",
                "http://h%2f/",
                "http://[::1/"
            })
    void refusesFormsThatAGetCannotHave(String target) {
        assertRequest(HeadFault.BAD_TARGET, get(target, "h"));
    }

    @Test
    void refusesAControlByteAsItComes() {
        assertRequest(HeadFault.BAD_TARGET, "GET /a\u0000");
        assertRequest(HeadFault.BAD_TARGET, "GET /a#");
    }

    @Test
    void knowsTheFormsOfOtherMethods() {
        Head options = request(get("*", "h").replace("GET", "OPTIONS"));
        assertEquals(0, options.pathLength());
        assertEquals("*", Heads.target(options));

        Head connect = request(get("h:443", "h:443").replace("GET", "CONNECT"));
        assertEquals(0, connect.pathLength());
        assertRequest(HeadFault.BAD_TARGET, "CONNECT / ");
        assertRequest(HeadFault.BAD_TARGET, "CONNECT h ");
    }

    @ParameterizedTest
    @CsvSource({
        "h, h",
        "H.Example.COM:8080, H.Example.COM",
        "a-b_c~.d.:1, a-b_c~.d.",
        "127.0.0.1:65535, 127.0.0.1",
        "[::], [::]",
        "[::1]:8080, [::1]",
        "[1:2:3:4:5:6:7:8], [1:2:3:4:5:6:7:8]",
        "[1::], [1::]",
        "[1::8], [1::8]",
        "[::2:3:4:5:6:7:8], [::2:3:4:5:6:7:8]",
        "[FE80::aBcD], [FE80::aBcD]",
        "[::ffff:1.2.3.4]:80, [::ffff:1.2.3.4]",
        "[1:2:3:4:5:6:255.255.255.255], [1:2:3:4:5:6:255.255.255.255]",
        "[::1.2.3.4], [::1.2.3.4]",
    })
    void findsTheHostWithoutItsPort(String authority, String host) {
        Head head = request(get("/", authority));
        assertEquals(host, Heads.host(head));
        assertEquals(authority, Heads.authority(head));

        Head absolute = request(get("http://" + authority + "/", authority));
        assertEquals(host, Heads.host(absolute));
    }

    @Test
    void letsTheCaseOfLettersDifferBetweenTargetAndHost() {
        assertEquals("h.EXAMPLE", Heads.host(request(get("http://H.example/", "h.EXAMPLE"))));
    }

    @Test
    void takesTheHostFromTheTargetWhereHttp10HasNoOther() {
        assertEquals("h", Heads.host(request("GET http://h:80/ HTTP/1.0\r\n\r\n")));
    }
}
