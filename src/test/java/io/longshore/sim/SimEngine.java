package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.Slots;
import io.longshore.net.Timers;
import io.longshore.sys.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An engine in a simulated world, on purpose as awkward as its contract allows: completions come late, split, and in any
 * order between handles; sends are taken at once or later, in parts; completions for handles that have been closed in the
 * meantime stay under way and must die on their generation. A caller who breaks the contract is a violation.
 */
final class SimEngine implements Engine {
    private enum Kind {
        ACCEPT,
        CONNECTED,
        READ,
        WRITE,
        SENT,
        BROKEN
    }

    /** Something that may be worth a look at a handle. What is reported depends on the state then, as with readiness. */
    private record Hint(Kind kind, long handle) {}

    private static final long LONGEST_POLL_NS = 3_600 * Odds.SECOND;
    private static final int[] ACCEPT_ERRORS = {Kernel.EMFILE, Kernel.ENFILE, Kernel.ENOMEM, Kernel.ENOBUFS};

    private final SimWorld world;
    private final Slots slots = new Slots();
    private final Timers timers;
    private final Pages pages = new Pages();
    private final List<SimHandle> handles = new ArrayList<>();
    private final List<Hint> ready = new ArrayList<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Lending lending;
    private final byte[] scratch;
    private Completions completions;
    private long nowNs;
    private boolean polling;
    private boolean closed;
    private boolean starved;
    private int listeners;
    private long stale;

    SimEngine(SimWorld world) {
        this.world = world;
        nowNs = world.nowNs();
        timers = new Timers(nowNs);
        lending = new Lending(world.random.split());
        int[] readSizes = world.odds.fashion.readSizes;
        scratch = new byte[readSizes[world.random.nextInt(readSizes.length)]];
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
        SimHandle handle = open();
        handle.listener = world.listen(address, () -> hint(Kind.ACCEPT, handle));
        handle.isOn = true;
        listeners++;
        return handle.handle;
    }

    @Override
    public void accepting(long listener, boolean on) {
        SimHandle handle = find(listener);
        if (handle != null && handle.listener != null) {
            handle.isOn = on;
            if (on) {
                hint(Kind.ACCEPT, handle);
            }
        }
    }

    @Override
    public long dial(Address target, Address source) {
        SimHandle handle = open();
        handle.dial = new SimDial(world, target, source, true, (socket, result) -> {
            handle.dial = null;
            handle.dialResult = result;
            handle.socket = socket;
            if (socket != null) {
                socket.watch(changed -> changed(handle));
            }
            hint(Kind.CONNECTED, handle);
        });
        return handle.handle;
    }

    @Override
    public Address localAddress(long handle) {
        SimHandle found = find(handle);
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
        SimHandle found = find(handle);
        if (found != null && found.listener == null) {
            found.isOn = on;
            changed(found);
        }
    }

    @Override
    public void send(long handle, long address, int length) {
        SimHandle found = find(handle);
        if (found == null || found.brokenTold) {
            return;
        }
        if (!found.connectedTold || found.finishAsked || length <= 0) {
            world.violated("send-in-order", "send of " + length + " bytes, connected " + found.connectedTold
                    + ", finish asked " + found.finishAsked);
        }
        boolean lent = lending.isLent(address, length);
        if (!lent && lending.touches(address, length)) {
            world.violated("lent-memory", "received bytes were sent after their callback was over");
        }
        boolean first = found.sends.untaken() == 0;
        found.sends.add(address, length, lent);
        if (first && !Odds.hit(world.random, world.odds.lateTake)) {
            take(found);
        } else {
            hintWrite(found);
        }
    }

