package io.longshore.sim;

import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import java.io.IOException;
import java.util.SplittableRandom;

/**
 * An engine with one planted bug, which strikes once in a while: what the oracles must find, or they would find nothing.
 * It stands between the door and the simulated engine, as if either had the bug.
 */
final class BuggyEngine implements Engine, Completions {
    /** What is wrong, and which oracle must say so. */
    enum Bug {
        /** One received byte gets lost. */
        DROPS_A_BYTE("prefix-of-sent"),
        /** A half-close is not told of. */
        SKIPS_AN_END("end-passed-on"),
        /** A close does not happen: the slot, and with it the source port, stays taken. */
        LEAKS_A_SLOT("nothing-left"),
        /** The lease of a tuple is not given back when its connection ends. */
        LEAKS_A_LEASE("account-balances");

        final String oracle;

        Bug(String oracle) {
            this.oracle = oracle;
        }
    }

    private final Engine engine;
    private final Bug bug;
    private final PortRow account;
    private final SplittableRandom random;
    private Completions completions;

    /** @param account a row of the account of tuples, for the bug that is about it */
    BuggyEngine(Engine engine, Bug bug, PortRow account, SplittableRandom random) {
        this.engine = engine;
        this.account = account;
        this.bug = bug;
        this.random = random;
    }

    private boolean strikes(Bug which, int oneIn) {
        return bug == which && random.nextInt(oneIn) == 0;
    }

    // ---- Where the bugs are.

    @Override
    public void received(long handle, long address, int length) {
        if (length > 1 && strikes(Bug.DROPS_A_BYTE, 50)) {
            completions.received(handle, address + 1, length - 1);
        } else {
            completions.received(handle, address, length);
        }
    }

    @Override
    public void ended(long handle) {
        if (!strikes(Bug.SKIPS_AN_END, 10)) {
            completions.ended(handle);
        }
    }

    @Override
    public void close(long handle) {
        if (strikes(Bug.LEAKS_A_LEASE, 20)) {
            // One taken and never given back is the same as one that was taken before and is not given back now.
            account.take();
        }
        if (!strikes(Bug.LEAKS_A_SLOT, 20)) {
            engine.close(handle);
        }
    }

    @Override
    public int poll(long timeoutNs, Completions told) {
        completions = told;
        return engine.poll(timeoutNs, this);
    }

    // ---- The rest is passed through.

    @Override
    public void accepted(long listener, long handle, Address peer) {
        completions.accepted(listener, handle, peer);
    }

    @Override
    public void acceptPaused(long listener, int result) {
        completions.acceptPaused(listener, result);
    }

    @Override
    public void connected(long handle, int result) {
        completions.connected(handle, result);
    }

    @Override
    public void broken(long handle, int result) {
        completions.broken(handle, result);
    }

    @Override
    public void sent(long handle, int bytes) {
        completions.sent(handle, bytes);
    }

    @Override
    public void moved(long handle, int bytes) {
        completions.moved(handle, bytes);
    }

    @Override
    public void expired(long handle) {
        completions.expired(handle);
    }

    @Override
    public long nowNs() {
        return engine.nowNs();
    }

    @Override
    public long clockNs() {
        return engine.clockNs();
    }

    @Override
    public long random() {
        return engine.random();
    }

    @Override
    public long listen(Address address) throws IOException {
        return engine.listen(address);
    }

    @Override
    public void accepting(long listener, boolean on) {
        engine.accepting(listener, on);
    }

    @Override
    public long dial(Address target, Address source, int portRange) {
        return engine.dial(target, source, portRange);
    }

    @Override
    public long dialNs() {
        return engine.dialNs();
    }

    @Override
    public boolean holdsTuple(long handle) {
        return engine.holdsTuple(handle);
    }

    @Override
    public Address localAddress(long handle) {
        return engine.localAddress(handle);
    }

    @Override
    public void receive(long handle, boolean on) {
        engine.receive(handle, on);
    }

    @Override
    public void send(long handle, long address, int length) {
        engine.send(handle, address, length);
    }

    @Override
    public void flow(long source, long target, boolean on) {
        engine.flow(source, target, on);
    }

    @Override
    public void finish(long handle) {
        engine.finish(handle);
    }

    @Override
    public void abort(long handle) {
        engine.abort(handle);
    }

    @Override
    public void schedule(long handle, long deadlineNs) {
        engine.schedule(handle, deadlineNs);
    }

    @Override
    public void unschedule(long handle) {
        engine.unschedule(handle);
    }

    @Override
    public int receiveBytesMax() {
        return engine.receiveBytesMax();
    }

    @Override
    public int connections() {
        return engine.connections();
    }

    @Override
    public long parkedBytes() {
        return engine.parkedBytes();
    }

    @Override
    public Pages pages() {
        return engine.pages();
    }

    @Override
    public int timers() {
        return engine.timers();
    }

    @Override
    public long staleCompletions() {
        return engine.staleCompletions();
    }

    @Override
    public void wake() {
        engine.wake();
    }

    @Override
    public void close() {
        engine.close();
    }
}
