package io.longshore.net.uring;

import io.longshore.sys.ErrorText;
import io.longshore.sys.IoUring;
import io.longshore.sys.Kernel;
import java.io.IOException;
import org.agrona.UnsafeApi;

/**
 * The two queues between a loop and the kernel: what the loop wants done, and what the kernel has to tell. io_uring(7).
 *
 * <p>Nothing reaches the kernel before {@link #submit} or {@link #submitAndWait}. After each, everything that the kernel has
 * to tell stands in a queue of our own, from which {@link #next} takes it: so a full completion ring never loses anything
 * (the kernel keeps what did not fit, IORING_SQ_CQ_OVERFLOW, and is asked again), and who takes one may submit in between.
 *
 * <p>Sends are the exception. They complete within the call that submits them, and tell something only when they did not take
 * everything; that goes to the {@link SendBatch} at once, before any other completion is looked at.
 */
final class Ring implements AutoCloseable {
    /** Calls in vain until we take the kernel for broken: it answers -EAGAIN while it has no memory for requests. */
    private static final int TRIES_MAX = 10_000;

    // struct io_uring_sqe
    private static final int FLAGS = 1;
    private static final int IOPRIO = 2;
    private static final int FD = 4;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;
    private static final int OPERATION_FLAGS = 28;
    private static final int USER_DATA = 32;
    private static final int BUFFER_GROUP = 40;
    private static final int BOUND = 44;

    // struct io_uring_cqe
    private static final int RESULT = 8;
    private static final int CQE_FLAGS = 12;

    private final IoUring kernel;
    private SendBatch sends;

    private final long submissionHead;
    private final long submissionTail;
    private final long submissionFlags;
    private final long submissionEntries;
    private final int submissionMask;
    private int tail;

    private final long completionHead;
    private final long completionTail;
    private final long completionEntries;
    private final int completionMask;
    private int head;

    /** Completions that were taken from the kernel, as it wrote them: a ring of ours that grows to the most that ever waited. */
    private long queue;

    private int queueLength;
    private int first;
    private int count;
    /** The one that {@link #next} took. */
    private long tag;

    private int result;
    private int flags;

    private boolean isClosed;

    private Ring(IoUring kernel, boolean hasArray) {
        this.kernel = kernel;
        submissionHead = kernel.submissionHead();
        submissionTail = kernel.submissionTail();
        submissionFlags = kernel.submissionFlags();
        submissionEntries = kernel.submissionEntries();
        submissionMask = kernel.submissionMask();
        completionHead = kernel.completionHead();
        completionTail = kernel.completionTail();
        completionEntries = kernel.completionEntries();
        completionMask = kernel.completionMask();
        if (hasArray) {
            // Every place of the ring has its own entry, for good.
            for (int i = 0; i <= submissionMask; i++) {
                UnsafeApi.putInt(kernel.submissionArray() + 4L * i, i);
            }
        }
        queueLength = completionMask + 1;
        queue = UnsafeApi.allocateMemory((long) queueLength * IoUring.CQE_BYTES);
    }

    /** A ring of the thread that asks for it, and of no other; throws if the kernel refuses. */
    static Ring open(UringTuning tuning) throws IOException {
        int flags = Kernel.IORING_SETUP_SINGLE_ISSUER
                | Kernel.IORING_SETUP_DEFER_TASKRUN
                | Kernel.IORING_SETUP_SUBMIT_ALL
                | (tuning.hasArray() ? 0 : Kernel.IORING_SETUP_NO_SQARRAY);
        int[] errno = new int[1];
        IoUring kernel = IoUring.open(tuning.submissions(), tuning.completions(), flags, errno);
        if (kernel == null) {
            throw new IOException("io_uring_setup: " + ErrorText.of(errno[0]));
        }
        return new Ring(kernel, tuning.hasArray());
    }

