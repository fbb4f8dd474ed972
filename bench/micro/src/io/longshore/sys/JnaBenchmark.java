package io.longshore.sys;

import com.sun.jna.Native;
import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does a call into the C library cost through JNA's direct mapping, beside what the kernel takes for it?
 *
 * <p>Bound: 60 ns a crossing (the JDK's own native call, libffi, saving errno), which is all of getpagesize(3). A
 * system call that does nothing is another 90 ns on a machine with the usual mitigations: getppid(2), and syscall(2)
 * with three longs to pass. An option of a socket is two stores off the heap, the descriptor looked up and the socket
 * locked: 100 ns more.
 */
public class JnaBenchmark extends MicroBenchmark {
    /** pidfd_open(2), which every architecture knows under this number; process -1 is refused first thing (EINVAL). */
    private static final long SYS_pidfd_open = 434;

    static {
        Native.register(JnaBenchmark.class, "c");
    }

    private final Sockets sockets = new Sockets();
    private final int fd = sockets.open(false);

    /** Closes the socket. */
    @TearDown
    public void close() {
        sockets.close(fd);
    }

    private static native int getpagesize();

    private static native int getppid();

    /** No system call: the crossing and nothing else. */
    @Benchmark
    @Bound(60)
    public int crossingAlone() {
        return getpagesize();
    }

    /** The cheapest system call. */
    @Benchmark
    @Bound(150)
    public int getParentProcess() {
        return getppid();
    }

    /** A system call that the C library has no name for; it fails, and its errno is fetched. */
    @Benchmark
    @Bound(220)
    public int syscallThatFails() {
        return Libc.checked((int) Libc.syscall(SYS_pidfd_open, -1, 0));
    }

    /** One of the dozen calls that a dial makes. */
    @Benchmark
    @Bound(250)
    public int setSocketOption() {
        return sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR, 1);
    }
}
