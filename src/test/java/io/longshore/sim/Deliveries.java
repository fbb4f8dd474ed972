package io.longshore.sim;

import io.longshore.net.Completions;
import io.longshore.sys.Kernel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a simulated engine tells its owner, and when: a hint is put under way when something happens, arrives late, is
 * followed in any order between handles, and then tells what the handle's state is by that time. Hints for handles that
 * have been closed in the meantime stay under way and die on their generation.
 */
final class Deliveries {
    enum Kind {
        ACCEPT,
        CONNECTED,
        READ,
        WRITE,
        SENT,
        BROKEN
    }

    /** Something that may be worth a look at a handle. */
    private record Hint(Kind kind, long handle) {}

    private static final int[] ACCEPT_ERRORS = {Kernel.EMFILE, Kernel.ENFILE, Kernel.ENOMEM, Kernel.ENOBUFS};

    /** As much as a ring of completions holds: what follows in the same cycle must not make it endless. */
    private static final int WHOLE_BATCH = 4_096;

    private final SimWorld world;
    private final SimHandles handles;
    private final Lending lending;
    private final byte[] scratch;
    private final List<Hint> ready = new ArrayList<>();
    /** Hints of this cycle that wait for the next one, and the handles they are of. */
    private final List<Hint> passedOver = new ArrayList<>();

    private final Set<Long> passedOverHandles = new HashSet<>();
    /** How much a ring receives for one handle without its owner. */
    private final int keptMax;

    private Completions completions;
    private boolean isDelivering;
    private boolean starved;
    private long stale;

    Deliveries(SimWorld world, SimHandles handles, Lending lending) {
        this.world = world;
        this.handles = handles;
        this.lending = lending;
        int[] readSizes = world.odds.fashion.readSizes;
        scratch = new byte[readSizes[world.random.nextInt(readSizes.length)]];
        keptMax = scratch.length * world.odds.keptReads;
    }

    /** The most that is received at once. */
    int receiveBytesMax() {
        return scratch.length;
    }

    /** Hints that came for handles closed before. */
    long stale() {
        return stale;
    }

    void starve(boolean on) {
        starved = on;
    }

    /** Whether hints have arrived that were too many for the last cycle. */
    boolean isBusy() {
        return !ready.isEmpty();
    }

    /** Follows some of the hints that have arrived; returns how many completions came of it. */
    int deliver(Completions told) {
        completions = told;
        isDelivering = true;
        int delivered = 0;
        boolean whole = Odds.hit(world.random, world.odds.wholeBatch);
        int budget = whole ? WHOLE_BATCH : 1 + world.random.nextInt(64);
        while (budget-- > 0 && !ready.isEmpty()) {
            int index = world.random.nextInt(ready.size());
            Hint hint = ready.get(index);
            ready.set(index, ready.get(ready.size() - 1));
            ready.remove(ready.size() - 1);
            if (isPassedOver(hint)) {
                passedOver.add(hint);
            } else {
                delivered += follow(hint);
            }
        }
        ready.addAll(passedOver);
        passedOver.clear();
        passedOverHandles.clear();
        isDelivering = false;
        return delivered;
    }

    /** Whether this cycle tells nothing of a handle: all of its completions stand behind those of the others. */
    private boolean isPassedOver(Hint hint) {
        if (passedOverHandles.contains(hint.handle)) {
            return true;
        }
        return Odds.hit(world.random, world.odds.passedOver) && passedOverHandles.add(hint.handle);
    }

    private int follow(Hint hint) {
        SimHandle handle = handles.find(hint.handle);
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
        SimHandle handle = handles.open();
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
        if (handles.find(handle.handle) != null) {
            changed(handle);
        }
        return 1;
    }

