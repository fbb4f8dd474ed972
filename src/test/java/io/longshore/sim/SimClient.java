package io.longshore.sim;

import io.longshore.net.Address;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A client of the proxy. */
final class SimClient extends Talker {
    private static final int HEAD_MAX = 100_000;

    private final Exchange exchange;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private boolean failedToConnect;

    SimClient(SimWorld world, Exchange exchange) {
        super(world, exchange.client);
        this.exchange = exchange;
        flows(exchange.up, exchange.down);
    }

    /** Connects, from an address of its own. */
    void connect(Address proxy, Address from) {
        new SimDial(world, proxy, from, 0, false, (connected, result) -> {
            if (connected == null) {
                failedToConnect = true;
                return;
            }
            exchange.clientSocket = connected;
            say(exchange.handshake.requestHead());
            begin(connected);
            pumpSoon();
        });
    }

    boolean hasFailedToConnect() {
        return failedToConnect;
    }

    @Override
    long payloadAllowed(boolean talking) {
        return talking ? script.total : script.early;
    }

    @Override
    boolean hasSaidAll() {
        return exchange.isTunnel() && exchange.up.sent == script.total;
    }

    @Override
    boolean stillReadsHead() {
        return exchange.clientStatus == 0;
    }

    @Override
    void heard(byte[] bytes, int length) {
        if (exchange.isTunnel()) {
            exchange.down.received(bytes, 0, length);
        } else if (exchange.clientStatus != 0) {
            bodyReceived(bytes, 0, length);
        } else {
            head.write(bytes, 0, length);
            parseHead();
        }
    }

    @Override
    void heardEnd(boolean isReset) {
        exchange.bodyEnded |= !isReset && exchange.clientStatus != 0 && !exchange.isTunnel();
        if (!isReset && !exchange.isTunnel()) {
            finishAfterwards();
        }
    }

    private void parseHead() {
        byte[] bytes = head.toByteArray();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            if (bytes.length > HEAD_MAX) {
                world.violated("answer-well-formed", exchange + ": a head without an end");
            }
            return;
        }
        if (!text.startsWith("HTTP/1.1 ")) {
            world.violated("answer-well-formed", exchange + ": " + text.substring(0, Math.min(60, end)));
        }
        exchange.clientStatus = Integer.parseInt(text.substring(9, 12));
        checkStatus(text);
        int rest = bytes.length - end - 4;
        if (exchange.isTunnel()) {
            if (rest > 0) {
                exchange.down.received(bytes, end + 4, rest);
            }
            talkFreely();
        } else if (rest > 0) {
            bodyReceived(bytes, end + 4, rest);
        }
    }

    private void checkStatus(String text) {
        HandshakeScript handshake = exchange.handshake;
        if (exchange.isTunnel()) {
            if (!exchange.verdictSent || !handshake.answer.isAcceptance()) {
                world.violated("verdict-first", exchange + ": a 101 that no origin has given");
            }
        } else if (!handshake.request.isProper && (exchange.clientStatus < 400 || exchange.clientStatus > 505)) {
            world.violated("hostile-refused", exchange + ": " + text.substring(0, 30));
        }
    }

    /** The body of a refusal: the origin's own must arrive as it was sent. Ours is not looked at. */
    private void bodyReceived(byte[] bytes, int offset, int length) {
        if (isOriginsRefusal()) {
            byte[] body = exchange.handshake.refusalBody;
            for (int i = 0; i < length; i++) {
                int at = exchange.bodyReceived + i;
                if (at >= body.length || body[at] != bytes[offset + i]) {
                    world.violated("prefix-of-sent", exchange + ": byte " + at + " of the refusal's body is wrong");
                }
            }
        }
        exchange.bodyReceived += length;
    }

    /** Whether what the client reads is what the origin answered, and no refusal of the proxy. */
    private boolean isOriginsRefusal() {
        return exchange.handshake.answer.isRefusal()
                && exchange.requestsSeen > 0
                && exchange.clientStatus == exchange.handshake.refusalStatus
                && !head.toString(StandardCharsets.ISO_8859_1).contains("Content-Type: text/plain; charset");
    }
}
