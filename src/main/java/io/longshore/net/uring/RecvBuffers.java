package io.longshore.net.uring;

import io.longshore.sys.ErrorText;
import io.longshore.sys.IoUring;
import io.longshore.sys.Kernel;
import java.io.IOException;
import org.agrona.UnsafeApi;

/**
 * The memory that everything arrives in: buffers that are provided to the kernel, in a ring of its own;
 * io_uring_register(2), IORING_REGISTER_PBUF_RING. No connection owns one: the kernel takes the next one when bytes are there.
 *
 * <p>From Linux 6.12 on the kernel fills a buffer little by little (IOU_PBUF_RING_INC), so that the small messages of many
 * connections lie one behind the other in few pages. Before, each arrival takes a whole buffer.
 *
 * <p>A buffer that the kernel is through with is given back only when every send of its bytes is through:
 *
 * <pre>
 *   provided -> filled, told of in one or several completions -> lent to the owner, sent -> given back -> provided
 * </pre>
 */
final class RecvBuffers implements AutoCloseable {
    /** The one group of a ring. */
    static final int GROUP = 1;

    private static final int KERNEL_PAGE = 4 << 10;
    // struct io_uring_buf; the tail of the ring lies where the first one has nothing.
    private static final int ENTRY_BYTES = 16;
    private static final int LENGTH = 8;
    private static final int ID = 12;
    private static final int TAIL = 14;

    private final int count;
    private final int bytes;
    private final boolean isIncremental;
    private final long allocated;
    private final long entries;
    private final long memory;
    /** How much of each buffer the kernel has filled. */
    private final int[] filled;

    private final int[] finished;
    private int finishedCount;
    private int tail;
    private int provided;
    private boolean isClosed;

    /**
     * Registers the buffers.
     *
     * @param count a power of two
     * @param bytes of each
     * @param isIncremental whether the kernel can fill them little by little
     * @throws IOException if the kernel refuses
     */
    RecvBuffers(IoUring kernel, int count, int bytes, boolean isIncremental) throws IOException {
        this.count = count;
        this.bytes = bytes;
        this.isIncremental = isIncremental;
        filled = new int[count];
        finished = new int[count];
        long entriesBytes = Math.max(KERNEL_PAGE, (long) count * ENTRY_BYTES);
        allocated = UnsafeApi.allocateMemory(entriesBytes + KERNEL_PAGE + (long) count * bytes);
        entries = allocated + KERNEL_PAGE - 1 & -KERNEL_PAGE;
        memory = entries + entriesBytes;
        UnsafeApi.setMemory(entries, entriesBytes, (byte) 0);
        int flags = isIncremental ? Kernel.IOU_PBUF_RING_INC : 0;
        int result = kernel.registerBuffers(entries, count, GROUP, flags);
        if (result < 0) {
            UnsafeApi.freeMemory(allocated);
            throw new IOException("IORING_REGISTER_PBUF_RING: " + ErrorText.of(-result));
        }
        for (int id = 0; id < count; id++) {
            provide(id);
        }
        publish();
    }

    /**
     * Where the bytes of a completion stand; they are whoever asks's until {@link #giveBack}.
     *
     * @param completionFlags which buffer, and whether the kernel goes on with it
     * @param length how many bytes have arrived
     */
    long take(int completionFlags, int length) {
        int id = completionFlags >>> Kernel.IORING_CQE_BUFFER_SHIFT;
        long address = memory + (long) id * bytes + filled[id];
        filled[id] += length;
        if (!isIncremental || (completionFlags & Kernel.IORING_CQE_F_BUF_MORE) == 0) {
            provided--;
        }
        return address;
    }

    /** The bytes of this completion were lent, or need not be. */
    void used(int completionFlags) {
        if (!isIncremental || (completionFlags & Kernel.IORING_CQE_F_BUF_MORE) == 0) {
            finished[finishedCount++] = completionFlags >>> Kernel.IORING_CQE_BUFFER_SHIFT;
        }
    }

    /** Every send of bytes that were used by now is through: provides the buffers that the kernel had finished. */
    void giveBack() {
        if (finishedCount > 0) {
            for (int i = 0; i < finishedCount; i++) {
                provide(finished[i]);
            }
            finishedCount = 0;
            publish();
        }
    }

    private void provide(int id) {
        filled[id] = 0;
        provided++;
        long entry = entries + (long) (tail & count - 1) * ENTRY_BYTES;
        UnsafeApi.putLong(entry, memory + (long) id * bytes);
        UnsafeApi.putInt(entry + LENGTH, bytes);
        UnsafeApi.putShort(entry + ID, (short) id);
        tail++;
    }

    private void publish() {
        UnsafeApi.putShortRelease(null, entries + TAIL, (short) tail);
    }

    /** How many buffers the kernel may fill now. */
    int provided() {
        return provided;
    }

    /** The length of a buffer, which no arrival is longer than. */
    int bytes() {
        return bytes;
    }

    /** Frees the memory; the ring of the kernel's must be closed by then. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            UnsafeApi.freeMemory(allocated);
        }
    }
}
