package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * One io_uring of the kernel's: its three system calls, and the memory that it shares with us; io_uring(7),
 * io_uring_setup(2). What stands in that memory, and when, is the business of {@code net.uring}.
 *
 * <p>The submission ring and the completion ring lie in one mapping (IORING_FEAT_SINGLE_MMAP, Linux 5.4), the submission
 * entries in a second one. With SINGLE_ISSUER the thread that makes the ring is the only one that may enter it.
 */
public final class IoUring implements AutoCloseable {
    /** The length of a submission entry, struct io_uring_sqe. */
    public static final int SQE_BYTES = 64;
    /** The length of a completion entry, struct io_uring_cqe. */
    public static final int CQE_BYTES = 16;

    /** The least that we can work with: one mapping, no lost completions, a time-out in the call, silent successes. */
    private static final int FEATURES = Kernel.IORING_FEAT_SINGLE_MMAP
            | Kernel.IORING_FEAT_NODROP
            | Kernel.IORING_FEAT_EXT_ARG
            | Kernel.IORING_FEAT_CQE_SKIP;

    // struct io_uring_params: sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, resv[3],
    // then the offsets in both rings, 40 bytes each.
    static final int PARAMS_BYTES = 120;
    static final int PARAMS_FLAGS = 8;
    static final int PARAMS_FEATURES = 20;
    static final int PARAMS_SQ_OFF = 40;
    static final int PARAMS_CQ_OFF = 80;

    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int MASK = 8;
    private static final int SQ_FLAGS = 16;
    private static final int SQ_ARRAY = 24;
    private static final int CQ_ENTRIES = 20;

    private static final int ARGUMENT = PARAMS_BYTES;
    private static final int TIMESPEC = ARGUMENT + 24;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(TIMESPEC + 16).order(ByteOrder.nativeOrder());
    private final long pointer = Memory.addressOf(memory);
    private final int fd;
    private long rings;
    private long ringsLength;
    private long entries;
    private long entriesLength;

    private IoUring(int fd) {
        this.fd = fd;
    }

    /**
     * Makes a ring.
     *
     * @param submissions the number of submission entries; completions: of completion entries; both powers of two
     * @param flags IORING_SETUP_*, which CQSIZE and CLAMP are added to
     * @return null if the kernel refuses; {@code errno[0]} then is the reason, positive: ENOSYS, EPERM (forbidden by
     *     kernel.io_uring_disabled or a sandbox), EINVAL (a flag that it does not know), ENOMEM, or EOPNOTSUPP where it
     *     lacks a feature
     */
    public static IoUring open(int submissions, int completions, int flags, int[] errno) {
        ByteBuffer params = ByteBuffer.allocateDirect(PARAMS_BYTES).order(ByteOrder.nativeOrder());
        params.putInt(PARAMS_FLAGS, flags | Kernel.IORING_SETUP_CQSIZE | Kernel.IORING_SETUP_CLAMP);
        params.putInt(4, completions);
        int fd = checked((int) Libc.syscall(Kernel.SYS_io_uring_setup, submissions, Memory.addressOf(params)));
        if (fd < 0) {
            errno[0] = -fd;
            return null;
        }
        IoUring ring = new IoUring(fd);
        ring.memory.put(0, params, 0, PARAMS_BYTES);
        errno[0] = (params.getInt(PARAMS_FEATURES) & FEATURES) == FEATURES ? ring.map() : Kernel.EOPNOTSUPP;
        if (errno[0] != 0) {
            ring.close();
            return null;
        }
        return ring;
    }

    /** Maps both rings and the entries; 0 or an errno. */
    private int map() {
        long submissionsEnd = memory.getInt(PARAMS_SQ_OFF + SQ_ARRAY) + 4L * memory.getInt(0);
        long completionsEnd = memory.getInt(PARAMS_CQ_OFF + CQ_ENTRIES) + (long) CQE_BYTES * memory.getInt(4);
        ringsLength = Math.max(submissionsEnd, completionsEnd);
        rings = map(ringsLength, Kernel.IORING_OFF_SQ_RING);
        if (rings == -1) {
            rings = 0;
            return Libc.errno();
        }
        entriesLength = (long) SQE_BYTES * memory.getInt(0);
        entries = map(entriesLength, Kernel.IORING_OFF_SQES);
        if (entries == -1) {
            entries = 0;
            return Libc.errno();
        }
        return 0;
    }

    private long map(long length, long offset) {
        int protection = Kernel.PROT_READ | Kernel.PROT_WRITE;
        return Libc.mmap(0, length, protection, Kernel.MAP_SHARED | Kernel.MAP_POPULATE, fd, offset);
    }

