package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WsCommandTest {
    @Test
    void echoesTheLinesOfItsInputAndClosesAtItsEnd() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.withInput("hello\nwörld\n//slash\n", "ws", peer.url(), "--expect", "3");
            assertEquals("hello\nwörld\n/slash\n", run.out());
            assertEquals("# connected\n# closed 1000\n", run.err());
            assertEquals(0, run.code());
            peer.awaitEnd();
        }
    }

    @Test
    void sendsInputThatEndsBeforeAnyReply() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.withInput("hello", "ws", peer.url());
            assertEquals(0, run.code(), run.err());
            assertEquals("hello\n", run.out());
        }
    }

    @Test
    void sendsInOrderMoreThanItReadsAhead() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            lines.append("line ").append(i).append('\n');
        }
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.withInput(lines.toString(), "ws", peer.url(), "--expect", "1000");
            assertEquals(0, run.code(), run.err());
            assertEquals(lines.toString(), run.out());
        }
    }

    @Test
    void waitsForAsManyRepliesAsItSends() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--send", "one", "--send", "two", "--quiet");
            assertEquals("one\ntwo\n", run.out());
            assertEquals("", run.err());
            assertEquals(0, run.code());
        }
    }

    @Test
    void waitsForTheExpectedNumberOfMessages() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            assertEquals("go", connection.read().text());
            connection.send(WsPeer.TEXT, "1");
            connection.send(WsPeer.TEXT, false, "2".getBytes(UTF_8));
            connection.send(0, true, "b".getBytes(UTF_8));
            connection.send(WsPeer.BINARY, true, new byte[] {0, -1});
            connection.echo();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--send", "go", "--expect", "3");
            assertEquals("1\n2b\n0x00ff\n", run.out());
            assertEquals(0, run.code(), run.err());
            peer.awaitEnd();
        }
    }

    @Test
    void sendsTextAsBinaryMessages() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--binary", "--send", "AB");
            assertEquals("0x4142\n", run.out());
            assertEquals(0, run.code(), run.err());
        }
    }

    @Test
    void pingsAndSendsBytesAndClosesWithACodeOfItsOwn() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.withInput(
                    "/ping abc\n/binary 0a0b\n/close 1000 good bye\nnever sent\n", "ws", peer.url());
            assertEquals("0x0a0b\n", run.out());
            assertEquals("# connected\n# pong abc\n# closed 1000 good bye\n", run.err());
            assertEquals(0, run.code());
        }
    }

    @Test
    void showsAPingAndAnswersIt() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.send(WsPeer.PING, "are you there");
            WsPeer.Frame pong = connection.read();
            assertEquals(WsPeer.PONG, pong.opcode());
            assertEquals("are you there", pong.text());
            connection.sendClose(1001, "going");
            assertEquals(1001, connection.read().closeCode());
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--no-input");
            assertEquals("# connected\n# ping are you there\n# closed 1001 going\n", run.err());
            assertEquals(0, run.code());
            peer.awaitEnd();
        }
    }

    @Test
    void answersTheCloseOfThePeerBeforeItEnds() throws Exception {
        for (int code : new int[] {1000, 1011, 4000}) {
            try (WsPeer peer = WsPeer.playing(connection -> {
                connection.upgrade("");
                connection.sendClose(code, "");
                assertEquals(WsPeer.CLOSE, connection.read().opcode());
            })) {
                CommandRun run = CommandRun.of("ws", peer.url(), "--no-input");
                assertEquals(code == 1000 ? 0 : 5, run.code(), run.err());
                assertTrue(run.err().contains("# closed " + code), run.err());
                peer.awaitEnd();
            }
        }
    }

    @Test
    void takesACloseWithoutACodeAsNormal() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.send(WsPeer.CLOSE, "");
            connection.read();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--no-input");
            assertEquals(0, run.code(), run.err());
            assertTrue(run.err().contains("# closed 1005"), run.err());
        }
    }

    @Test
    void sendsHeadersAndShowsTheSubprotocol() throws Exception {
        AtomicReference<String> head = new AtomicReference<>();
        try (WsPeer peer = WsPeer.playing(connection -> {
            head.set(connection.head());
            connection.upgrade("Sec-WebSocket-Protocol: chat.v1\r\n");
            connection.echo();
        })) {
            CommandRun run = CommandRun.withInput(
                    "",
                    "ws",
                    peer.url(),
                    "-H",
                    "X-One: 1",
                    "--header",
                    "Cookie: a=b",
                    "--subprotocol",
                    "chat.v2,chat.v1");
            assertEquals(0, run.code(), run.err());
            assertTrue(run.err().contains("# connected, subprotocol chat.v1"), run.err());
            assertTrue(head.get().contains("X-One: 1\r\n"), head.get());
            assertTrue(head.get().contains("Cookie: a=b\r\n"), head.get());
            assertTrue(head.get().matches("(?s).*Sec-WebSocket-Protocol: chat.v2, ?chat.v1\r\n.*"), head.get());
        }
    }

    /** In a process of its own: the JDK reads which headers are allowed once, when its client is loaded. */
    @Test
    void sendsAHostOfOnesOwn() throws Exception {
        AtomicReference<String> host = new AtomicReference<>();
        try (WsPeer peer = WsPeer.playing(connection -> {
            host.set(connection.header("host"));
            connection.upgrade("");
            connection.echo();
        })) {
            try (MainProcess ws =
                    new MainProcess("ws", peer.url(), "--header", "Host: chat.example.com", "--send", "grüße")) {
                assertEquals(0, ws.awaitExit(), ws.errors());
                assertEquals("grüße", ws.line());
            }
            assertEquals("chat.example.com", host.get());
        }
    }

    @Test
    void printsTheStatusOfARefusal() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.head();
            connection.write(
                    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 8\r\n\r\nno port\n");
            connection.awaitEnd();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url());
            assertEquals(3, run.code());
            assertTrue(run.err().startsWith("# handshake refused: 503 Service Unavailable\n"), run.err());
            assertTrue(run.err().contains("# Retry-After: 5\n"), run.err());
            assertEquals("", run.out());
        }
    }

    @Test
    void refusesA101WithAWrongAccept() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.head();
            connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                    + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
            connection.awaitEnd();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url());
            assertEquals(3, run.code());
            assertTrue(run.err().contains("# handshake failed: the answer is a 101, but "), run.err());
        }
    }

    @Test
    void saysThatNobodyListens() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        CommandRun run = CommandRun.of("ws", "ws://127.0.0.1:" + port + "/");
        assertEquals(4, run.code());
        assertTrue(run.err().startsWith("# cannot connect to 127.0.0.1:" + port), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }

    @Test
    void tellsAHandshakeWithoutAnAnswerFromARefusal() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.head();
            connection.awaitEnd();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--timeout", "300ms");
            assertEquals(6, run.code(), run.err());
            assertTrue(run.err().contains("0.3s"), run.err());
        }
    }

    @Test
    void endsWithATimeoutWhenRepliesAreMissing() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.awaitEnd();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--send", "x", "--timeout", "0.3s");
            assertEquals(6, run.code(), run.err());
        }
    }

    @Test
    void endsWithATimeoutWhenTheCloseIsNotAnswered() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.awaitEnd();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--timeout", "3s");
            assertEquals(6, run.code(), run.err());
            assertTrue(run.err().contains("does not answer the close"), run.err());
        }
    }

    @Test
    void reportsTheCodeOfAnAbnormalClose() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.read();
            connection.sendClose(1013, "try later");
            connection.read();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--send", "x", "--quiet");
            assertEquals("# closed 1013 try later\n", run.err());
            assertEquals(5, run.code());
        }
    }

    @Test
    void reportsAnEndWithoutAClose() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> connection.upgrade(""))) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--no-input");
            assertEquals(5, run.code());
            assertTrue(run.err().contains("# broken: "), run.err());
        }
    }

    @Test
    void reportsAReset() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.reset();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--no-input");
            assertEquals(5, run.code(), run.err());
            assertTrue(run.err().contains("# broken: "), run.err());
        }
    }

    @Test
    void isNotContentWithFewerMessagesThanExpected() throws Exception {
        try (WsPeer peer = WsPeer.playing(connection -> {
            connection.upgrade("");
            connection.send(WsPeer.TEXT, "only one");
            connection.sendClose(1000, "");
            connection.read();
        })) {
            CommandRun run = CommandRun.of("ws", peer.url(), "--no-input", "--expect", "2");
            assertEquals(5, run.code());
            assertTrue(run.err().contains("before the 2 expected messages"), run.err());
        }
    }

    @Test
    void stopsAScriptAtALineThatIsWrong() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.withInput("/bogus\nnever sent\n", "ws", peer.url());
            assertEquals(2, run.code(), run.err());
            assertTrue(run.err().contains("/bogus"), run.err());
            assertEquals("", run.out());
        }
    }

    @Test
    void doesNotSendACloseCodeThatOnlyAServerMaySend() throws Exception {
        try (WsPeer peer = WsPeer.echoing()) {
            CommandRun run = CommandRun.withInput("/close 1009\n", "ws", peer.url());
            assertEquals(2, run.code(), run.err());
        }
    }

    @Test
    void refusesACommandLineThatMakesNoSense() {
        for (String[] arguments : new String[][] {
            {"ws"},
            {"ws", "http://127.0.0.1/"},
            {"ws", "ws:///path"},
            {"ws", "ws://127.0.0.1:1/#part"},
            {"ws", "ws://127.0.0.1:1/", "--header", "no colon"},
            {"ws", "ws://127.0.0.1:1/", "--header", "Sec-WebSocket-Key: mine"},
            {"ws", "ws://127.0.0.1:1/", "--subprotocol", "not a token"},
            {"ws", "ws://127.0.0.1:1/", "--timeout", "soon"},
            {"ws", "ws://127.0.0.1:1/", "--timeout", "0s"},
            {"ws", "ws://127.0.0.1:1/", "--expect", "-1"},
            {"ws", "ws://127.0.0.1:1/", "--bogus"},
        }) {
            CommandRun run = CommandRun.of(arguments);
            assertEquals(2, run.code(), String.join(" ", arguments) + ": " + run.err());
            assertTrue(run.err().endsWith("Try 'longshore ws --help'.\n"), run.err());
            assertFalse(run.err().contains("\tat "), run.err());
        }
    }

    @Test
    void documentsItsExitCodes() {
        CommandRun run = CommandRun.of("ws", "--help");
        assertEquals(0, run.code());
        for (int code = 0; code <= 6; code++) {
            assertTrue(run.out().matches("(?s).*\n +" + code + " +[a-z].*"), run.out());
        }
    }
}
