package io.longshore.net.nio;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.SocketTuning;
import io.longshore.net.Timers;
import io.longshore.net.socket.Dialer;
import io.longshore.net.socket.Facts;
import io.longshore.net.socket.FlowPipes;
import io.longshore.net.socket.FlowStreak;
import io.longshore.net.socket.Tuples;
import io.longshore.sys.Kernel;
import io.longshore.sys.SockAddr;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.security.SecureRandom;

/**
 * The engine that runs everywhere: a selector of our own on the calls under java.nio's, one a loop, made to look like
 * completions.
 *
 * <p>A cycle: {@link Readiness} waits; a readable connection is read once into the loop's scratch memory, which is lent to
 * the owner, whose send of that memory is one write at once. What the kernel refuses is copied into pages and written when
 * there is room. What a call found out (bytes taken, a failed send) is told at the end of the cycle.
 *
 * <p>Sockets are opened, bound and connected through {@link Sockets}, for the errno; what happens for each message (wait,
 * read, write) goes through {@link JdkCalls}, which are cheaper than JNA.
 */
public final class NioEngine implements Engine {
    /** Accepts of one listener in one cycle: the established connections of the loop must not starve in a storm. */
    private static final int ACCEPTS_MAX = 64;

    private final Timers.Expiry onExpired = this::expired;
    private final NioTable table = new NioTable();
    private final Pages pages = new Pages();
    private final Facts facts = new Facts();
    private final Sockets sockets = new Sockets();
    private final SockAddr sockAddr = new SockAddr();
    private final SecureRandom random = new SecureRandom();
    private final Timers timers;
    private final Dialer dialer;
    private final NioWriter writer;
    private final Tuples tuples;
    private final NioReader reader;
    private final NioSplicer splicer;
    private final Readiness readiness;

    private long staleCompletions;
    private long nowNs = System.nanoTime();
    private Completions completions;
    private int delivered;
    private int cycle;

    /** An engine with its own selector; one thread uses it. */
    public NioEngine(SocketTuning tuning) throws IOException {
        readiness = new Readiness(sockets);
        timers = new Timers(nowNs);
        JdkCalls calls = new JdkCalls();
        reader = new NioReader(calls, sockets, tuning.receiveBytesMax());
        dialer = new Dialer(sockets, tuning);
        tuples = new Tuples(sockets);
        splicer = new NioSplicer(pages, tuning.receiveBytesMax());
        writer = new NioWriter(sockets, tuples, pages, facts, calls, splicer);
    }

    @Override
    public int poll(long timeoutNs, Completions completions) {
        this.completions = completions;
        delivered = 0;
        long waitNs = facts.count() > 0 ? 0 : Math.min(timeoutNs, timers.delayNs(nowNs));
        cycle++;
        // epoll counts milliseconds; rounded up, or the last one would be spent spinning.
        int count = readiness.await(waitNs <= 0 ? 0 : (int) Math.min(waitNs / 1_000_000 + 1, Integer.MAX_VALUE));
        nowNs = System.nanoTime();
        for (int i = 0; i < count; i++) {
            int fd = readiness.fd(i);
            if (fd >= 0) {
                ready(table.ownerOf(fd), readiness.events(i));
            }
        }
        // Only what stands now: a callback may add more, and they wait for the next cycle, which does not sleep then.
        for (int left = facts.count(); left > 0; left--) {
            deliverFact();
        }
        timers.expire(nowNs, onExpired);
        return delivered;
    }

    private void ready(Object owner, int events) {
        if (owner instanceof NioSocket socket) {
            if (socket.bornInCycle == cycle) {
                // The event is of a connection that was closed in this cycle, and its descriptor has a new owner.
                staleCompletions++;
            } else {
                ready(socket, events);
            }
        } else if (owner instanceof NioListener listener) {
            accept(listener);
        } else {
            staleCompletions++;
        }
    }

    private void ready(NioSocket socket, int events) {
        if ((events & (Readiness.IN | Readiness.ENDS)) != 0) {
            socket.isReadable = true;
            socket.isEnding |= (events & Readiness.ENDS) != 0;
        }
        if (socket.isConnecting) {
            finishConnect(socket, events);
            return;
        }
        if ((events & (Readiness.OUT | Readiness.ENDS)) != 0 && socket.hasUnsent()) {
            writer.flush(socket);
        }
        // Flushing calls nobody back, so the socket is still here; but it may be broken by now.
        if (socket.isReadDue() && !socket.isReadQueued) {
            read(socket);
        }
    }

