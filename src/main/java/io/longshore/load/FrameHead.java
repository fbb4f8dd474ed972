package io.longshore.load;

import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * The head of a WebSocket frame (RFC 6455 section 5.2), decoded however its bytes are split, and encoded.
 *
 * <pre>
 *   byte 0      1         2 ...
 *   FRRR oooo | Mlll llll | 0, 2 or 8 bytes of length | 4 bytes of mask if M
 *   F the last frame of its message, R reserved, o opcode, l the length, or 126 (2 bytes follow), or 127 (8 bytes)
 * </pre>
 *
 * <p>Made once a connection, {@link #reset()} before each frame. Addresses are off-heap memory of the caller.
 */
public final class FrameHead {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    /** The longest head: two bytes, eight of length, four of mask. */
    public static final int BYTES_MAX = 14;
    /** The largest payload of a control frame (section 5.5). */
    public static final int CONTROL_PAYLOAD_MAX = 125;

    private static final boolean IS_LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private int taken;
    private int first;
    private int second;
    private int maskKey;
    private long payloadLength;

    /** Forgets the frame; the next byte is the first of another one. */
    public void reset() {
        taken = 0;
        first = 0;
        second = 0;
        maskKey = 0;
        payloadLength = 0;
    }

    /**
     * Takes bytes until the head is complete or they end.
     *
     * @return how many bytes were taken; 0 if the head was complete already
     */
    public int decode(long address, int length) {
        int used = 0;
        while (used < length && !isComplete()) {
            take(UnsafeApi.getByte(address + used) & 0xff);
            used++;
        }
        return used;
    }

    private void take(int octet) {
        if (taken == 0) {
            first = octet;
        } else if (taken == 1) {
            second = octet;
            payloadLength = lengthBytes() == 0 ? octet & 0x7f : 0;
        } else if (taken < 2 + lengthBytes()) {
            payloadLength = payloadLength << 8 | octet;
        } else {
            maskKey = maskKey << 8 | octet;
        }
        taken++;
    }

    public boolean isComplete() {
        return taken >= 2 && taken == 2 + lengthBytes() + (isMasked() ? 4 : 0);
    }

    private int lengthBytes() {
        int code = second & 0x7f;
        return code < 126 ? 0 : code == 126 ? 2 : 8;
    }

    /** Whether this is the last (or only) frame of its message. */
    public boolean isLast() {
        return (first & 0x80) != 0;
    }

    public int opcode() {
        return first & 15;
    }

    /** Close, ping, pong and the opcodes kept for further ones. */
    public boolean isControl() {
        return (first & 8) != 0;
    }

    public boolean isMasked() {
        return (second & 0x80) != 0;
    }

    /** The mask as a number, its first byte the highest; 0 without one. */
    public int maskKey() {
        return maskKey;
    }

    /** Bytes of payload; negative where the sender said 2^63 or more, which is not legal. */
    public long payloadLength() {
        return payloadLength;
    }

    /**
     * Whether the complete head obeys section 5: no reserved bit or opcode, masked if and only if a client sent it, the
     * length in its shortest form, control frames short and whole, continuations where a message is open and only there.
     *
     * @param isFromClient who sent it
     * @param isInMessage whether a message has begun whose last frame is still to come
     */
    public boolean isLegal(boolean isFromClient, boolean isInMessage) {
        if ((first & 0x70) != 0 || isMasked() != isFromClient || !isShortestLength()) {
            return false;
        }
        return switch (opcode()) {
            case CONTINUATION -> isInMessage;
            case TEXT, BINARY -> !isInMessage;
            case CLOSE -> isLast() && payloadLength <= CONTROL_PAYLOAD_MAX && payloadLength != 1;
            case PING, PONG -> isLast() && payloadLength <= CONTROL_PAYLOAD_MAX;
            default -> false;
        };
    }

    private boolean isShortestLength() {
        return switch (lengthBytes()) {
            case 0 -> true;
            case 2 -> payloadLength > 125;
            default -> payloadLength > 65_535;
        };
    }

    /** How many bytes a head without mask takes: 2, 4 or 10. */
    public static int sizeFor(long payloadLength) {
        return payloadLength <= 125 ? 2 : payloadLength <= 65_535 ? 4 : 10;
    }

    /** Writes the head of a server's frame and returns its size. */
    public static int encode(long address, boolean isLast, int opcode, long payloadLength) {
        int size = sizeFor(payloadLength);
        UnsafeApi.putByte(address, (byte) ((isLast ? 0x80 : 0) | opcode));
        int code = size == 2 ? (int) payloadLength : size == 4 ? 126 : 127;
        UnsafeApi.putByte(address + 1, (byte) code);
        for (int i = 2; i < size; i++) {
            UnsafeApi.putByte(address + i, (byte) (payloadLength >>> 8 * (size - 1 - i)));
        }
        return size;
    }

    /** Writes the head of a client's frame, mask included, and returns its size. */
    public static int encodeMasked(long address, boolean isLast, int opcode, long payloadLength, int maskKey) {
        int size = encode(address, isLast, opcode, payloadLength);
        UnsafeApi.putByte(address + 1, (byte) (UnsafeApi.getByte(address + 1) | 0x80));
        for (int i = 0; i < 4; i++) {
            UnsafeApi.putByte(address + size + i, (byte) (maskKey >>> 24 - 8 * i));
        }
        return size + 4;
    }

    /**
     * Masks or unmasks in place (section 5.3; it is its own inverse).
     *
     * @param maskKey the mask, its first byte the highest
     * @param position which byte of the payload stands at {@code address}
     */
    public static void mask(long address, int length, int maskKey, long position) {
        // The key as it looks from here: its highest byte is for the byte at the address.
        int key = Integer.rotateLeft(maskKey, (int) (position & 3) * 8);
        long word = IS_LITTLE_ENDIAN ? Integer.reverseBytes(key) : key;
        word = word & 0xffff_ffffL | word << 32;
        int at = 0;
        for (; at + 8 <= length; at += 8) {
            UnsafeApi.putLong(address + at, UnsafeApi.getLong(address + at) ^ word);
        }
        for (; at < length; at++) {
            int octet = key >>> 24 - 8 * (at & 3);
            UnsafeApi.putByte(address + at, (byte) (UnsafeApi.getByte(address + at) ^ octet));
        }
    }

    /** Whether this code may stand in a close frame (section 7.4, and the registry that it opened). */
    public static boolean isCloseCode(int code) {
        return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
    }
}
