package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.Timers;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An engine in a simulated world, on purpose as awkward as its contract allows: completions come late, split, and in any
 * order between handles; sends are taken at once or later, in parts; completions for handles that have been closed in the
 * meantime stay under way and must die on their generation. A caller who breaks the contract is a violation.
 *
 * <p>In half of the worlds it is an engine on a ring ({@link Odds.Manner}): what is asked for happens in a later cycle,
 * bytes are received ahead of their owner, and a cycle tells of everything at once or passes handles over.
 */
final class SimEngine implements Engine {
    private static final long LONGEST_POLL_NS = 3_600 * Odds.SECOND;

    private final SimWorld world;
    private final SimHandles handles;
    private final Deliveries deliveries;
    private final Timers timers;
    private final Pages pages = new Pages();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Lending lending;
    private Completions completions;
    private long nowNs;
    private boolean polling;
    private boolean closed;
    private int listeners;

    SimEngine(SimWorld world) {
        this.world = world;
        nowNs = world.nowNs();
        timers = new Timers(nowNs);
        lending = new Lending(world.random.split());
        handles = new SimHandles(world);
        deliveries = new Deliveries(world, handles, lending);
        world.join(this);
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public long clockNs() {
        return world.nowNs();
    }

    @Override
    public long random() {
        return world.random.nextLong();
    }

    @Override
    public long listen(Address address) throws IOException {
        if (world.isForeign(address)) {
            throw new IOException("cannot assign requested address: " + address);
        }
        SimHandle handle = handles.open();
        handle.listener = world.listen(address, () -> deliveries.hint(Deliveries.Kind.ACCEPT, handle));
        handle.isOn = true;
        listeners++;
        return handle.handle;
    }

    @Override
    public void accepting(long listener, boolean on) {
        SimHandle handle = handles.find(listener);
        if (handle != null && handle.listener != null) {
            handle.isOn = on;
            if (on) {
                deliveries.hint(Deliveries.Kind.ACCEPT, handle);
            }
        }
    }

    @Override
    public long dial(Address target, Address source, int portRange) {
        SimHandle handle = handles.open();
        handle.isDialled = true;
        if (Odds.hit(world.random, world.odds.lateDial)) {
            world.after(world.odds.latenessNs(world.random), () -> {
                if (handles.find(handle.handle) != null) {
                    dial(handle, target, source, portRange);
                }
            });
        } else {
            dial(handle, target, source, portRange);
        }
        return handle.handle;
    }

    private void dial(SimHandle handle, Address target, Address source, int portRange) {
        handle.dial = new SimDial(world, target, source, portRange, true, (socket, result) -> {
            handle.dial = null;
            handle.dialResult = result;
            handle.socket = socket;
            if (socket != null) {
                socket.watch(changed -> deliveries.changed(handle));
            }
            deliveries.hint(Deliveries.Kind.CONNECTED, handle);
        });
    }

    @Override
    public long dialNs() {
        return 0;
    }

    @Override
    public boolean holdsTuple(long handle) {
        SimHandle found = handles.find(handle);
        return found != null && found.socket != null && found.socket.connection.holdsTuple();
    }

    @Override
    public Address localAddress(long handle) {
        SimHandle found = handles.find(handle);
        if (found == null) {
            return null;
        }
        if (found.listener != null) {
            return found.listener.address;
        }
        return found.socket == null ? null : found.socket.local;
    }

    @Override
    public void receive(long handle, boolean on) {
        SimHandle found = handles.find(handle);
        if (found != null && found.listener == null) {
            found.isOn = on;
            deliveries.receive(found);
        }
    }

    @Override
    public void send(long handle, long address, int length) {
        SimHandle found = handles.find(handle);
        if (found == null || found.brokenTold) {
            return;
        }
        if (!found.connectedTold || found.finishAsked || length <= 0) {
            world.violated(
                    "send-in-order",
                    "send of " + length + " bytes, connected " + found.connectedTold + ", finish asked "
                            + found.finishAsked);
        }
        boolean lent = lending.isLent(address, length);
        if (!lent && lending.touches(address, length)) {
            world.violated("lent-memory", "received bytes were sent after their callback was over");
        }
        boolean first = found.sends.untaken() == 0;
        found.sends.add(address, length, lent);
        if (first && !Odds.hit(world.random, world.odds.lateTake)) {
            deliveries.take(found);
        } else {
            deliveries.hintWrite(found);
        }
    }

    @Override
    public void flow(long source, long target, boolean on) {
        SimHandle from = handles.find(source);
        SimHandle to = handles.find(target);
        if (from != null && on && to != null) {
            from.flow(to);
        } else if (from != null && !on) {
            from.unflow();
            deliveries.changed(from);
        }
    }

    @Override
    public void finish(long handle) {
        SimHandle found = handles.find(handle);
        if (found == null || found.brokenTold) {
            return;
        }
        if (!found.connectedTold) {
            world.violated("send-in-order", "finish before the connection stands");
        }
        found.finishAsked = true;
        if (found.sends.untaken() > 0) {
            return;
        }
        if (Odds.hit(world.random, world.odds.lateFinish)) {
            deliveries.hintWrite(found);
        } else {
            found.socket.finish();
        }
    }

    @Override
    public void abort(long handle) {
        SimHandle found = forget(handle);
        if (found != null) {
            if (found.dial != null) {
                found.dial.cancel();
            } else if (found.listener != null) {
                found.listener.close();
            } else if (found.socket != null) {
                letGo(found, found.socket::reset);
            }
        }
    }

    @Override
    public void close(long handle) {
        SimHandle found = forget(handle);
        if (found != null) {
            if (found.dial != null) {
                found.dial.cancel();
            } else if (found.listener != null) {
                found.listener.close();
            } else if (found.socket != null) {
                letGo(found, found.socket::close);
            }
        }
    }

    /** The kernel keeps a socket while requests stand at it. Not one that was dialled: its tuple is free at once. */
    private void letGo(SimHandle handle, Runnable ending) {
        if (!handle.isDialled && Odds.hit(world.random, world.odds.lateClose)) {
            world.after(world.odds.latenessNs(world.random), ending);
        } else {
            ending.run();
        }
    }

    @Override
    public void schedule(long handle, long deadlineNs) {
        if (handles.find(handle) != null) {
            timers.schedule(Engine.slotOf(handle), deadlineNs);
        }
    }

    @Override
    public void unschedule(long handle) {
        if (handles.find(handle) != null) {
            timers.unschedule(Engine.slotOf(handle));
        }
    }

    @Override
    public int connections() {
        return handles.count() - listeners;
    }

    @Override
    public long parkedBytes() {
        long sum = 0;
        for (SimHandle handle : handles.all()) {
            sum += handle.sends.parked();
        }
        return sum;
    }

    @Override
    public int receiveBytesMax() {
        return deliveries.receiveBytesMax();
    }

    @Override
    public Pages pages() {
        return pages;
    }

    @Override
    public int timers() {
        return timers.active();
    }

    @Override
    public long staleCompletions() {
        return deliveries.stale();
    }

    @Override
    public int poll(long timeoutNs, Completions told) {
        completions = told;
        if (polling || closed) {
            world.violated("poll", "poll inside poll, or after close");
        }
        polling = true;
        try {
            long until = world.elapsedNs() + Math.min(timeoutNs, LONGEST_POLL_NS);
            world.runDue();
            int delivered = deliver();
            while (!woken.getAndSet(false) && delivered == 0 && world.elapsedNs() < until) {
                world.advance(until);
                delivered = deliver();
            }
            return delivered;
        } finally {
            polling = false;
        }
    }

    @Override
    public void wake() {
        woken.set(true);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            handles.all().forEach(handle -> close(handle.handle));
            world.leave(this);
            pages.close();
        }
    }

