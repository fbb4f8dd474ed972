package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.nio.ByteBuffer;

/**
 * What else the kernel offers, apart from ports: found by trying.
 *
 * @param ioUring 0 if io_uring_setup(2) is there for this process, else a negated errno: -ENOSYS without it, -EPERM where
 *     {@code kernel.io_uring_disabled} or a sandbox forbids it
 * @param kernelTls 0 if a connected socket takes TCP_ULP "tls", else a negated errno: -ENOENT if the module is not loaded
 */
public record KernelFeatures(int ioUring, int kernelTls) {
    private static final long LOOPBACK_LOW = 0x0000_ffff_7f00_0001L;

    private static final int TRIES = 10_000;

    /** Tries both, the second on a connection over loopback. */
    public static KernelFeatures probe() {
        return new KernelFeatures(tryIoUring(), tryKernelTls());
    }

    private static int tryIoUring() {
        // Without parameters to read, the call gets as far as looking for them if it is there and allowed.
        int result = checked((int) Libc.syscall(Kernel.SYS_io_uring_setup, 1, 0));
        return result == -Kernel.EFAULT ? 0 : result;
    }

    private static int tryKernelTls() {
        Sockets sockets = new Sockets();
        SockAddr local = new SockAddr();
        int listener = sockets.open(false);
        int client = sockets.open(false);
        try {
            int result = listener < 0 ? listener : client;
            result = result < 0 ? result : sockets.bind(listener, 0, LOOPBACK_LOW, 0);
            result = result < 0 ? result : sockets.listen(listener, 1);
            result = result < 0 ? result : sockets.localAddress(listener, local);
            result = result < 0 ? result : sockets.connect(client, 0, LOOPBACK_LOW, local.port());
            if (result < 0 && result != -Kernel.EINPROGRESS) {
                return result;
            }
            // Over loopback the handshake is over when the call returns, unless another CPU has a hand in it (RPS).
            int answer = setUlp(client);
            for (int i = 0; answer == -Kernel.ENOTCONN && i < TRIES; i++) {
                answer = setUlp(client);
            }
            return answer;
        } finally {
            close(sockets, client);
            close(sockets, listener);
        }
    }

    private static int setUlp(int fd) {
        ByteBuffer name = ByteBuffer.allocateDirect(3);
        name.put((byte) 't').put((byte) 'l').put((byte) 's');
        return checked(Libc.setsockopt(fd, Kernel.IPPROTO_TCP, Kernel.TCP_ULP, Memory.addressOf(name), 3));
    }

    private static void close(Sockets sockets, int fd) {
        if (fd >= 0) {
            sockets.resetOnClose(fd);
            sockets.close(fd);
        }
    }
}
