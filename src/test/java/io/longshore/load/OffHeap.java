package io.longshore.load;

import java.io.ByteArrayOutputStream;
import org.agrona.UnsafeApi;

/** A piece of memory outside the heap, for one test. */
final class OffHeap implements AutoCloseable {
    final long address;
    final int length;

    private OffHeap(int length) {
        this.length = length;
        address = UnsafeApi.allocateMemory(Math.max(length, 1));
    }

    static OffHeap ofSize(int length) {
        return new OffHeap(length);
    }

    /** A copy of a part of {@code bytes}. */
    static OffHeap of(byte[] bytes, int from, int to) {
        OffHeap memory = new OffHeap(to - from);
        for (int i = from; i < to; i++) {
            UnsafeApi.putByte(memory.address + i - from, bytes[i]);
        }
        return memory;
    }

    static OffHeap of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    byte[] read(int count) {
        return read(address, count);
    }

    static byte[] read(long address, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = UnsafeApi.getByte(address + i);
        }
        return bytes;
    }

    /** A frame as a client sends it, written from RFC 6455 section 5.2 and not with the code under test. */
    static byte[] clientFrame(boolean isLast, int opcode, int maskKey, byte[] payload) {
        ByteArrayOutputStream out = head(isLast, opcode, payload.length, 0x80);
        byte[] key = {(byte) (maskKey >>> 24), (byte) (maskKey >>> 16), (byte) (maskKey >>> 8), (byte) maskKey};
        out.writeBytes(key);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ key[i % 4]);
        }
        return out.toByteArray();
    }

    /** A frame as a server sends it. */
    static byte[] serverFrame(boolean isLast, int opcode, byte[] payload) {
        ByteArrayOutputStream out = head(isLast, opcode, payload.length, 0);
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static ByteArrayOutputStream head(boolean isLast, int opcode, int length, int maskBit) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write((isLast ? 128 : 0) + opcode);
        if (length < 126) {
            out.write(maskBit + length);
        } else if (length < 65536) {
            out.write(maskBit + 126);
            out.write(length / 256);
            out.write(length % 256);
        } else {
            out.write(maskBit + 127);
            out.writeBytes(new byte[4]);
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.write(length >>> shift);
            }
        }
        return out;
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 251);
        }
        return bytes;
    }

    @Override
    public void close() {
        UnsafeApi.freeMemory(address);
    }
}