    private void read(NioSocket socket) {
        int moved = FlowStreak.isMoving(socket.streak) ? splicer.move(socket) : FlowPipes.REFUSED;
        int count = moved == FlowPipes.REFUSED ? reader.read(socket) : moved;
        if (moved > 0) {
            // Calls nobody back: the owner learns of the move before he learns that it has left.
            writer.flush(socket.flowTo);
            writer.queueRead(socket);
            delivered++;
            completions.moved(socket.handle, count);
        } else if (count > 0) {
            splicer.hasRead(socket, count);
            writer.queueRead(socket);
            delivered++;
            completions.received(socket.handle, reader.address(), count);
        } else if (count == 0 && socket.sendError == 0) {
            socket.hasEnded = true;
            delivered++;
            completions.ended(socket.handle);
        } else if (count != -Kernel.EAGAIN) {
            // Where a reset was found by sending, all that came before it has been read by now.
            socket.isBroken = true;
            writer.discard(socket);
            delivered++;
            completions.broken(socket.handle, socket.sendError != 0 ? -socket.sendError : count);
        }
    }

    private void deliverFact() {
        long handle = facts.handle();
        int kind = facts.kind();
        int value = facts.value();
        facts.removeFirst();
        NioSocket socket = table.socket(handle);
        if (socket == null || kind == Facts.SENT && socket.isBroken) {
            staleCompletions++;
            return;
        }
        delivered++;
        switch (kind) {
            case Facts.SENT -> {
                int bytes = socket.unreported;
                socket.unreported = 0;
                socket.isReportQueued = false;
                completions.sent(handle, bytes);
            }
            case Facts.READ -> {
                delivered--;
                socket.isReadQueued = false;
                if (socket.isReadDue()) {
                    read(socket);
                }
            }
            case Facts.CONNECTED -> completions.connected(handle, value);
            case Facts.BROKEN -> completions.broken(handle, value);
            default -> throw new AssertionError("no such fact: " + kind);
        }
    }

    private void expired(int slot) {
        delivered++;
        completions.expired(table.handleAt(slot));
    }

    // ---- Listening and accepting.

    @Override
    public long listen(Address address) throws IOException {
        NioListener listener = new NioListener(table.open(), dialer.listen(address));
        table.put(listener);
        readiness.accepting(listener.fd, true);
        return listener.handle;
    }

    @Override
    public void accepting(long handle, boolean on) {
        NioListener listener = table.listener(handle);
        if (listener != null && listener.isAccepting != on) {
            listener.isAccepting = on;
            readiness.accepting(listener.fd, on);
        }
    }

    private void accept(NioListener listener) {
        for (int i = 0; i < ACCEPTS_MAX; i++) {
            // The owner may have paused or closed the listener while it took the connection before.
            if (!listener.isAccepting || !table.isOpen(listener.handle)) {
                return;
            }
            int fd = sockets.accept(listener.fd, sockAddr);
            if (fd == -Kernel.EAGAIN) {
                return;
            }
            if (fd < 0) {
                if (Dialer.isShortage(-fd)) {
                    // The connection stays in the queue, and every wait would tell of it again: stop looking.
                    accepting(listener.handle, false);
                    delivered++;
                    completions.acceptPaused(listener.handle, fd);
                    return;
                }
                // ECONNABORTED and the network errors that accept(2) passes on concern this one connection only.
                continue;
            }
            Address peer = new Address(sockAddr.high(), sockAddr.low(), sockAddr.port());
            if (readiness.enter(fd) != 0) {
                sockets.close(fd);
                continue;
            }
            NioSocket socket = new NioSocket(table.open(), fd, cycle);
            table.put(socket);
            delivered++;
            completions.accepted(listener.handle, socket.handle, peer);
        }
    }

    // ---- Dialling.

    @Override
    public long dial(Address target, Address source, int portRange) {
        int fd = dialer.dial(target, source, portRange);
        if (fd < 0) {
            return failedDial(fd);
        }
        if (readiness.enter(fd) != 0) {
            sockets.close(fd);
            return failedDial(-Kernel.ENOMEM);
        }
        NioSocket socket = new NioSocket(table.open(), fd, cycle);
        socket.isDialled = true;
        socket.isConnecting = !dialer.isConnected();
        table.put(socket);
        if (!socket.isConnecting) {
            facts.add(socket.handle, Facts.CONNECTED, 0);
        }
        return socket.handle;
    }

