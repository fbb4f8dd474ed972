package io.longshore.load;

import org.agrona.UnsafeApi;

/**
 * The server's side of one WebSocket that says back what it hears, as a transformation of memory in place.
 *
 * <p>An echoed frame is the client's frame without its mask, so it is four bytes shorter and fits where it stands: the
 * head is written right before the payload, the payload unmasked where it is, and of several frames in one region the
 * later ones are moved up behind the first. Nothing is held back until a frame or a message is complete, so a frame of any
 * size passes through without memory of its own. Only the head of a frame whose own head was split between two regions
 * has no room in the second one, and goes through {@link Output#room}.
 *
 * <p>Pings come back as pongs, pongs are dropped, a close is answered with its code. What RFC 6455 section 5 forbids is
 * answered with close 1002. Text is not checked to be UTF-8: whoever sent it gets it back.
 */
final class FrameEcho {
    /** No number that the wire can carry: 1005, which means "no code", could be sent in a frame by mistake. */
    private static final int NO_CODE = -1;

    private static final int PROTOCOL_ERROR = 1002;

    private final FrameHead head = new FrameHead();
    private boolean isInMessage;
    private int closeCode;
    private long payloadPosition;

    // What is ready to be sent of the region that is being fed; empty between calls.
    private long readyAddress;
    private int readyLength;

    /** Where the echo goes, in order. */
    interface Output {
        /** Sends a part of the region that was fed. */
        void sendLent(long address, int length);

        /** Off-heap memory of the receiver's own with room for at least {@link FrameHead#BYTES_MAX} bytes. */
        long room();

        /** Sends the first {@code length} bytes of {@link #room}. */
        void sendRoom(int length);
    }

    /**
     * Takes what arrived; the region is overwritten.
     *
     * @return whether the conversation goes on; false once the close frame was put out, and nothing may be fed any more
     */
    boolean feed(long address, int length, Output output) {
        int at = 0;
        while (at < length) {
            if (!head.isComplete()) {
                int used = head.decode(address + at, length - at);
                at += used;
                if (head.isComplete() && !begin(address + at, used, output)) {
                    close(PROTOCOL_ERROR, output);
                    return false;
                }
            }
            int bytes = (int) Math.min(head.payloadLength() - payloadPosition, length - at);
            if (bytes > 0) {
                payload(address + at, bytes);
                at += bytes;
            }
            if (head.isComplete() && payloadPosition == head.payloadLength()) {
                if (head.opcode() == FrameHead.CLOSE) {
                    close(head.payloadLength() == 0 ? NO_CODE : closeCode, output);
                    return false;
                }
                head.reset();
                payloadPosition = 0;
            }
        }
        flush(output);
        return true;
    }

    /**
     * Starts the echo of a frame whose head is complete.
     *
     * @param payload where its payload begins
     * @param used how many bytes of the head stand before that
     * @return whether the frame is legal
     */
    private boolean begin(long payload, int used, Output output) {
        if (!head.isLegal(true, isInMessage)) {
            return false;
        }
        if (!head.isControl()) {
            isInMessage = !head.isLast();
        }
        if (!isEchoed()) {
            return true;
        }
        int opcode = head.opcode() == FrameHead.PING ? FrameHead.PONG : head.opcode();
        int size = FrameHead.sizeFor(head.payloadLength());
        if (used >= size + 4) {
            FrameHead.encode(payload - size, head.isLast(), opcode, head.payloadLength());
            ready(payload - size, size);
        } else {
            flush(output);
            FrameHead.encode(output.room(), head.isLast(), opcode, head.payloadLength());
            output.sendRoom(size);
        }
        return true;
    }

    private boolean isEchoed() {
        return head.opcode() != FrameHead.PONG && head.opcode() != FrameHead.CLOSE;
    }

    private void payload(long address, int length) {
        if (isEchoed()) {
            FrameHead.mask(address, length, head.maskKey(), payloadPosition);
            ready(address, length);
        } else if (head.opcode() == FrameHead.CLOSE) {
            FrameHead.mask(address, length, head.maskKey(), payloadPosition);
            // The first two bytes are the code, the rest is a reason for people.
            for (int i = 0; i < length && payloadPosition + i < 2; i++) {
                closeCode = closeCode << 8 | UnsafeApi.getByte(address + i) & 0xff;
            }
        }
        payloadPosition += length;
    }

    /** Appends to what is ready. It is never before its new place, because each frame shrinks by its mask. */
    private void ready(long address, int length) {
        if (readyLength == 0) {
            readyAddress = address;
        } else if (address != readyAddress + readyLength) {
            UnsafeApi.copyMemory(address, readyAddress + readyLength, length);
        }
        readyLength += length;
    }

    private void flush(Output output) {
        if (readyLength > 0) {
            output.sendLent(readyAddress, readyLength);
            readyLength = 0;
        }
    }

    private void close(int code, Output output) {
        flush(output);
        int answer = code == NO_CODE || FrameHead.isCloseCode(code) ? code : PROTOCOL_ERROR;
        int payloadLength = answer == NO_CODE ? 0 : 2;
        long room = output.room();
        int size = FrameHead.encode(room, true, FrameHead.CLOSE, payloadLength);
        if (payloadLength > 0) {
            UnsafeApi.putByte(room + size, (byte) (answer >>> 8));
            UnsafeApi.putByte(room + size + 1, (byte) answer);
        }
        output.sendRoom(size + payloadLength);
    }
}
