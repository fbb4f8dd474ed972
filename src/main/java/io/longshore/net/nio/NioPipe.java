package io.longshore.net.nio;

/** A pipe of the kernel's, and how much of what went in has not come out. */
final class NioPipe {
    final int readEnd;
    final int writeEnd;
    int bytes;

    NioPipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }
}
