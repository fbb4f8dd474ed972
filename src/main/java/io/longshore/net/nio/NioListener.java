package io.longshore.net.nio;

/** A listening socket of one loop. */
final class NioListener {
    final long handle;
    final int fd;
    boolean isAccepting = true;

    NioListener(long handle, int fd) {
        this.handle = handle;
        this.fd = fd;
    }
}
