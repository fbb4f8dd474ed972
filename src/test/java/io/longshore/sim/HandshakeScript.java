package io.longshore.sim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.SplittableRandom;

/** What the client asks, and what the origin will answer to it. */
final class HandshakeScript {
    /** The client's request: one that must lead to a dial, or one that must never reach an origin. */
    enum Request {
        PROPER(true),
        PROPER_WITH_EXTRAS(true),
        PROPER_AFTER_EMPTY_LINE(true),
        NO_KEY(false),
        TWO_KEYS(false),
        SHORT_KEY(false),
        OLD_VERSION(false),
        POST(false),
        NO_UPGRADE(false),
        NO_CONNECTION_TOKEN(false),
        OLD_HTTP(false),
        WITH_LENGTH(false),
        LENGTH_AND_CHUNKED(false),
        BARE_LF(false),
        FOLDED(false),
        SPACE_BEFORE_COLON(false),
        NO_HOST(false),
        TWO_HOSTS(false),
        NUL_BYTE(false),
        NO_ROUTE(false),
        HUGE_HEAD(false),
        GARBAGE(false);

        final boolean isProper;

        Request(boolean isProper) {
            this.isProper = isProper;
        }
    }

    /** The origin's answer. */
    enum Answer {
        ACCEPT,
        ACCEPT_AFTER_INTERIM,
        REFUSE_WITH_LENGTH,
        REFUSE_CHUNKED,
        REFUSE_UNTIL_END,
        WRONG_ACCEPT,
        NO_ACCEPT,
        WRONG_TOKEN,
        UNASKED_SUBPROTOCOL,
        UNASKED_EXTENSION,
        GARBAGE,
        ENDLESS_HEAD,
        NEVER;

        boolean isAcceptance() {
            return this == ACCEPT || this == ACCEPT_AFTER_INTERIM;
        }

        boolean isRefusal() {
            return this == REFUSE_WITH_LENGTH || this == REFUSE_CHUNKED || this == REFUSE_UNTIL_END;
        }
    }

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int[] STATUSES = {200, 301, 401, 403, 404, 426, 500, 503};

    final Request request;
    final Answer answer;
    final String key;
    final int refusalStatus;
    /** The body of the origin's refusal, as it goes over the wire. */
    final byte[] refusalBody;

    private final int number;
    private final int hugeBytes;
    private final long garbageStream;

    HandshakeScript(SimWorld world, SplittableRandom random, int number) {
        this.number = number;
        // Half of the visits of the rudest world have a proper request and a proper answer: what is rude comes later.
        boolean rude = Odds.hit(random, world.odds.rudePeer / 3);
        Request[] requests = Request.values();
        Answer[] answers = Answer.values();
        request = requests[random.nextInt(rude ? requests.length : 3)];
        rude = Odds.hit(random, world.odds.rudePeer / 3);
        boolean refuses = rude || random.nextInt(8) == 0;
        answer = !refuses
                ? answers[random.nextInt(2)]
                : answers[rude ? random.nextInt(answers.length) : 2 + random.nextInt(3)];
        byte[] nonce = new byte[16];
        Payload.fill(random.nextLong(), 0, nonce, 0, nonce.length);
        key = Base64.getEncoder().encodeToString(nonce);
        refusalStatus = STATUSES[random.nextInt(STATUSES.length)];
        hugeBytes = 40_000 + random.nextInt(40_000);
        garbageStream = random.nextLong();
        refusalBody = body(world, random);
    }

