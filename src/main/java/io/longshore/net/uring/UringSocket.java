package io.longshore.net.uring;

import org.agrona.UnsafeApi;

/**
 * What the io_uring engine knows of one connection or listener: a record of one cache line outside the heap, and no object.
 * A flyweight without an object: every accessor takes the record's address, which {@link UringTable} finds.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |        handle; 0 while the slot is free                       |  0
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        descriptor, negative if there is none                  |  8
 *   +---------------------------------------------------------------+
 *   |        flags, see below                                       |  12
 *   +---------------------------------------------------------------+
 *   |        slot that its bytes may flow to, plus 1                |  16
 *   +---------------------------------------------------------------+
 *   |        slot whose bytes may flow to here, plus 1              |  20
 *   +---------------------------------------------------------------+
 *   |        parking: chain of the bytes that its kernel refused    |  24
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        parked bytes                                           |  32
 *   +---------------------------------------------------------------+
 *   |        bytes taken that the owner has not been told of        |  36
 *   +---------------------------------------------------------------+
 *   |        stash: chain of what arrived while it was held         |  40
 *   +                                                               +
 *   |                                                               |
 *   +---------------------------------------------------------------+
 *   |        stashed bytes                                          |  48
 *   +---------------------------------------------------------------+
 *   |        streak, see FlowStreak |        number of the batch    |  52
 * |                               |        of its last send       |
 *   +-------------------------------+-------------------------------+
 *   |        send error, positive   |        stashed end            |  56
 *   +-------------------------------+-------------------------------+
 *   |        place of the pipe that holds bytes for it, plus 1      |  60
 *   +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The stashed end counts only with {@link #HAS_STASHED_END}: 0 for the end of the stream, or a positive errno.
 */
final class UringSocket {
    /** The length of a record. */
    static final int LENGTH = 64;

    // ---- Flags: what it is.

    static final int LISTENER = 1;
    /** We have connected, so that the tuple is one of ours. */
    static final int DIALLED = 1 << 1;

    static final int CONNECTING = 1 << 2;
    /** Of a connection: the owner receives. Of a listener: he accepts. */
    static final int RECEIVING = 1 << 3;
    /** The end of the stream was told; there is nothing to receive any more. */
    static final int ENDED = 1 << 4;
    /** The owner asked for a FIN behind the last byte. */
    static final int FINISHING = 1 << 5;
    /** Our FIN went out before the peer's had arrived. */
    static final int ENDED_FIRST = 1 << 6;
    /** Nothing is reported any more: the owner has been told that the connection is broken, or is about to be. */
    static final int BROKEN = 1 << 7;

    // ---- Flags: what is under way in the kernel.

    /** A receive or an accept. */
    static final int ARMED = 1 << 8;
    /** It was told to end, and has not said yet that it has. */
    static final int CANCELLED = 1 << 9;
    /** A poll for something to receive or to move. */
    static final int POLLS_IN = 1 << 10;
    /** A poll for room, or for the end of a connect. */
    static final int POLLS_OUT = 1 << 11;

    // ---- Flags: what waits here.

    /** Bytes taken will be told of. */
    static final int REPORT_QUEUED = 1 << 13;
    /** It will be looked at for what it may receive. */
    static final int TURN_QUEUED = 1 << 14;
    /** The kernel had no buffer for it; it waits for its turn to be armed again. */
    static final int STARVED = 1 << 15;
    /** The end arrived while it was held. */
    static final int HAS_STASHED_END = 1 << 16;
    /** Something has arrived since it was last looked at for that. */
    static final int ACTIVE = 1 << 17;

    private static final int HANDLE = 0;
    private static final int FD = 8;
    private static final int FLAGS = 12;
    private static final int FLOW_TO = 16;
    private static final int FLOW_FROM = 20;
    private static final int PARKING = 24;
    private static final int PARKED_BYTES = 32;
    private static final int UNREPORTED = 36;
    private static final int STASH = 40;
    private static final int STASHED_BYTES = 48;
    private static final int STREAK = 52;
    private static final int BATCH = 54;
    private static final int SEND_ERROR = 56;
    private static final int STASHED_END = 58;
    private static final int PIPE = 60;

    private UringSocket() {}

