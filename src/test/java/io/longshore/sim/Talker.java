package io.longshore.sim;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One plain side of an exchange, client or origin: writes its head and its payload in random pieces, reads as its script
 * says, and ends as its script says, or at its mishap.
 */
abstract class Talker {
    final SimWorld world;
    final SplittableRandom random;
    final Script script;
    SimSocket socket;
    private Flow out;
    private Flow in;
    private byte[] head = new byte[0];
    private int headSent;
    private long written;
    private boolean mayTalk;
    private boolean isFinishing;
    private boolean finished;
    private boolean hung;
    private boolean pumpComing;
    private boolean readComing;
    private boolean blocked;
    private boolean inputEnded;
    private boolean readsOn;
    private boolean over;

    Talker(SimWorld world, Script script) {
        this.world = world;
        this.script = script;
        random = world.random.split();
    }

    /** The flows become known: at once for a client, with its request for an origin. */
    final void flows(Flow outgoing, Flow incoming) {
        out = outgoing;
        in = incoming;
    }

    final void begin(SimSocket connected) {
        socket = connected;
        socket.watch(changed -> changed());
        changed();
        checkMishap();
    }

    /** Says this before the payload. */
    final void say(byte[] bytes) {
        head = bytes;
        pumpSoon();
    }

    /** The other side has agreed: all of the payload may leave. */
    final void talkFreely() {
        mayTalk = true;
        pumpSoon();
    }

    /** Finishes once everything said so far has left. */
    final void finishAfterwards() {
        isFinishing = true;
        pumpSoon();
    }

    /** Whether this side has nothing more to do with its connection. */
    final boolean isOver() {
        return over;
    }

    final boolean headIsSent() {
        return headSent == head.length;
    }

    /** No more faults: who is rude says nothing any more, and whoever is polite goes on. */
    final void calmDown() {
        hung |= !script.isPolite();
    }

    /** Whoever did not read does now, and sees what is left for it, and how it ends. */
    final void readOn() {
        readsOn = true;
        if (!over && socket != null && socket.isReadable()) {
            readSoon();
        }
    }

    /** Another talker goes on with this connection. */
    final void retire() {
        over = true;
    }

    /** The test is over: lets go of the connection, however it stands. */
    final void letGo() {
        if (!over && socket != null) {
            over = true;
            socket.reset();
        }
    }

    /** How much payload this side may have sent by now. */
    abstract long payloadAllowed(boolean talking);

    /** Whether the payload is over, and with it the sending direction, as far as the script goes. */
    abstract boolean hasSaidAll();

    /** Bytes came in. */
    abstract void heard(byte[] bytes, int length);

    /** The other side has ended; {@code isReset} if it did not do so cleanly. */
    abstract void heardEnd(boolean isReset);

    /** All of the head has been written. */
    void headSent() {}

    /** Whether a reader that never reads still does. */
    abstract boolean stillReadsHead();

    // ---- Writing.

    final void pumpSoon() {
        if (!pumpComing && !over && socket != null) {
            pumpComing = true;
            world.after(script.pauseMaxNs == 0 ? 0 : random.nextLong(script.pauseMaxNs), () -> {
                pumpComing = false;
                pump();
            });
        }
    }