    /** A dial that failed inside the call gets a handle all the same, for the completion that tells of it. */
    private long failedDial(int result) {
        NioSocket socket = new NioSocket(table.open(), -1, cycle);
        socket.isBroken = true;
        table.put(socket);
        facts.add(socket.handle, Facts.CONNECTED, result);
        return socket.handle;
    }

    private void finishConnect(NioSocket socket, int events) {
        // Writable and nothing else: it stands. Else SO_ERROR tells; connect(2), EINPROGRESS.
        int error = (events & Readiness.ENDS) == 0 ? 0 : sockets.pendingError(socket.fd);
        socket.isConnecting = false;
        socket.isBroken = error != 0;
        delivered++;
        completions.connected(socket.handle, error > 0 ? -error : error);
    }

    @Override
    public Address localAddress(long handle) {
        NioSocket socket = table.socket(handle);
        NioListener listener = table.listener(handle);
        int fd = socket != null ? socket.fd : listener != null ? listener.fd : -1;
        if (fd < 0 || sockets.localAddress(fd, sockAddr) < 0) {
            return null;
        }
        return new Address(sockAddr.high(), sockAddr.low(), sockAddr.port());
    }

    @Override
    public long dialNs() {
        return dialer.callNs();
    }

    @Override
    public boolean holdsTuple(long handle) {
        NioSocket socket = table.socket(handle);
        return socket != null && tuples.isHeld(socket.fd, socket.hasEndedFirst);
    }

    // ---- Receiving, sending, closing.

    @Override
    public void receive(long handle, boolean on) {
        NioSocket socket = table.socket(handle);
        if (socket != null && socket.isReceiving != on) {
            socket.isReceiving = on;
            writer.queueRead(socket);
        }
    }

    @Override
    public void send(long handle, long address, int length) {
        NioSocket socket = table.socket(handle);
        if (socket != null && !socket.isBroken && socket.sendError == 0) {
            assert length > 0 && !socket.isFinishing && !socket.isConnecting : "nothing to send, or no time to send it";
            writer.send(socket, address, length);
        }
    }

    @Override
    public void flow(long source, long target, boolean on) {
        NioSocket from = table.socket(source);
        splicer.allow(from, table.socket(target), on);
        writer.queueRead(from);
    }

    @Override
    public void finish(long handle) {
        NioSocket socket = table.socket(handle);
        if (socket != null && !socket.isBroken && !socket.isFinishing) {
            writer.finish(socket);
        }
    }

    @Override
    public void abort(long handle) {
        NioSocket socket = table.socket(handle);
        if (socket != null && socket.fd >= 0) {
            sockets.resetOnClose(socket.fd);
        }
        close(handle);
    }

    @Override
    public void close(long handle) {
        NioSocket socket = table.socket(handle);
        NioListener listener = table.listener(handle);
        int fd = -1;
        if (socket != null) {
            fd = socket.fd;
            writer.discard(socket);
            splicer.leave(socket);
        } else if (listener != null) {
            fd = listener.fd;
        } else {
            return;
        }
        timers.unschedule(Engine.slotOf(handle));
        table.remove(handle, fd);
        if (fd >= 0) {
            sockets.close(fd);
        }
    }

    // ---- Timers, life.

    @Override
    public void schedule(long handle, long deadlineNs) {
        if (table.isOpen(handle)) {
            timers.schedule(Engine.slotOf(handle), deadlineNs);
        }
    }

    @Override
    public void unschedule(long handle) {
        if (table.isOpen(handle)) {
            timers.unschedule(Engine.slotOf(handle));
        }
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public long clockNs() {
        return System.nanoTime();
    }

    @Override
    public long random() {
        return random.nextLong();
    }

    @Override
    public int receiveBytesMax() {
        return reader.capacity();
    }

    @Override
    public int connections() {
        return table.connections();
    }

    @Override
    public long parkedBytes() {
        return writer.parkedBytes();
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
        return staleCompletions;
    }

    @Override
    public void wake() {
        readiness.wake();
    }

    @Override
    public void close() {
        for (int slot = 0; slot < table.slotsUsed(); slot++) {
            close(table.handleAt(slot));
        }
        readiness.close();
        reader.close();
        splicer.close();
        pages.close();
    }

    /** How many pipes of the kernel's hold bytes or are kept, for tests. */
    int pipes() {
        return splicer.open();
    }
}
