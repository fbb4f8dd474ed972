package io.longshore.load;

import io.longshore.http.Head;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import org.agrona.UnsafeApi;

/**
 * One connection of the echo origin.
 *
 * <pre>
 *   HEAD -101-> FRAMES -close frame-> ENDING -FIN of the client, or a timer-> closed
 *     |   \---> RAW                     ^
 *     \------------refusal--------------/
 * </pre>
 *
 * <p>A client that ends without a close frame gets what is still under way, then the connection is closed. A client that
 * sends and does not read is held once {@link #UNSENT_BYTES_MAX} wait for it. A quiet connection has no memory off the
 * heap.
 */
final class EchoConnection implements FrameEcho.Output {
    /** How long the request's head, and the end after our close, may take. */
    static final long PATIENCE_NS = 10_000_000_000L;
    /** What may wait for a client that does not read; several reads' worth, so that a busy one is seldom held. */
    static final int UNSENT_BYTES_MAX = 1 << 20;

    private static final int ROOM_BYTES = Pages.SMALLEST;
    /** What one call may need of the room: the head of a split frame and a close frame. */
    private static final int ROOM_RESERVE = 64;

    private enum Stage {
        HEAD,
        FRAMES,
        RAW,
        ENDING
    }

    private final long handle;
    private final Engine engine;
    private final EchoHandshake handshake;
    private final boolean isRaw;
    private Stage stage = Stage.HEAD;
    /** While the request is being read. */
    private Head head = new Head(EchoHandshake.HEADERS_MAX);
    /** From the 101 on, unless raw. */
    private FrameEcho echo;
    /** Memory for a request that comes in pieces; 0 without. */
    private long gathered;

    private int gatheredBytes;
    /** Memory for what we say ourselves, filled upwards and used again when all was sent; 0 without. */
    private long room;

    private int roomUsed;
    /** Sent, and not yet taken by the kernel. */
    private long unsentBytes;

    private boolean isHeld;
    private boolean hasEnded;

    EchoConnection(long handle, Engine engine, EchoHandshake handshake, boolean isRaw) {
        this.handle = handle;
        this.engine = engine;
        this.handshake = handshake;
        this.isRaw = isRaw;
    }

    /** Starts to listen to an accepted connection. */
    void open() {
        engine.schedule(handle, engine.nowNs() + PATIENCE_NS);
        engine.receive(handle, true);
    }

    /** Takes lent bytes. */
    void received(long address, int length) {
        switch (stage) {
            case HEAD -> request(address, length);
            case FRAMES -> frames(address, length);
            case RAW -> sendLent(address, length);
            default -> {
                // ENDING: whatever a client says after its close, or after a refusal, is of no interest.
            }
        }
        holdIfBehind();
    }

    /** The client has sent its last byte. Returns whether the connection is through and must be closed. */
    boolean ended() {
        hasEnded = true;
        return isThrough();
    }

    /** The kernel took bytes. Returns whether the connection is through and must be closed. */
    boolean sent(int bytes) {
        unsentBytes -= bytes;
        if (unsentBytes == 0 && room != 0) {
            engine.pages().give(room, ROOM_BYTES);
            room = 0;
            roomUsed = 0;
        }
        if (isHeld && unsentBytes <= UNSENT_BYTES_MAX / 2 && hasRoom()) {
            isHeld = false;
            engine.receive(handle, true);
        }
        return isThrough();
    }

    private boolean isThrough() {
        return hasEnded && (unsentBytes == 0 || stage == Stage.HEAD);
    }

    /** Gives all memory back; the connection is gone. */
    void release() {
        releaseGathered();
        if (room != 0) {
            engine.pages().give(room, ROOM_BYTES);
            room = 0;
        }
    }

    // ---- The handshake.

    private void request(long address, int length) {
        int before = gatheredBytes;
        int outcome;
        if (before == 0) {
            outcome = handshake.request(address, length, head);
            if (outcome == 0) {
                // The parser has found no fault in it, so it is shorter than the longest head.
                gathered = engine.pages().take(EchoHandshake.HEAD_BYTES_MAX);
                gather(address, length);
            }
        } else {
            gather(address, Math.min(length, EchoHandshake.HEAD_BYTES_MAX - before));
            outcome = handshake.request(gathered, gatheredBytes, head);
        }
        if (outcome == 0) {
            return;
        }
        long answer = roomFor(EchoHandshake.ANSWER_BYTES_MAX);
        if (outcome < 0) {
            sendRoom(handshake.refusal(head, outcome, answer));
            end();
            return;
        }
        sendRoom(handshake.switching(head, answer));
        engine.unschedule(handle);
        head = null;
        releaseGathered();
        stage = isRaw ? Stage.RAW : Stage.FRAMES;
        echo = isRaw ? null : new FrameEcho();
        int used = outcome - before;
        if (used < length) {
            received(address + used, length - used);
        }
    }

    private void gather(long address, int length) {
        UnsafeApi.copyMemory(address, gathered + gatheredBytes, length);
        gatheredBytes += length;
    }

    private void releaseGathered() {
        if (gathered != 0) {
            engine.pages().give(gathered, EchoHandshake.HEAD_BYTES_MAX);
            gathered = 0;
        }
    }

    // ---- The conversation.

    private void frames(long address, int length) {
        if (!echo.feed(address, length, this)) {
            end();
        }
    }

    /**
     * All is said. The server ends the TCP connection first (RFC 6455 section 7.1.1), so that TIME_WAIT is on its side
     * and the port of whoever dialled is free at once; how long the other side may take is bounded.
     */
    private void end() {
        stage = Stage.ENDING;
        releaseGathered();
        engine.finish(handle);
        engine.schedule(handle, engine.nowNs() + PATIENCE_NS);
    }

    private void holdIfBehind() {
        if (!isHeld && stage != Stage.ENDING && (unsentBytes > UNSENT_BYTES_MAX || !hasRoom())) {
            isHeld = true;
            engine.receive(handle, false);
        }
    }

    private boolean hasRoom() {
        return room == 0 || roomUsed + ROOM_RESERVE <= ROOM_BYTES;
    }

    @Override
    public void sendLent(long address, int length) {
        unsentBytes += length;
        engine.send(handle, address, length);
    }

    @Override
    public long room() {
        return roomFor(FrameHead.BYTES_MAX);
    }

    @Override
    public void sendRoom(int length) {
        unsentBytes += length;
        engine.send(handle, room + roomUsed, length);
        roomUsed += length;
    }

    private long roomFor(int bytes) {
        if (room == 0) {
            room = engine.pages().take(ROOM_BYTES);
            roomUsed = 0;
        }
        assert roomUsed + bytes <= ROOM_BYTES : "a connection without room was not held";
        return room + roomUsed;
    }
}
