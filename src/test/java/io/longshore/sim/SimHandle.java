package io.longshore.sim;

/** What the simulated engine knows of one open handle: a listener, a dial, or a connection. */
final class SimHandle {
    final long handle;
    final PendingSends sends;
    final Intake intake = new Intake();
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
    /** Where this one's bytes may flow by themselves, and whose may flow to here. */
    SimHandle flowTo;

    SimHandle flowFrom;
    /** The engine moves what arrives and does not lend it. */
    boolean isMoving;

    boolean readHinted;
    boolean writeHinted;
    boolean toldHinted;
    boolean brokenHinted;

    SimHandle(SimWorld world, long handle) {
        this.handle = handle;
        sends = new PendingSends(world);
    }

    void flow(SimHandle target) {
        if (flowTo == null && target.flowFrom == null) {
            flowTo = target;
            target.flowFrom = this;
        }
    }

    void unflow() {
        if (flowTo != null) {
            flowTo.flowFrom = null;
            flowTo = null;
            isMoving = false;
        }
    }
}
