package io.longshore.net.nio;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.agrona.UnsafeApi;

/**
 * The system calls under java.nio's own selector and channels: epoll(7), recv(2) and send(2), as the JDK
 * compiles them in.
 *
 * <p>Why not the selector and the channels themselves: a SocketChannel and its key are ten objects and about 900 bytes for
 * an idle connection, a quarter of a handshake's CPU, and with a thousand active ones their cache misses cost more than the
 * locks and checks in them. Why not JNA: it adds some 60 ns to each call, and these are the three that every message makes.
 * Receiving and sending are those of its datagram channels: its stream channels use read(2) and write(2), which take a longer
 * way through the kernel to the same socket (100 ns for the two of them together).
 *
 * <p>Needs {@code --add-opens java.base/sun.nio.ch}, which the jar's manifest carries. One thread uses an instance.
 */
final class JdkCalls {
    /** The end of the stream; sun.nio.ch.IOStatus.EOF. */
    static final int END = -1;
    /** recv(2) and send(2) would have to wait; sun.nio.ch.IOStatus.UNAVAILABLE. */
    static final int UNAVAILABLE = -2;

    private static final MethodHandle EPOLL_CREATE = handle("EPoll", "create", int.class);
    private static final MethodHandle EPOLL_CTL =
            handle("EPoll", "ctl", int.class, int.class, int.class, int.class, int.class);
    private static final MethodHandle EPOLL_WAIT =
            handle("EPoll", "wait", int.class, int.class, long.class, int.class, int.class);
    private static final MethodHandle RECV =
            handle("DatagramDispatcher", "read0", int.class, FileDescriptor.class, long.class, int.class);
    private static final MethodHandle SEND =
            handle("DatagramDispatcher", "write0", int.class, FileDescriptor.class, long.class, int.class);
    private static final long DESCRIPTOR_FD;

    static {
        try {
            DESCRIPTOR_FD = UnsafeApi.objectFieldOffset(FileDescriptor.class.getDeclaredField("fd"));
        } catch (NoSuchFieldException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // The JDK's calls take the descriptor in an object. One is enough: it is told the number before each call.
    private final FileDescriptor descriptor = new FileDescriptor();

    private static MethodHandle handle(String type, String name, Class<?> result, Class<?>... arguments) {
        try {
            return inside(type).findStatic(type(type), name, MethodType.methodType(result, arguments));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static MethodHandles.Lookup inside(String type) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(type(type), MethodHandles.lookup());
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        // Initialized, because that is what loads the library that the natives are in.
        return Class.forName("sun.nio.ch." + name);
    }

    /** epoll_create1(2). */
    static int epollCreate() throws IOException {
        try {
            return (int) EPOLL_CREATE.invokeExact();
        } catch (Throwable e) {
            throw passed(e);
        }
    }

    /** epoll_ctl(2), with the descriptor as the event's data; 0 or an errno. */
    static int epollCtl(int epollFd, int operation, int fd, int events) {
        try {
            return (int) EPOLL_CTL.invokeExact(epollFd, operation, fd, events);
        } catch (Throwable e) {
            throw new AssertionError("the call answers with a number", e);
        }
    }

    /** epoll_wait(2): how many events were written to the address, or a negative number when a signal came first. */
    static int epollWait(int epollFd, long events, int eventsMax, int timeoutMs) throws IOException {
        try {
            return (int) EPOLL_WAIT.invokeExact(epollFd, events, eventsMax, timeoutMs);
        } catch (Throwable e) {
            throw passed(e);
        }
    }

    /** recv(2): how many bytes came, {@link #END}, or another negative number if none are there yet. */
    int recv(int fd, long address, int length) throws IOException {
        UnsafeApi.putInt(descriptor, DESCRIPTOR_FD, fd);
        try {
            return (int) RECV.invokeExact(descriptor, address, length);
        } catch (Throwable e) {
            throw passed(e);
        }
    }

    /** send(2): how many bytes the kernel took, negative if it has no room. The JVM ignores SIGPIPE. */
    int send(int fd, long address, int length) throws IOException {
        UnsafeApi.putInt(descriptor, DESCRIPTOR_FD, fd);
        try {
            return (int) SEND.invokeExact(descriptor, address, length);
        } catch (Throwable e) {
            throw passed(e);
        }
    }

    private static IOException passed(Throwable e) {
        if (e instanceof IOException failure) {
            return failure;
        }
        throw new AssertionError("the JDK's calls throw IOException at most", e);
    }
}