    /** Provides buffers that are no larger than this; closes the ring if the kernel refuses. */
    RecvBuffers provide(UringTuning tuning, int bytesMax) throws IOException {
        try {
            int bytes = Math.min(tuning.bufferBytes(), bytesMax);
            return new RecvBuffers(kernel, tuning.buffers(), bytes, tuning.isIncremental());
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    // ---- What the loop wants.

    /** Receives once, into a provided buffer. */
    void receive(int fd, long tag, int bufferGroup) {
        long entry = entry(Kernel.IORING_OP_RECV, Kernel.IOSQE_BUFFER_SELECT, 0, fd, 0, 0, 0, tag);
        UnsafeApi.putShort(entry + BUFFER_GROUP, (short) bufferGroup);
    }

    /** Receives into provided buffers whatever arrives, until it ends; so many bytes in all, 0: no bound (sqe-&gt;optlen). */
    void receiveAll(int fd, long tag, int bufferGroup, int bytesMax) {
        long entry = entry(
                Kernel.IORING_OP_RECV, Kernel.IOSQE_BUFFER_SELECT, Kernel.IORING_RECV_MULTISHOT, fd, 0, 0, 0, tag);
        UnsafeApi.putShort(entry + BUFFER_GROUP, (short) bufferGroup);
        UnsafeApi.putInt(entry + BOUND, bytesMax);
    }

    /** Sends, as much as there is room for now; completes only if that is not all of it. */
    void send(int fd, long tag, long address, int length) {
        // WAITALL makes a short send a failed one, which is not silent; DONTWAIT makes it end here and now.
        int flags = Kernel.MSG_DONTWAIT | Kernel.MSG_WAITALL | Kernel.MSG_NOSIGNAL;
        entry(Kernel.IORING_OP_SEND, Kernel.IOSQE_CQE_SKIP_SUCCESS, 0, fd, address, length, flags, tag);
    }

    /** Sends belong to this batch from now on. */
    void next(SendBatch batch) {
        sends = batch;
    }

    /** Accepts whoever comes, until it ends. */
    void accept(int fd, long tag) {
        int flags = Kernel.SOCK_NONBLOCK | Kernel.SOCK_CLOEXEC;
        entry(Kernel.IORING_OP_ACCEPT, 0, Kernel.IORING_ACCEPT_MULTISHOT, fd, 0, 0, flags, tag);
    }

    /** Completes once when one of the events, of POLLIN and the like, is there. */
    void poll(int fd, long tag, int events) {
        entry(Kernel.IORING_OP_POLL_ADD, 0, 0, fd, 0, 0, events, tag);
    }

    /** Completes whenever one of the events comes about, and at once if it has, until it ends. */
    void pollForEver(int fd, long tag, int events) {
        entry(Kernel.IORING_OP_POLL_ADD, 0, 0, fd, 0, Kernel.IORING_POLL_ADD_MULTI, events, tag);
    }

    /** Has the operation with this tag end, with -ECANCELED if it is still there. */
    void cancel(long tag) {
        long nothing = Tag.of(0, Tag.NOTHING);
        entry(Kernel.IORING_OP_ASYNC_CANCEL, Kernel.IOSQE_CQE_SKIP_SUCCESS, 0, -1, tag, 0, 0, nothing);
    }

    /** Closes a descriptor, behind all that was asked for before. */
    void close(int fd) {
        long nothing = Tag.of(0, Tag.NOTHING);
        entry(Kernel.IORING_OP_CLOSE, Kernel.IOSQE_CQE_SKIP_SUCCESS, 0, fd, 0, 0, 0, nothing);
    }

    /** Writes an entry. What it does not write is zero since the ring was made. */
    private long entry(
            int operation, int flags, int ioprio, int fd, long address, int length, int operationFlags, long tag) {
        if (unsubmitted() > submissionMask) {
            submit();
        }
        long entry = submissionEntries + (long) (tail & submissionMask) * IoUring.SQE_BYTES;
        UnsafeApi.putByte(entry, (byte) operation);
        UnsafeApi.putByte(entry + FLAGS, (byte) flags);
        UnsafeApi.putShort(entry + IOPRIO, (short) ioprio);
        UnsafeApi.putInt(entry + FD, fd);
        UnsafeApi.putLong(entry + ADDRESS, address);
        UnsafeApi.putInt(entry + LENGTH, length);
        UnsafeApi.putInt(entry + OPERATION_FLAGS, operationFlags);
        UnsafeApi.putLong(entry + USER_DATA, tag);
        UnsafeApi.putLong(entry + BUFFER_GROUP, 0);
        tail++;
        return entry;
    }

    private int unsubmitted() {
        return tail - UnsafeApi.getIntVolatile(null, submissionHead);
    }

    // ---- The calls.

    /** Submits everything. */
    void submit() {
        publish();
        submitRest(0);
    }

    /** Submits everything, has the kernel do what is due, and waits for something to tell, at most so long. */
    void submitAndWait(long waitNs) {
        publish();
        int left = unsubmitted();
        int taken = kernel.submitAndWait(left, waitNs);
        collect();
        if (left > 0 && taken != left) {
            submitRest(taken);
        }
    }

    private void publish() {
        UnsafeApi.putIntRelease(null, submissionTail, tail);
    }

    private void submitRest(int lastTaken) {
        int tries = 0;
        int taken = lastTaken;
        for (int left = unsubmitted(); left > 0; left = unsubmitted()) {
            if (tries++ == TRIES_MAX) {
                throw new IllegalStateException("the kernel takes none of " + left + " operations: " + taken);
            }
            taken = kernel.submit(left);
            // What the kernel has to tell is memory that it waits for.
            collect();
        }
    }

    /** Takes over everything that the kernel has to tell, what did not fit into its ring included. */
    private void collect() {
        takeOver();
        while ((UnsafeApi.getIntVolatile(null, submissionFlags) & Kernel.IORING_SQ_CQ_OVERFLOW) != 0) {
            kernel.submitAndWait(0, 0);
            takeOver();
        }
    }

    private void takeOver() {
        int end = UnsafeApi.getIntVolatile(null, completionTail);
        while (head != end) {
            long from = completionEntries + (long) (head & completionMask) * IoUring.CQE_BYTES;
            long newTag = UnsafeApi.getLong(from);
            if (Tag.kind(newTag) == Tag.SEND) {
                sends.ended(Tag.place(newTag), UnsafeApi.getInt(from + RESULT));
            } else {
                queue(newTag, UnsafeApi.getInt(from + RESULT), UnsafeApi.getInt(from + CQE_FLAGS));
            }
            head++;
        }
        UnsafeApi.putIntRelease(null, completionHead, head);
    }

    private void queue(long newTag, int newResult, int newFlags) {
        if (count == queueLength) {
            grow();
        }
        long to = queue + (long) (first + count & queueLength - 1) * IoUring.CQE_BYTES;
        UnsafeApi.putLong(to, newTag);
        UnsafeApi.putInt(to + RESULT, newResult);
        UnsafeApi.putInt(to + CQE_FLAGS, newFlags);
        count++;
    }

    private void grow() {
        long half = (long) queueLength * IoUring.CQE_BYTES;
        long wider = UnsafeApi.allocateMemory(2 * half);
        long beforeWrap = (long) (queueLength - first) * IoUring.CQE_BYTES;
        UnsafeApi.copyMemory(queue + half - beforeWrap, wider, beforeWrap);
        UnsafeApi.copyMemory(queue, wider + beforeWrap, half - beforeWrap);
        UnsafeApi.freeMemory(queue);
        queue = wider;
        queueLength *= 2;
        first = 0;
    }

    // ---- What the kernel tells.

    /** How many completions wait. */
    int waiting() {
        return count;
    }

    /** Takes the next completion; there must be one. The three below are about it. */
    void next() {
        long at = queue + (long) first * IoUring.CQE_BYTES;
        tag = UnsafeApi.getLong(at);
        result = UnsafeApi.getInt(at + RESULT);
        flags = UnsafeApi.getInt(at + CQE_FLAGS);
        first = first + 1 & queueLength - 1;
        count--;
    }

    /** Has a completion that came too early come again, as one of several. */
    void putBack(long earlyTag, int earlyResult) {
        queue(earlyTag, earlyResult, Kernel.IORING_CQE_F_MORE);
    }

    long tag() {
        return tag;
    }

    /** A count, a descriptor or events; or a negated errno. */
    int result() {
        return result;
    }

    /** IORING_CQE_F_*. */
    int flags() {
        return flags;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            kernel.close();
            UnsafeApi.freeMemory(queue);
        }
    }
}
