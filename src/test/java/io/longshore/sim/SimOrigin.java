package io.longshore.sim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** One connection at an origin. It finds out which exchange it belongs to when it has read the request. */
final class SimOrigin extends Talker {
    private final List<Exchange> exchanges;
    private final List<Talker> talkers;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private Exchange exchange;

    private SimOrigin(SimWorld world, Script manners, List<Exchange> exchanges, List<Talker> talkers) {
        super(world, manners);
        this.exchanges = exchanges;
        this.talkers = talkers;
    }

    /**
     * Takes a connection. The script of an exchange says how its origin behaves, but the exchange is known only once the
     * request was read: so the request is read politely first.
     */
    static void serve(SimWorld world, SimSocket socket, List<Exchange> exchanges, List<Talker> talkers) {
        SimOrigin reader = new SimOrigin(world, new Script(), exchanges, talkers);
        talkers.add(reader);
        reader.script.readMax = 65_536;
        reader.script.pieceMax = 1;
        reader.script.endsLast = true;
        reader.begin(socket);
    }

    @Override
    long payloadAllowed(boolean talking) {
        if (exchange == null || !exchange.handshake.answer.isAcceptance()) {
            return 0;
        }
        return script.echoes ? exchange.up.received : script.total;
    }

    @Override
    boolean hasSaidAll() {
        if (exchange == null) {
            return true;
        }
        if (!headIsSent() || !exchange.handshake.answer.isAcceptance()) {
            return false;
        }
        return script.echoes
                ? exchange.up.endSeen && exchange.down.sent == exchange.up.received
                : exchange.down.sent == script.total;
    }

    @Override
    boolean stillReadsHead() {
        return exchange == null;
    }

    @Override
    void heard(byte[] bytes, int length) {
        if (exchange == null) {
            head.write(bytes, 0, length);
            parseHead();
            return;
        }
        afterHead(bytes, 0, length);
    }

    @Override
    void heardEnd(boolean isReset) {
        if (!isReset && (exchange == null || !exchange.handshake.answer.isAcceptance())) {
            finishAfterwards();
        }
    }

    @Override
    void headSent() {
        exchange.verdictSent = true;
        HandshakeScript.Answer answer = exchange.handshake.answer;
        if (answer.isRefusal() || answer == HandshakeScript.Answer.GARBAGE) {
            finishAfterwards();
        } else if (answer.isAcceptance()) {
            talkFreely();
        }
    }

    private void parseHead() {
        byte[] bytes = head.toByteArray();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return;
        }
        if (!text.startsWith("GET /x/")) {
            world.violated("hostile-refused", "an origin was sent: " + text.substring(0, Math.min(80, end)));
        }
        Exchange found = exchanges.get(Integer.parseInt(text.substring(7, text.indexOf(' ', 7))));
        found.requestsSeen++;
        if (!found.handshake.request.isProper) {
            world.violated("hostile-refused", found + " reached an origin");
        }
        if (found.requestsSeen > 1) {
            world.violated("asked-once", found + " reached an origin again");
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (!text.contains(found.handshake.key) || !lower.contains("\r\nupgrade: websocket\r\n")) {
            world.violated("request-intact", found + " arrived as: " + text);
        }
        become(found, bytes, end + 4);
    }

    /** Hands the connection over to a side with the manners of this exchange. */
    private void become(Exchange found, byte[] bytes, int from) {
        SimOrigin side = new SimOrigin(world, found.origin, exchanges, talkers);
        talkers.set(talkers.indexOf(this), side);
        side.exchange = found;
        found.originSocket = socket;
        boolean tunnel = found.handshake.answer.isAcceptance();
        side.flows(tunnel ? found.down : null, tunnel ? found.up : null);
        exchange = found;
        retire();
        side.say(found.handshake.answerBytes());
        side.begin(socket);
        side.pumpSoon();
        if (bytes.length > from) {
            side.afterHead(bytes, from, bytes.length - from);
        }
    }

    private void afterHead(byte[] bytes, int offset, int length) {
        if (!exchange.handshake.answer.isAcceptance()) {
            world.violated("nothing-after-refusal", exchange + ": " + length + " bytes reached an origin that refused");
        }
        if (!exchange.verdictSent) {
            world.violated("verdict-first", exchange + ": " + length + " bytes reached an origin before its verdict");
        }
        exchange.up.received(bytes, offset, length);
        if (script.echoes) {
            pumpSoon();
        }
    }
}
