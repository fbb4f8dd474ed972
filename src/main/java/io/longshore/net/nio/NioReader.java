package io.longshore.net.nio;

import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;
import org.agrona.UnsafeApi;

/** The receiving half of the java.nio engine: one read at a time, into the loop's scratch memory. */
final class NioReader implements AutoCloseable {
    private final JdkCalls calls;
    private final Sockets sockets;
    private final int capacity;
    // Every read lands here, and is lent to the owner.
    private final long scratch;
    private boolean isClosed;

    NioReader(JdkCalls calls, Sockets sockets, int capacity) {
        this.calls = calls;
        this.sockets = sockets;
        this.capacity = capacity;
        scratch = UnsafeApi.allocateMemory(capacity);
    }

    /** Where the bytes of the last read stand. */
    long address() {
        return scratch;
    }

    /** The most bytes of one read. */
    int capacity() {
        return capacity;
    }

    /**
     * Reads once, and notes whether the kernel may have more: told of each arrival only once, we stop at less than we
     * asked for and not before.
     *
     * @return bytes, 0 at the end of the stream, or a negated errno, -EAGAIN where nothing is there yet
     */
    int read(NioSocket socket) {
        int count = socket.isEnding ? sockets.recv(socket.fd, scratch, capacity) : recv(socket.fd);
        socket.isReadable = count > 0 ? count == capacity || socket.isEnding : count != -Kernel.EAGAIN;
        return count;
    }

    /** The JDK's call is the cheaper one where bytes come, JNA's where an error does: an exception costs 5 us. */
    private int recv(int fd) {
        try {
            int count = calls.recv(fd, scratch, capacity);
            return count > 0 ? count : count == JdkCalls.END ? 0 : -Kernel.EAGAIN;
        } catch (IOException e) {
            return -NioErrors.of(e);
        }
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            UnsafeApi.freeMemory(scratch);
        }
    }
}