    private void pump() {
        if (over || hung || finished || blocked) {
            return;
        }
        // A piece may hold the end of the head and the beginning of the payload: first frames in one segment with a
        // 101.
        int wanted = Math.min(1 + random.nextInt(script.pieceMax), Math.max(1, socket.room()) + 1);
        int headLeft = head.length - headSent;
        int ofHead = Math.min(wanted, headLeft);
        long payloadLeft = out == null ? 0 : payloadAllowed(mayTalk) - out.sent;
        boolean apart = ofHead < headLeft || (headLeft > 0 && random.nextBoolean());
        int ofPayload = apart ? 0 : (int) Math.max(0, Math.min(wanted - ofHead, payloadLeft));
        int length = ofHead + ofPayload;
        if (length == 0) {
            finishIfDone();
            return;
        }
        byte[] piece = Arrays.copyOfRange(head, headSent, headSent + length);
        if (ofPayload > 0) {
            Payload.fill(out.stream, out.sent, piece, ofHead, ofPayload);
        }
        if (script.mishap != Script.Mishap.NONE && written + length > script.mishapAt) {
            length = (int) Math.max(0, script.mishapAt - written);
        }
        int taken = length == 0 ? 0 : socket.write(piece, 0, length);
        if (taken < 0) {
            readSoon();
            blocked = true;
            return;
        }
        blocked = taken < length;
        written += taken;
        int takenOfHead = Math.min(taken, ofHead);
        headSent += takenOfHead;
        if (taken > ofHead) {
            out.sent += taken - ofHead;
        }
        if (takenOfHead > 0 && headSent == head.length) {
            headSent();
        }
        if (!checkMishap() && !blocked) {
            pumpSoon();
        }
    }

    private void finishIfDone() {
        if ((isFinishing || hasSaidAll()) && (!script.endsLast || inputEnded || isFinishing)) {
            finish();
        }
    }

    private void finish() {
        finished = true;
        if (out != null && hasSaidAll()) {
            out.finSent();
        }
        socket.finish();
        closeIfDone();
    }

    private boolean checkMishap() {
        if (script.mishap == Script.Mishap.NONE || over || hung || written < script.mishapAt) {
            return false;
        }
        if (script.mishapDelayNs == 0) {
            mishap();
            return over || hung;
        }
        hung = true;
        world.after(script.mishapDelayNs, () -> {
            if (!over) {
                mishap();
            }
        });
        return true;
    }

    private void mishap() {
        switch (script.mishap) {
            case RESET -> {
                breakOff();
                socket.reset();
            }
            case CLOSE -> {
                over = true;
                if (out != null) {
                    out.brokenOff = true;
                }
                socket.close();
            }
            case FINISH -> {
                if (!finished) {
                    finished = true;
                    if (out != null) {
                        out.finSent();
                    }
                    socket.finish();
                }
            }
            case VANISH -> {
                breakOff();
                socket.vanish(Odds.SECOND + random.nextLong(90 * Odds.SECOND));
            }
            case HANG -> hung = true;
            default -> throw new AssertionError(script.mishap);
        }
    }

    private void breakOff() {
        over = true;
        if (out != null) {
            out.brokenOff = true;
        }
    }

    // ---- Reading.

    private void changed() {
        if (over) {
            return;
        }
        if (blocked) {
            blocked = false;
            pumpSoon();
        }
        if (socket.isReadable() && !inputEnded) {
            readSoon();
        }
    }

    private void readSoon() {
        boolean reads = script.reader != Script.Reader.NEVER || readsOn || stillReadsHead();
        if (!readComing && !over && reads) {
            readComing = true;
            world.after(random.nextLong(1 + script.readPauseMaxNs), () -> {
                readComing = false;
                read();
            });
        }
    }

    private void read() {
        if (over || inputEnded) {
            return;
        }
        byte[] bytes = new byte[Math.min(script.readMax, Math.max(1, socket.available()))];
        int length = socket.read(bytes, 0, bytes.length);
        world.trace(20, written, length);
        if (length > 0) {
            heard(bytes, length);
            if (!over && socket.isReadable()) {
                readSoon();
            }
        } else if (length == SimSocket.EOF) {
            inputEnded = true;
            if (in != null) {
                in.ended();
            }
            heardEnd(false);
            pumpSoon();
            closeIfDone();
        } else if (length < 0) {
            inputEnded = true;
            over = true;
            if (in != null) {
                in.resetSeen = true;
            }
            heardEnd(true);
            socket.close();
        }
    }

    private void closeIfDone() {
        if (finished && inputEnded && !hung && !over) {
            over = true;
            socket.close();
        }
    }
}