    private int read(SimHandle handle) {
        handle.readHinted = false;
        if (!handle.isOn || !handle.connectedTold || handle.brokenTold) {
            return 0;
        }
        int available = handle.intake.available(handle.socket);
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
        boolean moves = moves(handle);
        if (moves && handle.flowTo.sends.parked() > 0 && world.random.nextBoolean()) {
            // It rests until what it has moved has left.
            return 0;
        }
        int most = Math.min(available, scratch.length);
        boolean split = Odds.hit(world.random, world.odds.splitCompletion);
        int length = handle.intake.read(handle.socket, scratch, split ? 1 + world.random.nextInt(most) : most, !split);
        world.trace(12, handle.handle, length);
        if (moves) {
            return move(handle, length);
        }
        long address = lending.lend(scratch, length);
        try {
            completions.received(handle.handle, address, length);
        } finally {
            lending.takeBack();
        }
        if (handles.find(handle.handle) != null) {
            changed(handle);
        }
        return 1;
    }

    /** Whether the engine takes the next read for itself: it begins and stops as it likes. */
    private boolean moves(SimHandle handle) {
        SimHandle target = handle.flowTo;
        if (target == null || world.odds.moves == 0) {
            return false;
        }
        handle.isMoving = handle.isMoving ? world.random.nextInt(5) > 0 : Odds.hit(world.random, world.odds.moves);
        return handle.isMoving && target.connectedTold && !target.brokenTold && !target.finishAsked;
    }

    /** Sends what was read, from the scratch memory, without the owner. */
    private int move(SimHandle source, int length) {
        SimHandle target = source.flowTo;
        boolean first = target.sends.untaken() == 0;
        target.sends.addMoved(scratch, length);
        if (first && !Odds.hit(world.random, world.odds.lateTake)) {
            take(target);
        } else {
            hintWrite(target);
        }
        completions.moved(source.handle, length);
        if (handles.find(source.handle) != null) {
            changed(source);
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
        if (handle.isOn && handle.intake.available(handle.socket) > 0) {
            // What had arrived is delivered first.
            hintBroken(handle);
            return read(handle);
        }
        handle.brokenTold = true;
        completions.broken(handle.handle, -handle.socket.error());
        return 1;
    }

    /** Something happened to the socket, or its owner wants something else: looks what is worth a completion. */
    void changed(SimHandle handle) {
        if (!handle.connectedTold || handle.brokenTold) {
            return;
        }
        if (Odds.hit(world.random, world.odds.overshoot)) {
            handle.intake.overshoot(handle.socket, keptMax);
        }
        boolean failed = handle.socket.error() != 0;
        if (handle.isOn && handle.intake.isReadable(handle.socket) && !(handle.endedTold && !failed)) {
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

    /** A hold, or the end of one, reaches a receive that stands at the kernel. */
    void receive(SimHandle handle) {
        if (handle.isOn) {
            handle.intake.arm(true);
        } else if (world.odds.overshoot > 0) {
            world.after(world.odds.latenessNs(world.random), () -> handle.intake.arm(handle.isOn));
        }
        changed(handle);
    }

    void take(SimHandle handle) {
        if (handle.brokenTold) {
            return;
        }
        boolean onlyFirst = Odds.hit(world.random, world.odds.takesOne);
        int taken = handle.sends.untaken() == 0 ? 0 : handle.sends.takeBy(handle.socket, onlyFirst);
        if (taken < 0) {
            hintBroken(handle);
            return;
        }
        if (handle.sends.untold() > 0) {
            hintSent(handle);
        }
        if (handle.sends.untaken() == 0 && handle.finishAsked) {
            handle.socket.finish();
        } else if (onlyFirst && taken > 0 && handle.sends.untaken() > 0) {
            // There may be room, and then nobody says so.
            hintWrite(handle);
        }
        if (taken > 0 && handle.flowFrom != null && handle.sends.parked() == 0) {
            changed(handle.flowFrom);
        }
    }

    void hintWrite(SimHandle handle) {
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

    void hint(Kind kind, SimHandle handle) {
        Hint hint = new Hint(kind, handle.handle);
        // What an owner asks for inside a callback is not even known to the kernel before the next cycle.
        if (isDelivering && kind != Kind.WRITE && Odds.hit(world.random, world.odds.chained)) {
            ready.add(hint);
            return;
        }
        long dueNs = world.elapsedNs() + world.odds.latenessNs(world.random);
        if (world.odds.batchNs > 0) {
            dueNs += world.odds.batchNs - dueNs % world.odds.batchNs;
        }
        world.after(dueNs - world.elapsedNs(), () -> ready.add(hint));
    }
}
