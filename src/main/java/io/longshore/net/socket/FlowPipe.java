package io.longshore.net.socket;

/** A pipe of the kernel's, and how much of what went in has not come out. {@link FlowPipes} makes, fills and empties it. */
public final class FlowPipe {
    final int readEnd;
    final int writeEnd;
    int bytes;

    FlowPipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /** What is in it. */
    public int bytes() {
        return bytes;
    }
}