    // ---- What the tests see.

    /** Open slots, listeners included. */
    int slotsLive() {
        return handles.count();
    }

    /** Open handles that were dialled, whatever became of the dial. */
    int dialled() {
        int count = 0;
        for (SimHandle handle : handles.all()) {
            count += handle.isDialled ? 1 : 0;
        }
        return count;
    }

    /** Bytes parked for this handle. */
    int parked(long handle) {
        SimHandle found = handles.find(handle);
        return found == null ? 0 : found.sends.parked();
    }

    /** The most that any handle has parked. */
    int parkedMost() {
        int most = 0;
        for (SimHandle handle : handles.all()) {
            most = Math.max(most, handle.sends.parked());
        }
        return most;
    }

    /** Makes every accept fail with -EMFILE, or no longer. */
    void starve(boolean on) {
        deliveries.starve(on);
    }

    /** Whether there is something to deliver that was too much for the last cycle. */
    boolean isBusy() {
        return deliveries.isBusy();
    }

    long timerDelayNs() {
        return timers.delayNs(world.nowNs());
    }

    // ---- One cycle.

    private int deliver() {
        nowNs = world.nowNs();
        // Timers first or last: nobody may rely on it.
        boolean timersFirst = world.random.nextBoolean();
        int delivered = timersFirst ? timers.expire(nowNs, this::expired) : 0;
        delivered += deliveries.deliver(completions);
        return delivered + (timersFirst ? 0 : timers.expire(nowNs, this::expired));
    }

    private void expired(int slot) {
        world.trace(10, slot, 0);
        completions.expired(handles.handleOf(slot));
    }

    private SimHandle forget(long handle) {
        SimHandle found = handles.forget(handle);
        if (found != null) {
            timers.unschedule(Engine.slotOf(handle));
            SimHandle source = found.flowFrom;
            found.unflow();
            if (source != null) {
                source.unflow();
                deliveries.changed(source);
            }
            listeners -= found.listener == null ? 0 : 1;
        }
        return found;
    }
}
