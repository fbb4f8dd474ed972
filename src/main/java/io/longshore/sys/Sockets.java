package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * TCP sockets as raw, non-blocking descriptors. Every call returns a number of at least 0, or a negated errno: the JDK
 * turns EADDRNOTAVAIL, EADDRINUSE and EACCES alike into a BindException with nothing but text, and a dial must tell them
 * apart.
 *
 * <p>An instance holds the few off-heap bytes that options and addresses pass through; one thread uses it.
 */
public final class Sockets {
    private final ByteBuffer option = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    private final long optionPointer = Memory.addressOf(option);
    private final SockAddr addr = new SockAddr();

    /** A new non-blocking TCP socket of the family; socket(2). */
    public int open(boolean ipv6) {
        int family = ipv6 ? Kernel.AF_INET6 : Kernel.AF_INET;
        return checked(Libc.socket(
                family, Kernel.SOCK_STREAM | Kernel.SOCK_NONBLOCK | Kernel.SOCK_CLOEXEC, Kernel.IPPROTO_TCP));
    }

    /** Sets an {@code int} option; setsockopt(2). */
    public int setOption(int fd, int level, int name, int value) {
        option.putInt(0, value);
        return checked(Libc.setsockopt(fd, level, name, optionPointer, Integer.BYTES));
    }

    /** Reads an {@code int} option; values of options that we read are never negative. getsockopt(2). */
    public int getOption(int fd, int level, int name) {
        option.putInt(8, Integer.BYTES);
        int result = checked(Libc.getsockopt(fd, level, name, optionPointer, optionPointer + 8));
        return result < 0 ? result : option.getInt(0);
    }

    /** Makes the next close(2) send a reset and discard what has not left: SO_LINGER on, zero seconds. socket(7). */
    public int resetOnClose(int fd) {
        option.putInt(0, 1);
        option.putInt(4, 0);
        return checked(Libc.setsockopt(fd, Kernel.SOL_SOCKET, Kernel.SO_LINGER, optionPointer, 8));
    }

    /** bind(2) to an address; a port of 0 leaves the choice to the kernel. */
    public int bind(int fd, long high, long low, int port) {
        addr.set(high, low, port);
        return checked(Libc.bind(fd, addr.pointer(), addr.length()));
    }

    /** listen(2). */
    public int listen(int fd, int backlog) {
        return checked(Libc.listen(fd, backlog));
    }

    /** connect(2) on a non-blocking socket: 0, or -EINPROGRESS as the usual answer, or what went wrong. */
    public int connect(int fd, long high, long low, int port) {
        addr.set(high, low, port);
        return checked(Libc.connect(fd, addr.pointer(), addr.length()));
    }

    /** accept4(2), non-blocking: the new descriptor, or -EAGAIN when nobody waits. Fills in the peer's address. */
    public int accept(int fd, SockAddr peer) {
        return checked(
                Libc.accept4(fd, peer.pointer(), peer.lengthPointer(), Kernel.SOCK_NONBLOCK | Kernel.SOCK_CLOEXEC));
    }

    /** getsockname(2). */
    public int localAddress(int fd, SockAddr local) {
        return checked(Libc.getsockname(fd, local.pointer(), local.lengthPointer()));
    }

    /**
     * The peer's address, also of a connection that it has reset already, where getpeername(2) says -ENOTCONN: SO_PEERNAME,
     * net/core/sock.c.
     */
    public int peerAddress(int fd, SockAddr peer) {
        // It refuses to fill more room than the address takes, and fills less with a part of it: first IPv4's sixteen
        // bytes.
        int result = peerName(fd, peer, peer.ipv4LengthPointer());
        return result == 0 && peer.isIpv6() ? peerName(fd, peer, peer.lengthPointer()) : result;
    }

    private static int peerName(int fd, SockAddr peer, long lengthPointer) {
        return checked(Libc.getsockopt(fd, Kernel.SOL_SOCKET, Kernel.SO_PEERNAME, peer.pointer(), lengthPointer));
    }

    /** The pending error of a socket, 0 if none, as a positive errno; reading clears it. socket(7), SO_ERROR. */
    public int pendingError(int fd) {
        return getOption(fd, Kernel.SOL_SOCKET, Kernel.SO_ERROR);
    }

    /**
     * The state of a connection, TCP_ESTABLISHED (1) to TCP_CLOSING (11), or a negated errno: the first byte of struct
     * tcp_info; tcp(7), include/uapi/linux/tcp.h.
     */
    public int state(int fd) {
        option.putInt(8, 1);
        int result =
                checked(Libc.getsockopt(fd, Kernel.IPPROTO_TCP, Kernel.TCP_INFO, optionPointer, optionPointer + 8));
        return result < 0 ? result : option.get(0);
    }

    /**
     * Ends the connection at once, with a reset if it stood, and frees its tuple: connect(2) to AF_UNSPEC. The descriptor
     * stays open.
     */
    public int disconnect(int fd) {
        option.putLong(0, Kernel.AF_UNSPEC);
        option.putLong(8, 0);
        return checked(Libc.connect(fd, optionPointer, 16));
    }

    /** recv(2): how many bytes came, 0 at the end of the stream, or -EAGAIN, -ECONNRESET, -ETIMEDOUT ... */
    public int recv(int fd, long address, int length) {
        return checked((int) Libc.recv(fd, address, length, 0));
    }

    /** send(2) without SIGPIPE: how many bytes the kernel took, or -EAGAIN, -EPIPE, -ECONNRESET ... */
    public int send(int fd, long address, int length) {
        return checked((int) Libc.send(fd, address, length, Kernel.MSG_NOSIGNAL));
    }

    /** Half-closes for writing; shutdown(2). */
    public int shutdownWrite(int fd) {
        return checked(Libc.shutdown(fd, Kernel.SHUT_WR));
    }

    /** close(2). */
    public int close(int fd) {
        return checked(Libc.close(fd));
    }
}