    static void begin(long socket, long handle, int fd, int flags) {
        UnsafeApi.setMemory(socket, LENGTH, (byte) 0);
        UnsafeApi.putLong(socket + HANDLE, handle);
        UnsafeApi.putInt(socket + FD, fd);
        UnsafeApi.putInt(socket + FLAGS, flags);
    }

    static void end(long socket) {
        UnsafeApi.putLong(socket + HANDLE, 0);
    }

    static long handle(long socket) {
        return UnsafeApi.getLong(socket + HANDLE);
    }

    static int fd(long socket) {
        return UnsafeApi.getInt(socket + FD);
    }

    /** Whether any of these flags is set. */
    static boolean is(long socket, int flags) {
        return (UnsafeApi.getInt(socket + FLAGS) & flags) != 0;
    }

    static void set(long socket, int flags) {
        UnsafeApi.putInt(socket + FLAGS, UnsafeApi.getInt(socket + FLAGS) | flags);
    }

    static void clear(long socket, int flags) {
        UnsafeApi.putInt(socket + FLAGS, UnsafeApi.getInt(socket + FLAGS) & ~flags);
    }

    /** A slot plus 1, or 0. */
    static int flowTo(long socket) {
        return UnsafeApi.getInt(socket + FLOW_TO);
    }

    static void flowTo(long socket, int slotPlus1) {
        UnsafeApi.putInt(socket + FLOW_TO, slotPlus1);
    }

    /** A slot plus 1, or 0. */
    static int flowFrom(long socket) {
        return UnsafeApi.getInt(socket + FLOW_FROM);
    }

    static void flowFrom(long socket, int slotPlus1) {
        UnsafeApi.putInt(socket + FLOW_FROM, slotPlus1);
    }

    static long parking(long socket) {
        return UnsafeApi.getLong(socket + PARKING);
    }

    static void parking(long socket, long chain, int bytes) {
        UnsafeApi.putLong(socket + PARKING, chain);
        UnsafeApi.putInt(socket + PARKED_BYTES, bytes);
    }

    static int parkedBytes(long socket) {
        return UnsafeApi.getInt(socket + PARKED_BYTES);
    }

    static int unreported(long socket) {
        return UnsafeApi.getInt(socket + UNREPORTED);
    }

    static void unreported(long socket, int bytes) {
        UnsafeApi.putInt(socket + UNREPORTED, bytes);
    }

    static long stash(long socket) {
        return UnsafeApi.getLong(socket + STASH);
    }

    static void stash(long socket, long chain, int bytes) {
        UnsafeApi.putLong(socket + STASH, chain);
        UnsafeApi.putInt(socket + STASHED_BYTES, bytes);
    }

    static int stashedBytes(long socket) {
        return UnsafeApi.getInt(socket + STASHED_BYTES);
    }

    static int streak(long socket) {
        return UnsafeApi.getShort(socket + STREAK);
    }

    static void streak(long socket, int streak) {
        UnsafeApi.putShort(socket + STREAK, (short) streak);
    }

    /** The batch of its last send, which may be one of long ago: the number comes round. */
    static char batch(long socket) {
        return UnsafeApi.getChar(socket + BATCH);
    }

    static void batch(long socket, char number) {
        UnsafeApi.putChar(socket + BATCH, number);
    }

    /** Why sending failed, positive, or 0; what had arrived before is still received, then it is reported. */
    static int sendError(long socket) {
        return UnsafeApi.getChar(socket + SEND_ERROR);
    }

    static void sendError(long socket, int errno) {
        UnsafeApi.putChar(socket + SEND_ERROR, (char) errno);
    }

    static int stashedEnd(long socket) {
        return UnsafeApi.getChar(socket + STASHED_END);
    }

    static void stashedEnd(long socket, int errno) {
        UnsafeApi.putChar(socket + STASHED_END, (char) errno);
        set(socket, HAS_STASHED_END);
    }

    /** A place plus 1, or 0. */
    static int pipe(long socket) {
        return UnsafeApi.getInt(socket + PIPE);
    }

    static void pipe(long socket, int placePlus1) {
        UnsafeApi.putInt(socket + PIPE, placePlus1);
    }

    /** Whether bytes wait for the kernel's room. */
    static boolean hasUnsent(long socket) {
        return parkedBytes(socket) > 0 || pipe(socket) != 0;
    }
}
