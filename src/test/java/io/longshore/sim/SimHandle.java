package io.longshore.sim;

/** What the simulated engine knows of one open handle: a listener, a dial, or a connection. */
final class SimHandle {
    final long handle;
    final PendingSends sends;
    SimListener listener;
    SimDial dial;
    SimSocket socket;
    /** The listener accepts, or the connection receives. */
    boolean isOn;

    boolean isDialled;
    boolean connectedTold;
    int dialResult;
    boolean endedTold;
    boolean brokenTold;
    boolean finishAsked;
    boolean readHinted;
    boolean writeHinted;
    boolean toldHinted;
    boolean brokenHinted;

    SimHandle(SimWorld world, long handle) {
        this.handle = handle;
        sends = new PendingSends(world);
    }
}
