package io.longshore.net.uring;

import static io.longshore.net.uring.UringSocket.BROKEN;
import static io.longshore.net.uring.UringSocket.CONNECTING;
import static io.longshore.net.uring.UringSocket.DIALLED;
import static io.longshore.net.uring.UringSocket.FINISHING;
import static io.longshore.net.uring.UringSocket.LISTENER;
import static io.longshore.net.uring.UringSocket.POLLS_IN;
import static io.longshore.net.uring.UringSocket.POLLS_OUT;
import static io.longshore.net.uring.UringSocket.RECEIVING;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.SocketTuning;
import io.longshore.net.Timers;
import io.longshore.net.socket.Dialer;
import io.longshore.net.socket.Facts;
import io.longshore.net.socket.Tuples;
import io.longshore.sys.Kernel;
import io.longshore.sys.SockAddr;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.security.SecureRandom;

/**
 * The engine on io_uring(7), for kernels that have it: one call a cycle, which submits all that the cycle before wanted and
 * waits for what is new. {@link UringProbe} tells whether this host can.
 *
 * <p>A cycle: the call; the reckoning of what was sent ({@link UringSender}), told with the time of the cycle that sent it;
 * the clock; what has arrived, lent from provided buffers ({@link UringReceiver}); timers. Sends are over when the call is
 * back, so lent memory is never needed longer.
 *
 * <p>Sockets are opened, bound and connected through {@link Dialer}, for the errno and the time of the call; the ring says
 * when a connect is through.
 */
public final class UringEngine implements Engine {
    private static final int CONNECT_EVENTS = Kernel.POLLOUT | Kernel.POLLERR | Kernel.POLLHUP;
    /** Calls until everything that was under way has ended, when the engine closes: each waits a millisecond at most. */
    private static final int CLOSE_CYCLES_MAX = 2_000;

    private final Timers.Expiry onExpired = this::expired;
    private final UringTable table = new UringTable();
    private final Pages pages = new Pages();
    private final Facts facts = new Facts();
    private final Sockets sockets = new Sockets();
    private final SockAddr sockAddr = new SockAddr();
    private final SecureRandom random = new SecureRandom();
    private final Tuples tuples = new Tuples(sockets);
    private final Timers timers;
    private final Dialer dialer;
    private final Ring ring;
    private final RecvBuffers buffers;
    private final UringReceiver receiver;
    private final UringSender sender;
    private final UringSplicer splicer;
    private final UringAcceptor acceptor;
    private final UringWaker waker;
    private final int receiveBytesMax;
    private boolean isClosed;

    private long staleCompletions;
    private long nowNs = System.nanoTime();
    private Completions completions;
    private int delivered;

    /**
     * An engine with its own ring, which only this thread may use.
     *
     * @param probe which found no obstacle
     * @throws IOException if the kernel refuses it
     */
    public UringEngine(SocketTuning tuning, UringProbe probe) throws IOException {
        this(tuning, probe.tuning());
    }

    UringEngine(SocketTuning tuning, UringTuning ringTuning) throws IOException {
        timers = new Timers(nowNs);
        dialer = new Dialer(sockets, tuning);
        receiveBytesMax = tuning.receiveBytesMax();
        ring = Ring.open(ringTuning);
        buffers = ring.provide(ringTuning, receiveBytesMax);
        waker = new UringWaker(ring);
        receiver = new UringReceiver(table, ring, buffers, facts, pages, ringTuning);
        sender = new UringSender(table, ring, facts, pages, sockets, tuples);
        splicer = new UringSplicer(table, pages, tuning.receiveBytesMax());
        receiver.connect(sender, splicer);
        sender.connect(receiver, splicer);
        splicer.connect(receiver, sender);
        acceptor = new UringAcceptor(table, ring, sockets, receiver);
    }

    @Override
    public int poll(long timeoutNs, Completions completions) {
        this.completions = completions;
        delivered = 0;
        receiver.begin(completions);
        acceptor.begin(completions);
        splicer.begin(completions);
        boolean isBusy = facts.count() > 0 || ring.waiting() > 0 || sender.isAwaited() || receiver.hasStarved();
        ring.submitAndWait(isBusy ? 0 : Math.min(timeoutNs, timers.delayNs(nowNs)));
        delivered += sender.settle(completions);
        buffers.giveBack();
        receiver.feed();
        // Only what stands now: a callback may add more, and they wait for the next cycle, which does not sleep then.
        for (int left = facts.count(); left > 0; left--) {
            deliverFact();
        }
        nowNs = System.nanoTime();
        for (int left = ring.waiting(); left > 0; left--) {
            ring.next();
            complete(ring.tag(), ring.result(), ring.flags());
        }
        receiver.endRun();
        receiver.rest(nowNs);
        timers.expire(nowNs, onExpired);
        return delivered + receiver.delivered() + splicer.delivered() + acceptor.delivered();
    }