    /** The client's head. */
    byte[] requestHead() {
        if (request == Request.GARBAGE) {
            byte[] garbage = new byte[200];
            Payload.fill(garbageStream, 0, garbage, 0, garbage.length);
            return garbage;
        }
        StringBuilder head = new StringBuilder(400);
        head.append(request == Request.PROPER_AFTER_EMPTY_LINE ? "\r\n" : "");
        head.append(request == Request.POST ? "POST" : "GET").append(" /x/").append(number);
        head.append(request == Request.OLD_HTTP ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
        String host = request == Request.NO_ROUTE ? "nowhere.test" : "sim.test";
        line(head, request != Request.NO_HOST, "Host: " + host);
        line(head, request == Request.TWO_HOSTS, "Host: other.test");
        line(head, request != Request.NO_UPGRADE, "Upgrade: websocket");
        line(head, request != Request.NO_CONNECTION_TOKEN, "Connection: keep-alive, Upgrade");
        String shown = request == Request.SHORT_KEY ? key.substring(4) : key;
        line(head, request != Request.NO_KEY, "Sec-WebSocket-Key: " + shown);
        line(head, request == Request.TWO_KEYS, "Sec-WebSocket-Key: " + shown);
        line(head, true, "Sec-WebSocket-Version: " + (request == Request.OLD_VERSION ? 8 : 13));
        line(head, request == Request.PROPER_WITH_EXTRAS, "X-Extra: " + "e".repeat(200) + "\r\nCookie: a=b; c=d");
        line(head, request == Request.WITH_LENGTH || request == Request.LENGTH_AND_CHUNKED, "Content-Length: 5");
        line(head, request == Request.LENGTH_AND_CHUNKED, "Transfer-Encoding: chunked");
        line(head, request == Request.FOLDED, "X-Folded: one\r\n two");
        line(head, request == Request.SPACE_BEFORE_COLON, "X-Space : one");
        line(head, request == Request.NUL_BYTE, "X-Nul: a\0b");
        line(head, request == Request.HUGE_HEAD, "X-Huge: " + "h".repeat(hugeBytes));
        if (request == Request.BARE_LF) {
            head.append("X-Bare: one\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What the origin writes before its payload, or before its end. */
    byte[] answerBytes() {
        return switch (answer) {
            case ACCEPT -> switching(accept(), "websocket", "");
            case ACCEPT_AFTER_INTERIM ->
                join(
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                .getBytes(StandardCharsets.ISO_8859_1),
                        switching(accept(), "websocket", ""));
            case REFUSE_WITH_LENGTH -> refusal("Content-Length: " + refusalBody.length + "\r\n");
            case REFUSE_CHUNKED -> refusal("Transfer-Encoding: chunked\r\n");
            case REFUSE_UNTIL_END -> refusal("Connection: close\r\n");
            case WRONG_ACCEPT -> switching(key, "websocket", "");
            case NO_ACCEPT -> switching(null, "websocket", "");
            case WRONG_TOKEN -> switching(accept(), "h2c", "");
            case UNASKED_SUBPROTOCOL -> switching(accept(), "websocket", "Sec-WebSocket-Protocol: chat\r\n");
            case UNASKED_EXTENSION ->
                switching(accept(), "websocket", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
            case GARBAGE -> {
                byte[] garbage = new byte[300];
                Payload.fill(garbageStream, 7, garbage, 0, garbage.length);
                yield garbage;
            }
            case ENDLESS_HEAD ->
                ("HTTP/1.1 101 Switching Protocols\r\nX-Huge: " + "h".repeat(hugeBytes))
                        .getBytes(StandardCharsets.ISO_8859_1);
            case NEVER -> new byte[0];
        };
    }

    @Override
    public String toString() {
        return request + "/" + answer;
    }

    private String accept() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }

    private static byte[] switching(String accept, String token, String more) {
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + token + "\r\nConnection: Upgrade\r\n"
                        + (accept == null ? "" : "Sec-WebSocket-Accept: " + accept + "\r\n") + more + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private byte[] refusal(String framing) {
        String head = "HTTP/1.1 " + refusalStatus + " No\r\nContent-Type: text/plain\r\n" + framing + "\r\n";
        return join(head.getBytes(StandardCharsets.ISO_8859_1), refusalBody);
    }

    private byte[] body(SimWorld world, SplittableRandom random) {
        int length = random.nextInt(1 + world.odds.fashion.payloadMax / 10);
        byte[] content = new byte[length];
        Payload.fill(random.nextLong(), 0, content, 0, length);
        if (answer != Answer.REFUSE_CHUNKED) {
            return content;
        }
        ByteArrayOutputStream chunked = new ByteArrayOutputStream();
        int from = 0;
        while (from < length) {
            int size = 1 + random.nextInt(Math.min(length - from, 2_000));
            chunked.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            chunked.write(content, from, size);
            chunked.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            from += size;
        }
        chunked.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        return chunked.toByteArray();
    }

    private static void line(StringBuilder head, boolean wanted, String line) {
        if (wanted) {
            head.append(line).append("\r\n");
        }
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
