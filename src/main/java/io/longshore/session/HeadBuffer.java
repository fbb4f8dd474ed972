package io.longshore.session;

import io.longshore.net.Pages;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Bytes of a handshake that wait: an unfinished head, what came behind it, a head to be sent. One page of the loop, taken
 * with the first byte, exchanged for a larger one when it is full, given back by {@link #release}.
 */
final class HeadBuffer {
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private long page;
    private int capacity;
    private int length;

    /** Copies bytes to the end. The caller sees to it that they never come to more than {@link Pages#LARGEST}. */
    void append(Pages pages, long address, int count) {
        reserve(pages, length + count);
        UnsafeApi.copyMemory(address, page + length, count);
        length += count;
    }

    /** Makes room for so many bytes in all, and keeps what is there. */
    void reserve(Pages pages, int bytes) {
        if (bytes <= capacity) {
            return;
        }
        long larger = pages.take(bytes);
        if (page != 0) {
            UnsafeApi.copyMemory(page, larger, length);
            pages.give(page, capacity);
        }
        page = larger;
        capacity = Pages.sizeFor(bytes);
        view.wrap(page, capacity);
    }

    /** Says how many bytes were written through {@link #view} after {@link #reserve}. */
    void setLength(int bytes) {
        length = bytes;
    }

    /** Drops the first bytes. */
    void drop(int count) {
        length -= count;
        UnsafeApi.copyMemory(page + count, page, length);
    }

    /** The page as a buffer; bytes 0 to {@link #length()} are set. */
    UnsafeBuffer view() {
        return view;
    }

    long address() {
        return page;
    }

    int length() {
        return length;
    }

    int capacity() {
        return capacity;
    }

    /** Gives the page back. */
    void release(Pages pages) {
        if (page != 0) {
            pages.give(page, capacity);
            page = 0;
            capacity = 0;
            // Whoever still looks at it finds nothing, not another owner's bytes.
            view.wrap(0, 0);
        }
        length = 0;
    }
}
