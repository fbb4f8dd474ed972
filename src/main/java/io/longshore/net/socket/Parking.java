package io.longshore.net.socket;

import io.longshore.net.Pages;
import org.agrona.UnsafeApi;

/**
 * Bytes that wait, in a chain of pages, oldest first. A chain is a plain {@code long}, 0 while nothing waits, for its owner
 * to keep wherever its connection stands; so an idle connection pays eight bytes for it and no object.
 *
 * <p>The number is the address of the last page, which leads to the first one, as every page leads to the next:
 *
 * <pre>
 *   0: address of the next page, of the first in the last    8: first waiting byte    12: end of the bytes    16: bytes ...
 * </pre>
 */
public final class Parking {
    private static final int PAGE_BYTES = 16 << 10;
    private static final int NEXT = 0;
    private static final int FROM = 8;
    private static final int TO = 12;
    private static final int BYTES = 16;

    private Parking() {}

    /** Copies bytes to the end of a chain; returns the chain from now on. */
    public static long append(Pages pages, long chain, long address, int length) {
        long last = chain;
        long source = address;
        int left = length;
        while (left > 0) {
            if (last == 0 || UnsafeApi.getInt(last + TO) == PAGE_BYTES) {
                last = addPage(pages, last);
            }
            int to = UnsafeApi.getInt(last + TO);
            int copied = Math.min(left, PAGE_BYTES - to);
            UnsafeApi.copyMemory(source, last + to, copied);
            UnsafeApi.putInt(last + TO, to + copied);
            source += copied;
            left -= copied;
        }
        return last;
    }

    /** The first page of a chain that holds something. */
    public static long firstPage(long chain) {
        return UnsafeApi.getLong(chain + NEXT);
    }

    /** The page behind this one; the first one behind the last. */
    public static long nextPage(long page) {
        return UnsafeApi.getLong(page + NEXT);
    }

    /** The address of the bytes that wait in this page. */
    public static long bytesOf(long page) {
        return page + UnsafeApi.getInt(page + FROM);
    }

    /** How many bytes wait in this page; more than zero. */
    public static int lengthOf(long page) {
        return UnsafeApi.getInt(page + TO) - UnsafeApi.getInt(page + FROM);
    }

    /**
     * Takes bytes off the front of a chain and gives the pages back that held them.
     *
     * @param length at most as many as wait
     * @return the chain from now on
     */
    public static long remove(Pages pages, long chain, int length) {
        long left = chain;
        int toRemove = length;
        while (toRemove > 0) {
            long page = firstPage(left);
            int inPage = lengthOf(page);
            if (toRemove < inPage) {
                UnsafeApi.putInt(page + FROM, UnsafeApi.getInt(page + FROM) + toRemove);
                return left;
            }
            toRemove -= inPage;
            left = dropFirst(pages, left);
        }
        return left;
    }

    /** Gives all pages of a chain back; returns the empty chain. */
    public static long discard(Pages pages, long chain) {
        long left = chain;
        while (left != 0) {
            left = dropFirst(pages, left);
        }
        return 0;
    }

    private static long addPage(Pages pages, long last) {
        long page = pages.take(PAGE_BYTES);
        UnsafeApi.putInt(page + FROM, BYTES);
        UnsafeApi.putInt(page + TO, BYTES);
        if (last == 0) {
            UnsafeApi.putLong(page + NEXT, page);
        } else {
            UnsafeApi.putLong(page + NEXT, UnsafeApi.getLong(last + NEXT));
            UnsafeApi.putLong(last + NEXT, page);
        }
        return page;
    }

    private static long dropFirst(Pages pages, long chain) {
        long first = firstPage(chain);
        long second = nextPage(first);
        pages.give(first, PAGE_BYTES);
        if (first == chain) {
            return 0;
        }
        UnsafeApi.putLong(chain + NEXT, second);
        return chain;
    }
}