    private void complete(long tag, int result, int flags) {
        int kind = Tag.kind(tag);
        long socket = table.find(Tag.handle(tag));
        boolean isLast = (flags & Kernel.IORING_CQE_F_MORE) == 0;
        if (socket == 0 && kind < Tag.SEND) {
            staleCompletions++;
        }
        switch (kind) {
            case Tag.RECEIVE -> receiver.completed(socket, result, flags);
            case Tag.READABLE -> receiver.readable(socket);
            case Tag.WRITABLE -> hasRoom(socket);
            case Tag.CONNECT -> finishConnect(socket, result);
            case Tag.ACCEPT -> {
                receiver.underWay(isLast ? -1 : 0);
                acceptor.completed(socket, result, isLast);
            }
            case Tag.WAKE -> waker.completed(isLast);
            case Tag.NOTHING -> {}
            default -> throw new AssertionError("no such completion: " + kind);
        }
    }

    private void hasRoom(long socket) {
        receiver.underWay(-1);
        if (socket != 0) {
            UringSocket.clear(socket, POLLS_OUT);
            if (!UringSocket.is(socket, BROKEN) && UringSocket.hasUnsent(socket)) {
                sender.flush(socket);
            }
        }
    }

    private void deliverFact() {
        long handle = facts.handle();
        int kind = facts.kind();
        int value = facts.value();
        facts.removeFirst();
        long socket = table.connection(handle);
        if (socket == 0 || kind == Facts.SENT && UringSocket.is(socket, BROKEN)) {
            staleCompletions++;
            return;
        }
        switch (kind) {
            case Facts.SENT -> {
                int bytes = UringSocket.unreported(socket);
                UringSocket.unreported(socket, 0);
                UringSocket.clear(socket, UringSocket.REPORT_QUEUED);
                delivered++;
                completions.sent(handle, bytes);
            }
            case Facts.READ -> receiver.turn(socket);
            case Facts.CONNECTED -> {
                delivered++;
                completions.connected(handle, value);
            }
            case Facts.BROKEN -> {
                delivered++;
                completions.broken(handle, value);
            }
            default -> throw new AssertionError("no such fact: " + kind);
        }
    }

    private void expired(int slot) {
        delivered++;
        completions.expired(UringSocket.handle(table.at(slot)));
    }

    // ---- Listening and accepting.

    @Override
    public long listen(Address address) throws IOException {
        return acceptor.listen(dialer.listen(address));
    }

    @Override
    public void accepting(long handle, boolean on) {
        long socket = table.listener(handle);
        if (socket != 0) {
            acceptor.accepting(socket, on);
        }
    }

    // ---- Dialling.

    @Override
    public long dial(Address target, Address source, int portRange) {
        int fd = dialer.dial(target, source, portRange);
        if (fd < 0) {
            // A dial that failed inside the call gets a handle all the same, for the completion that tells of it.
            long handle = UringSocket.handle(table.open(-1, BROKEN));
            facts.add(handle, Facts.CONNECTED, fd);
            return handle;
        }
        long socket = table.open(fd, DIALLED);
        long handle = UringSocket.handle(socket);
        if (dialer.isConnected()) {
            facts.add(handle, Facts.CONNECTED, 0);
        } else {
            UringSocket.set(socket, CONNECTING | POLLS_OUT);
            receiver.underWay(1);
            ring.poll(fd, Tag.of(handle, Tag.CONNECT), CONNECT_EVENTS);
        }
        return handle;
    }

    private void finishConnect(long socket, int events) {
        receiver.underWay(-1);
        if (socket == 0) {
            return;
        }
        // Writable and nothing else: it stands. Else SO_ERROR tells; connect(2), EINPROGRESS.
        int error = events == Kernel.POLLOUT ? 0 : sockets.pendingError(UringSocket.fd(socket));
        UringSocket.clear(socket, CONNECTING | POLLS_OUT);
        if (error != 0) {
            UringSocket.set(socket, BROKEN);
        }
        receiver.queueTurn(socket);
        delivered++;
        completions.connected(UringSocket.handle(socket), error > 0 ? -error : error);
    }

