package io.longshore.http;

import static io.longshore.http.Heads.assertRequest;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The request heads of HOSTILE.md, rows 15 to 20; each is refused alike in one piece and however it is split. */
class HostileHeadTest {
    private static final String LINE = "GET / HTTP/1.1\r\n";
    private static final String GOOD = LINE + "Host: h\r\n";

    private static String withFields(String fields) {
        return GOOD + fields + "\r\n\r\n";
    }

    @Test
    @DisplayName("row 15: Content-Length with Transfer-Encoding")
    void refusesALengthWithATransferEncoding() {
        HeadFault fault = HeadFault.LENGTH_WITH_TRANSFER_ENCODING;
        assertRequest(fault, withFields("Content-Length: 5\r\nTransfer-Encoding: chunked"));
        assertRequest(fault, withFields("Transfer-Encoding: chunked\r\ncontent-length: 0"));
        assertRequest(fault, withFields("Transfer-Encoding: cow\r\nContent-Length: x"));
    }

    @ParameterizedTest
    @DisplayName("row 16: differing, repeated, negative, signed, overflowing, or listed Content-Length")
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length: 5\r\ncontent-length: 5",
                "Content-Length: 5, 5",
                "Content-Length: 5,6",
                "Content-Length: -1",
                "Content-Length: +5",
                "Content-Length: ",
                "Content-Length: 5 5",
                "Content-Length: 0x5",
                "Content-Length: 5.0",
                "Content-Length: 1e3",
                "Content-Length: \u0665",
                "Content-Length: 9999999999999999999",
                "Content-Length: 18446744073709551621"
            })
    void refusesAmbiguousContentLengths(String fields) {
        assertRequest(HeadFault.BAD_CONTENT_LENGTH, withFields(fields));
    }

    @ParameterizedTest
    @DisplayName("row 17: repeated or obfuscated Transfer-Encoding")
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: \"chunked\"",
                "Transfer-Encoding: chunked;q=1",
                "Transfer-Encoding: ,chunked",
                "Transfer-Encoding:",
                "Transfer-Encoding: cow"
            })
    void refusesObfuscatedTransferEncodings(String fields) {
        assertRequest(HeadFault.BAD_TRANSFER_ENCODING, withFields(fields));
    }

    @Test
    @DisplayName("row 17: any Transfer-Encoding on HTTP/1.0")
    void refusesTransferEncodingOnHttp10() {
        assertRequest(
                HeadFault.BAD_TRANSFER_ENCODING,
                withFields("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0"));
    }

    @ParameterizedTest
    @DisplayName("row 18: bare LF or CR")
    @ValueSource(
            strings = {
                "\n",
                "GET\n",
                "GET /\n",
                "GET /\rX",
                "GET / HTTP/1.1\n",
                "GET / HTTP/1.1\rX",
                "GET / HTTP/\n",
                LINE + "\n",
                LINE + "Host\n",
                LINE + "Host:\n",
                LINE + "Host: h\n",
                LINE + "Host: h\rX",
                LINE + "Host: h\r\r",
                LINE + "Host:\rX",
                GOOD + "\n",
                GOOD + "\rX"
            })
    void refusesBareLineEnds(String head) {
        assertRequest(HeadFault.BARE_CR_OR_LF, head);
    }

    @ParameterizedTest
    @DisplayName("row 18: NUL and other control bytes in a field line")
    @ValueSource(
            strings = {"\u0000", "A\u0000", "A:\u0000", "A: b\u0000", "A: b\u001b", "A: \u007f", "A: b\u000b", "\u0001"
            })
    void refusesControlBytes(String fields) {
        assertRequest(HeadFault.FORBIDDEN_BYTE, GOOD + fields);
    }

    @Test
    @DisplayName("row 18: obs-fold")
    void refusesFoldedLines() {
        assertRequest(HeadFault.OBSOLETE_FOLD, GOOD + " ");
        assertRequest(HeadFault.OBSOLETE_FOLD, GOOD + "A: b\r\n\tc\r\n\r\n");
    }

    @Test
    @DisplayName("row 19: space before the colon")
    void refusesSpaceBeforeTheColon() {
        assertRequest(HeadFault.SPACE_BEFORE_COLON, GOOD + "Content-Length : 5\r\n\r\n");
        assertRequest(HeadFault.SPACE_BEFORE_COLON, GOOD + "A\t:");
        assertRequest(HeadFault.SPACE_BEFORE_COLON, GOOD + "A B: c");
    }

    @ParameterizedTest
    @DisplayName("row 19: leading space on the first header, empty name, non-token name, no colon")
    @ValueSource(
            strings = {
                LINE + " Host: h\r\n\r\n",
                LINE + "\tHost: h\r\n\r\n",
                GOOD + ": b",
                GOOD + "A(b: c",
                GOOD + "A\u00e9: c",
                GOOD + "\"A\": c",
                GOOD + "A/b: c",
                GOOD + "A\r\n\r\n",
                GOOD + "{A: b"
            })
    void refusesBadNames(String head) {
        assertRequest(HeadFault.BAD_HEADER_NAME, head);
    }

    @ParameterizedTest
    @DisplayName("row 20: no Host, two Hosts")
    @ValueSource(
            strings = {
                LINE + "\r\n",
                LINE + "Host: h\r\nHost: h\r\n\r\n",
                LINE + "Host: h\r\nA: b\r\nhost: i\r\n\r\n",
                LINE + "Host:\r\n\r\n",
                "GET http://h/ HTTP/1.1\r\n\r\n"
            })
    void refusesAllButOneHost(String head) {
        assertRequest(HeadFault.BAD_HOST, head);
    }

    @Test
    void letsHttp10DoWithoutHost() {
        String head = "GET / HTTP/1.0\r\n\r\n";
        assertRequest(head.length(), head);
        assertRequest(HeadFault.BAD_HOST, "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n");
    }

    @ParameterizedTest
    @DisplayName("row 20: a Host that is no host[:port]")
    @ValueSource(
            strings = {
                "user@h",
                "h:port",
                "h:",
                "h:65536",
                "h:000080",
                "h:-1",
                "h h",
                "h,i",
                "h/",
                "http://h",
                "h?",
                "h%41",
                "a..b",
                ".a",
                ".",
                "h\\i",
                "\"h\"",
                "h;a",
                "[",
                "[]",
                "[::1",
                "::1",
                "[::1]80",
                "[::1]:",
                "[1:2:3]",
                "[1:2:3:4:5:6:7:8:9]",
                "[::1::2]",
                "[:::]",
                "[:1]",
                "[1:]",
                "[12345::]",
                "[g::]",
                "[fe80::1%eth0]",
                "[v1.x]",
                "[::1.2.3]",
                "[::1.2.3.256]",
                "[::1.2.3.4.5]",
                "[1:2:3:4:5:6:7:1.2.3.4]",
                "[::1.2.3.4:1]",
                "[1:2:3:4:5:6:7::8]",
                "caf\u00e9"
            })
    void refusesWhatIsNoHost(String host) {
        assertRequest(HeadFault.BAD_HOST, LINE + "Host: " + host + "\r\n\r\n");
    }

    @Test
    void refusesAHostLongerThanAnyName() {
        assertRequest(HeadFault.BAD_HOST, LINE + "Host: " + "a".repeat(256) + "\r\n\r\n");
    }

    @ParameterizedTest
    @DisplayName("row 20: a Host that differs from an absolute-form target")
    @CsvSource({
        "http://h/, i",
        "http://h/, h:80",
        "http://h:80/, h",
        "http://h:80/, h:81",
        "http://hh/, h",
        "http://[::1]/, [::2]"
    })
    void refusesAHostThatDiffersFromTheTarget(String target, String host) {
        assertRequest(HeadFault.BAD_HOST, "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
                "\u0080\u002e\u0001",
                "\u0000",
                " GET / HTTP/1.1\r\n",
                "GE(T / HTTP/1.1\r\n",
                "GET\r\n",
                "GET\t/ HTTP/1.1",
                "THISMETHODISLONGERTHANANYOFTHEREGISTEREDONES / HTTP/1.1\r\n"
            })
    void refusesWhatIsNoMethodAsInATlsClientHello(String head) {
        assertRequest(HeadFault.BAD_METHOD, head);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET / HTTP/0.9\r\n",
                "GET / HTTP/2\r\n",
                "GET / HTTP/1\r\n",
                "GET / HTTP/1.\r\n",
                "GET / HTTP/1.10\r\n",
                "GET / HTTP/1.1 \r\n",
                "GET / http/1.1\r\n",
                "GET / HTTPS/1.1\r\n",
                "GET / \r\n",
                "GET /\r\n"
            })
    void refusesOtherVersionsAsInTheHttp2Preface(String head) {
        assertRequest(HeadFault.BAD_HTTP_VERSION, head);
    }

    @Test
    void takesALaterMinorVersionFor11() {
        String head = GOOD.replace("1.1", "1.2") + "\r\n";
        assertRequest(head.length(), head);
    }
}
