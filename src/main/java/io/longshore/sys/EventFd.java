package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An eventfd(2): a descriptor that becomes readable when any thread says so, by which one thread ends another's wait in the
 * kernel. One thread waits for it and closes it.
 */
public final class EventFd implements AutoCloseable {
    private static final int CLOSED = Integer.MIN_VALUE / 2;

    // Eight bytes that are read only, so any number of threads may send them at once, and eight that the waiter reads
    // to.
    private final ByteBuffer memory = ByteBuffer.allocateDirect(2 * Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .putLong(0, 1);
    private final int fd;
    /** How many threads are about to set it; negative, by {@link #CLOSED}, when nobody may any more. */
    private final AtomicInteger setters = new AtomicInteger();

    private EventFd(int fd) {
        this.fd = fd;
    }

    /** A new one; throws if the host is out of descriptors. */
    public static EventFd open() throws IOException {
        int fd = checked(Libc.eventfd(0, Kernel.EFD_CLOEXEC | Kernel.EFD_NONBLOCK));
        if (fd < 0) {
            throw new IOException("eventfd: " + ErrorText.of(-fd));
        }
        return new EventFd(fd);
    }

    public int fd() {
        return fd;
    }

    /** Makes it readable; from any thread, also after the end, when the descriptor's number may be somebody else's. */
    public void set() {
        try {
            if (setters.getAndIncrement() >= 0) {
                Libc.write(fd, Memory.addressOf(memory), Long.BYTES);
            }
        } finally {
            setters.decrementAndGet();
        }
    }

    /** Makes it unreadable. */
    public void drain() {
        Libc.read(fd, Memory.addressOf(memory) + Long.BYTES, Long.BYTES);
    }

    @Override
    public void close() {
        if (setters.get() < 0) {
            return;
        }
        setters.addAndGet(CLOSED);
        while (setters.get() > CLOSED) {
            // Who sets it at this moment is about to write to the descriptor.
            Thread.onSpinWait();
        }
        Libc.close(fd);
    }
}
