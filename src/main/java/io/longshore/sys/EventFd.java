package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An eventfd(2): a descriptor that becomes readable when any thread says so. */
public final class EventFd implements AutoCloseable {
    // Eight bytes that are read only, so any number of threads may send them at once.
    private final ByteBuffer one =
            ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, 1);
    private final int fd;

    private EventFd(int fd) {
        this.fd = fd;
    }

    /** A new one, or null where the host is out of descriptors. */
    public static EventFd open() {
        int fd = checked(Libc.eventfd(0, Kernel.EFD_CLOEXEC | Kernel.EFD_NONBLOCK));
        return fd < 0 ? null : new EventFd(fd);
    }

    public int fd() {
        return fd;
    }

    /** Makes it readable; from any thread, before {@link #close}. */
    public void set() {
        Libc.write(fd, Memory.addressOf(one), Long.BYTES);
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
