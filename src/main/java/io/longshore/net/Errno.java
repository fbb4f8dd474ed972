package io.longshore.net;

/**
 * The error numbers that the proxy tells apart, for the results of {@link Completions}, which are 0 or one of these
 * negated.
 *
 * <p>Values of Linux's generic table ({@code errno(3)}; asm-generic/errno-base.h and asm-generic/errno.h), which x86,
 * Arm, RISC-V, POWER and s390 share. MIPS, SPARC, Alpha and PA-RISC number the network errors otherwise.
 */
public final class Errno {
    /** Operation not permitted: a local firewall rule refuses the packet. */
    public static final int EPERM = 1;
    /** Out of memory. */
    public static final int ENOMEM = 12;
    /** Permission denied: a privileged port, or a broadcast address. */
    public static final int EACCES = 13;
    /** The system's table of open files is full. */
    public static final int ENFILE = 23;
    /** The process's table of descriptors is full (RLIMIT_NOFILE). */
    public static final int EMFILE = 24;
    /** The peer reads no more. */
    public static final int EPIPE = 32;
    /** The tuple or the port is taken. */
    public static final int EADDRINUSE = 98;
    /** No free port towards this endpoint (connect), or the address is not this host's (bind). */
    public static final int EADDRNOTAVAIL = 99;
    /** No route. */
    public static final int ENETUNREACH = 101;
    /** Reset by the peer. */
    public static final int ECONNRESET = 104;
    /** Out of socket buffers. */
    public static final int ENOBUFS = 105;
    /** No answer in time. */
    public static final int ETIMEDOUT = 110;
    /** Nobody listens. */
    public static final int ECONNREFUSED = 111;
    /** The host does not answer, says a router or ARP. */
    public static final int EHOSTUNREACH = 113;

    private Errno() {}
}