    @Override
    public Address localAddress(long handle) {
        long socket = table.find(handle);
        int fd = socket == 0 ? -1 : UringSocket.fd(socket);
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
        long socket = table.connection(handle);
        return socket != 0 && tuples.isHeld(UringSocket.fd(socket), UringSocket.is(socket, UringSocket.ENDED_FIRST));
    }

    // ---- Receiving, sending, closing.

    @Override
    public void receive(long handle, boolean on) {
        long socket = table.connection(handle);
        if (socket != 0 && UringSocket.is(socket, RECEIVING) != on) {
            receiver.receive(socket, on);
        }
    }

    @Override
    public void send(long handle, long address, int length) {
        long socket = table.connection(handle);
        if (socket != 0 && !UringSocket.is(socket, BROKEN) && UringSocket.sendError(socket) == 0) {
            assert length > 0 && !UringSocket.is(socket, FINISHING | CONNECTING)
                    : "nothing to send, or no time to send it";
            sender.send(socket, address, length, UringSender.isRelay(socket, receiver.lender()));
        }
    }

    @Override
    public void flow(long source, long target, boolean on) {
        splicer.allow(table.connection(source), table.connection(target), on);
    }

    @Override
    public void finish(long handle) {
        long socket = table.connection(handle);
        if (socket != 0 && !UringSocket.is(socket, BROKEN | FINISHING)) {
            sender.finish(socket);
        }
    }

    @Override
    public void abort(long handle) {
        long socket = table.connection(handle);
        if (socket != 0) {
            int fd = UringSocket.fd(socket);
            if (fd >= 0 && (UringSocket.is(socket, DIALLED) || sender.isSending(socket))) {
                // Its receive holds the socket until the next call, which may find the tuple in use again by then,
                // and the memory of what is in the batch in another owner's hands: that send must find nobody.
                tuples.free(fd);
            } else if (fd >= 0) {
                sockets.resetOnClose(fd);
            }
            sender.forget(socket);
            leave(socket);
        }
    }

    @Override
    public void close(long handle) {
        long socket = table.find(handle);
        if (socket != 0) {
            if (sender.isSending(socket)) {
                sender.settleNow();
            }
            boolean isStanding = !UringSocket.is(socket, BROKEN | CONNECTING | FINISHING);
            if (isStanding && UringSocket.is(socket, DIALLED)) {
                tuples.end(UringSocket.fd(socket));
            }
            leave(socket);
        }
    }

    private void leave(long socket) {
        long handle = UringSocket.handle(socket);
        int fd = UringSocket.fd(socket);
        sender.discard(socket);
        receiver.discard(socket);
        splicer.leave(socket);
        if (UringSocket.is(socket, LISTENER)) {
            acceptor.leave(socket);
        } else {
            receiver.cancel(socket);
        }
        if (UringSocket.is(socket, POLLS_IN)) {
            ring.cancel(Tag.of(handle, Tag.READABLE));
        }
        if (UringSocket.is(socket, POLLS_OUT)) {
            ring.cancel(Tag.of(handle, UringSocket.is(socket, CONNECTING) ? Tag.CONNECT : Tag.WRITABLE));
        }
        timers.unschedule(Engine.slotOf(handle));
        table.close(socket);
        if (fd >= 0) {
            ring.close(fd);
        }
    }

    // ---- Timers, life.

    @Override
    public void schedule(long handle, long deadlineNs) {
        if (table.find(handle) != 0) {
            timers.schedule(Engine.slotOf(handle), deadlineNs);
        }
    }

    @Override
    public void unschedule(long handle) {
        if (table.find(handle) != 0) {
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
        return receiveBytesMax;
    }

    @Override
    public int connections() {
        return table.connections();
    }

    @Override
    public long parkedBytes() {
        return sender.parkedBytes() + splicer.pipedBytes();
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
        waker.set();
    }

    /** Cancels what is under way and waits for it: until it has ended, the kernel keeps the sockets open. */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        for (int slot = 0; slot < table.slotsUsed(); slot++) {
            close(UringSocket.handle(table.at(slot)));
        }
        acceptor.giveUpEarly();
        waker.leave();
        for (int left = CLOSE_CYCLES_MAX; (waker.isWatched() || receiver.underWay() > 0) && left > 0; left--) {
            ring.submitAndWait(1_000_000L);
            while (ring.waiting() > 0) {
                ring.next();
                complete(ring.tag(), ring.result(), ring.flags());
            }
        }
        waker.close();
        ring.close();
        buffers.close();
        splicer.close();
        table.close();
        pages.close();
    }
}
