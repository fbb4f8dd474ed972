package io.longshore.sys;

import com.sun.jna.Native;

/**
 * The C library's calls, mapped directly (JNA "direct mapping": no proxy object, about 60 ns on top of the call).
 * Pointers are plain {@code long} addresses. After a result of -1, {@link #errno()} tells why, for the same thread.
 */
final class Libc {
    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    /** The errno of this thread's last call through this class. */
    static int errno() {
        return Native.getLastError();
    }

    /** {@code result} itself, or the negated errno where it is -1. */
    static int checked(int result) {
        return result == -1 ? -errno() : result;
    }

    static native int socket(int domain, int type, int protocol);

    static native int setsockopt(int fd, int level, int name, long value, int length);

    static native int getsockopt(int fd, int level, int name, long value, long lengthPointer);

    static native int bind(int fd, long address, int length);

    static native int connect(int fd, long address, int length);

    static native int listen(int fd, int backlog);

    static native int accept4(int fd, long address, long lengthPointer, int flags);

    static native int getsockname(int fd, long address, long lengthPointer);

    static native long send(int fd, long bytes, long length, int flags);

    static native long sendto(int fd, long bytes, long length, int flags, long address, int addressLength);

    static native long recv(int fd, long bytes, long length, int flags);

    static native int shutdown(int fd, int how);

    static native int close(int fd);

    /** pipe2(2); the two descriptors are written as two {@code int}s. */
    static native int pipe2(long descriptors, int flags);

    /** fcntl(2), for the commands that take a number. */
    static native int fcntl(int fd, int command, int value);

    /** splice(2); no offsets, for neither a pipe nor a socket has any. */
    static native long splice(int from, long fromOffset, int to, long toOffset, long length, int flags);

    static native long read(int fd, long bytes, long length);

    static native int madvise(long address, long length, int advice);

    static native int sched_setaffinity(int pid, long size, long mask);

    static native String strerror(int errno);

    static native int getrlimit(int resource, long limit);

    /** mmap(2): the address, or -1. */
    static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(long address, long length);

    /** eventfd(2). */
    static native int eventfd(int initial, int flags);

    static native long write(int fd, long bytes, long length);

    /** syscall(2), for calls of up to two arguments that the C library has no name for. */
    static native long syscall(long number, long first, long second);

    /** syscall(2), for those of up to six. */
    static native long syscall(long number, long first, long second, long third, long fourth, long fifth, long sixth);
}
