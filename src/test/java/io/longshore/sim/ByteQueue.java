package io.longshore.sim;

import java.util.Arrays;

/** Bytes in order: a growing ring on the heap. */
final class ByteQueue {
    private byte[] bytes = new byte[64];
    private int head;
    private int size;

    int size() {
        return size;
    }

    void put(byte[] from, int offset, int length) {
        if (size + length > bytes.length) {
            byte[] larger = new byte[Math.max(bytes.length * 2, size + length)];
            copy(larger, 0, size);
            bytes = larger;
            head = 0;
        }
        int tail = (head + size) % bytes.length;
        int first = Math.min(length, bytes.length - tail);
        System.arraycopy(from, offset, bytes, tail, first);
        System.arraycopy(from, offset + first, bytes, 0, length - first);
        size += length;
    }

    /** Takes at most {@code length} bytes and returns how many. */
    int take(byte[] to, int offset, int length) {
        int taken = Math.min(length, size);
        copy(to, offset, taken);
        head = (head + taken) % bytes.length;
        size -= taken;
        return taken;
    }

    void clear() {
        size = 0;
        if (bytes.length > 4_096) {
            bytes = Arrays.copyOf(bytes, 64);
        }
        head = 0;
    }

    private void copy(byte[] to, int offset, int length) {
        int first = Math.min(length, bytes.length - head);
        System.arraycopy(bytes, head, to, offset, first);
        System.arraycopy(bytes, 0, to, offset + first, length - first);
    }
}