    // ---- What is in the shared memory: addresses of 32-bit numbers, of the entries, and their count less one.

    public long submissionHead() {
        return rings + memory.getInt(PARAMS_SQ_OFF + HEAD);
    }

    public long submissionTail() {
        return rings + memory.getInt(PARAMS_SQ_OFF + TAIL);
    }

    public int submissionMask() {
        return UnsafeApi.getInt(rings + memory.getInt(PARAMS_SQ_OFF + MASK));
    }

    /** The kernel's flags for the submitter: IORING_SQ_CQ_OVERFLOW. */
    public long submissionFlags() {
        return rings + memory.getInt(PARAMS_SQ_OFF + SQ_FLAGS);
    }

    /** Which entry stands in which place of the ring; of no use, and not there, with IORING_SETUP_NO_SQARRAY. */
    public long submissionArray() {
        return rings + memory.getInt(PARAMS_SQ_OFF + SQ_ARRAY);
    }

    public long submissionEntries() {
        return entries;
    }

    public long completionHead() {
        return rings + memory.getInt(PARAMS_CQ_OFF + HEAD);
    }

    public long completionTail() {
        return rings + memory.getInt(PARAMS_CQ_OFF + TAIL);
    }

    public int completionMask() {
        return UnsafeApi.getInt(rings + memory.getInt(PARAMS_CQ_OFF + MASK));
    }

    public long completionEntries() {
        return rings + memory.getInt(PARAMS_CQ_OFF + CQ_ENTRIES);
    }

    // ---- The calls.

    /**
     * Submits, without looking for completions; io_uring_enter(2).
     *
     * @return how many entries the kernel took, or a negated errno
     */
    public int submit(int count) {
        return checked((int) Libc.syscall(Kernel.SYS_io_uring_enter, fd, count, 0, 0, 0, 0));
    }

    /**
     * Submits, has the kernel do what is due for this ring, and waits for a completion.
     *
     * @param waitNs the longest wait; 0 does not wait
     * @return how many entries the kernel took, or a negated errno: -ETIME when nothing came in time, -EINTR
     */
    public int submitAndWait(int count, long waitNs) {
        if (waitNs <= 0) {
            return checked(
                    (int) Libc.syscall(Kernel.SYS_io_uring_enter, fd, count, 0, Kernel.IORING_ENTER_GETEVENTS, 0, 0));
        }
        // struct io_uring_getevents_arg: sigmask, sigmask_sz, min_wait_usec, ts.
        memory.putLong(ARGUMENT + 16, pointer + TIMESPEC);
        memory.putLong(TIMESPEC, waitNs / 1_000_000_000L);
        memory.putLong(TIMESPEC + 8, waitNs % 1_000_000_000L);
        return checked((int) Libc.syscall(
                Kernel.SYS_io_uring_enter,
                fd,
                count,
                1,
                Kernel.IORING_ENTER_GETEVENTS | Kernel.IORING_ENTER_EXT_ARG,
                pointer + ARGUMENT,
                24));
    }

    /**
     * Registers a ring of provided buffers; io_uring_register(2), IORING_REGISTER_PBUF_RING.
     *
     * @param bufferRing the address of its entries, which begins where a page of the kernel's does
     * @param entryCount a power of two, at most 32,768
     * @return 0 or a negated errno
     */
    public int registerBuffers(long bufferRing, int entryCount, int group, int flags) {
        // struct io_uring_buf_reg: ring_addr, ring_entries, bgid, flags, resv[3].
        for (int at = 0; at < 40; at += 8) {
            memory.putLong(ARGUMENT + at, 0);
        }
        memory.putLong(ARGUMENT, bufferRing);
        memory.putInt(ARGUMENT + 8, entryCount);
        memory.putShort(ARGUMENT + 12, (short) group);
        memory.putShort(ARGUMENT + 14, (short) flags);
        int result = checked((int) Libc.syscall(
                Kernel.SYS_io_uring_register, fd, Kernel.IORING_REGISTER_PBUF_RING, pointer + ARGUMENT, 1, 0, 0));
        memory.putLong(ARGUMENT, 0);
        memory.putLong(ARGUMENT + 8, 0);
        return result;
    }

    /**
     * Closes the ring and its memory. What is still under way is cancelled by the kernel in its own time, and holds its
     * sockets until then: cancel it first.
     */
    @Override
    public void close() {
        if (rings != 0) {
            Libc.munmap(rings, ringsLength);
            rings = 0;
        }
        if (entries != 0) {
            Libc.munmap(entries, entriesLength);
            entries = 0;
        }
        Libc.close(fd);
    }
}