    @Override
    public void finish(long handle) {
        SimHandle found = find(handle);
        if (found == null || found.brokenTold) {
            return;
        }
        if (!found.connectedTold) {
            world.violated("send-in-order", "finish before the connection stands");
        }
        found.finishAsked = true;
        if (found.sends.untaken() == 0) {
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
                found.socket.reset();
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
                found.socket.close();
            }
        }
    }

    @Override
    public void schedule(long handle, long deadlineNs) {
        if (find(handle) != null) {
            timers.schedule(Engine.slotOf(handle), deadlineNs);
        }
    }

    @Override
    public void unschedule(long handle) {
        if (find(handle) != null) {
            timers.unschedule(Engine.slotOf(handle));
        }
    }

    @Override
    public int connections() {
        return slots.count() - listeners;
    }

    @Override
    public long parkedBytes() {
        long sum = 0;
        for (SimHandle handle : handles) {
            sum += handle == null ? 0 : handle.sends.parked();
        }
        return sum;
    }

    @Override
    public int receiveBytesMax() {
        return scratch.length;
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
        return stale;
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
            for (int slot = 0; slot < handles.size(); slot++) {
                if (handles.get(slot) != null) {
                    close(handles.get(slot).handle);
                }
            }
            world.leave(this);
            pages.close();
        }
    }

    // ---- What the tests see.

    /** Open slots, listeners included. */
    int slotsLive() {
        return slots.count();
    }

    /** Bytes parked for this handle. */
    int parked(long handle) {
        SimHandle found = find(handle);
        return found == null ? 0 : found.sends.parked();
    }

    /** The most that any handle has parked. */
    int parkedMost() {
        int most = 0;
        for (SimHandle handle : handles) {
            most = Math.max(most, handle == null ? 0 : handle.sends.parked());
        }
        return most;
    }

    /** Makes every accept fail with -EMFILE, or no longer. */
    void starve(boolean on) {
        starved = on;
    }

    /** Whether there is something to deliver that was too much for the last cycle. */
    boolean isBusy() {
        return !ready.isEmpty();
    }

    long timerDelayNs() {
        return timers.delayNs(world.nowNs());
    }

    // ---- Completions.

    private int deliver() {
        nowNs = world.nowNs();
        int delivered = 0;
        boolean timersFirst = world.random.nextBoolean();
        if (timersFirst) {
            delivered += timers.expire(nowNs, this::expired);
        }
        int budget = 1 + world.random.nextInt(64);
        while (budget-- > 0 && !ready.isEmpty()) {
            int index = world.random.nextInt(ready.size());
            Hint hint = ready.get(index);
            ready.set(index, ready.get(ready.size() - 1));
            ready.remove(ready.size() - 1);
            delivered += follow(hint);
        }
        if (!timersFirst) {
            delivered += timers.expire(nowNs, this::expired);
        }
        return delivered;
    }

    private void expired(int slot) {
        world.trace(10, slot, 0);
        completions.expired(slots.handleOf(slot));
    }

    private int follow(Hint hint) {
        SimHandle handle = find(hint.handle);
        if (handle == null) {
            stale++;
            return 0;
        }
        world.trace(11, hint.kind.ordinal(), hint.handle);
        return switch (hint.kind) {
            case ACCEPT -> accept(handle);
            case CONNECTED -> connected(handle);
            case READ -> read(handle);
            case WRITE -> {
                handle.writeHinted = false;
                take(handle);
                yield 0;
            }
            case SENT -> tellSent(handle);
            case BROKEN -> tellBroken(handle);
        };
    }

    private int accept(SimHandle listener) {
        if (!listener.isOn || listener.listener.backlog.isEmpty()) {
            return 0;
        }
        if (starved || Odds.hit(world.random, world.odds.acceptStarved)) {
            listener.isOn = false;
            int errno = starved ? Kernel.EMFILE : ACCEPT_ERRORS[world.random.nextInt(ACCEPT_ERRORS.length)];
            completions.acceptPaused(listener.handle, -errno);
            return 1;
        }
        SimSocket socket = listener.listener.accept();
        SimHandle handle = open();
        handle.socket = socket;
        handle.connectedTold = true;
        socket.watch(changed -> changed(handle));
        hint(Kind.ACCEPT, listener);
        completions.accepted(listener.handle, handle.handle, socket.remote);
        return 1;
    }

    private int connected(SimHandle handle) {
        handle.connectedTold = handle.dialResult == 0;
        handle.brokenTold = handle.dialResult != 0;
        completions.connected(handle.handle, handle.dialResult);
        if (find(handle.handle) != null) {
            changed(handle);
        }
        return 1;
    }

    private int read(SimHandle handle) {
        handle.readHinted = false;
        if (!handle.isOn || !handle.connectedTold || handle.brokenTold) {
            return 0;
        }
        int available = handle.socket.available();
        if (available == 0 && handle.socket.error() != 0) {
            return tellBroken(handle);
        }
        if (available == 0) {
            if (!handle.socket.isReadable() || handle.endedTold) {
                return 0;
            }
            handle.endedTold = true;
            completions.ended(handle.handle);
            return 1;
        }
        int most = Math.min(available, scratch.length);
        boolean split = Odds.hit(world.random, world.odds.splitCompletion);
        int length = handle.socket.read(scratch, 0, split ? 1 + world.random.nextInt(most) : most);
        world.trace(12, handle.handle, length);
        long address = lending.lend(scratch, length);
        try {
            completions.received(handle.handle, address, length);
        } finally {
            lending.takeBack();
        }
        if (find(handle.handle) != null) {
            changed(handle);
        }
        return 1;
    }

    private int tellSent(SimHandle handle) {
        handle.toldHinted = false;
        int untold = handle.sends.untold();
        if (untold == 0 || handle.brokenTold) {
            return 0;
        }
        boolean split = Odds.hit(world.random, world.odds.splitCompletion);
        int bytes = split ? 1 + world.random.nextInt(untold) : untold;
        handle.sends.tell(bytes);
        if (bytes < untold) {
            hintSent(handle);
        }
        world.trace(13, handle.handle, bytes);
        completions.sent(handle.handle, bytes);
        return 1;
    }

    private int tellBroken(SimHandle handle) {
        handle.brokenHinted = false;
        if (handle.brokenTold) {
            return 0;
        }
        if (handle.isOn && handle.socket.available() > 0) {
            // What had arrived is delivered first.
            hintBroken(handle);
            return read(handle);
        }
        handle.brokenTold = true;
        completions.broken(handle.handle, -handle.socket.error());
        return 1;
    }

    /** Something happened to the socket, or its owner wants something else: looks what is worth a completion. */
    private void changed(SimHandle handle) {
        if (!handle.connectedTold || handle.brokenTold) {
            return;
        }
        boolean failed = handle.socket.error() != 0;
        if (handle.isOn && handle.socket.isReadable() && !(handle.endedTold && !failed)) {
            // After the end of the stream a reset may be noticed or not: nobody looks there any more.
            if (!handle.readHinted && (!handle.endedTold || world.random.nextBoolean())) {
                handle.readHinted = true;
                hint(Kind.READ, handle);
            }
        }
        if (handle.sends.untaken() > 0) {
            hintWrite(handle);
        }
    }

    private void take(SimHandle handle) {
        if (handle.brokenTold) {
            return;
        }
        int taken = handle.sends.untaken() == 0 ? 0 : handle.sends.takeBy(handle.socket);
        if (taken < 0) {
            hintBroken(handle);
            return;
        }
        if (handle.sends.untold() > 0) {
            hintSent(handle);
        }
        if (handle.sends.untaken() == 0 && handle.finishAsked) {
            handle.socket.finish();
        }
    }

    private void hintWrite(SimHandle handle) {
        if (!handle.writeHinted) {
            handle.writeHinted = true;
            hint(Kind.WRITE, handle);
        }
    }

    private void hintSent(SimHandle handle) {
        if (!handle.toldHinted) {
            handle.toldHinted = true;
            hint(Kind.SENT, handle);
        }
    }

    private void hintBroken(SimHandle handle) {
        if (!handle.brokenHinted) {
            handle.brokenHinted = true;
            hint(Kind.BROKEN, handle);
        }
    }

    private void hint(Kind kind, SimHandle handle) {
        Hint hint = new Hint(kind, handle.handle);
        world.after(world.odds.latenessNs(world.random), () -> ready.add(hint));
    }

    // ---- Slots.

    private SimHandle open() {
        long handle = slots.open();
        int slot = Engine.slotOf(handle);
        while (handles.size() <= slot) {
            handles.add(null);
        }
        SimHandle opened = new SimHandle(world, handle);
        handles.set(slot, opened);
        return opened;
    }

    private SimHandle find(long handle) {
        return slots.isOpen(handle) ? handles.get(Engine.slotOf(handle)) : null;
    }

    private SimHandle forget(long handle) {
        SimHandle found = find(handle);
        if (found != null) {
            int slot = Engine.slotOf(handle);
            timers.unschedule(slot);
            slots.close(handle);
            handles.set(slot, null);
            if (found.listener != null) {
                listeners--;
            }
            if (found.socket != null) {
                found.socket.watch(changed -> {});
            }
        }
        return found;
    }
}
