package io.longshore.net.nio;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.Slots;
import io.longshore.net.SocketTuning;
import io.longshore.net.Timers;
import io.longshore.sys.Kernel;
import io.longshore.sys.Memory;
import io.longshore.sys.SockAddr;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The engine that runs everywhere: a java.nio selector, one a loop, made to look like completions.
 *
 * <p>A cycle: the selector waits and calls back per ready key; a readable one is read once into the loop's scratch memory
 * and lent to the owner, whose send of that memory is one write at once. What the kernel refuses is copied into pages and
 * written when the selector says so. What a call found out (bytes taken, a failed send) is told at the end of the cycle.
 *
 * <p>Sockets are opened, bound and connected through {@link Sockets}, for the errno; reading and the common write go
 * through the JDK's channels, which are cheaper than JNA (measured: 145 against 135 thousand echoes a second).
 */
public final class NioEngine implements Engine {
    /** Accepts of one listener in one cycle: the established connections of the loop must not starve in a storm. */
    private static final int ACCEPTS_MAX = 64;

    private final SocketTuning tuning;
    private final Selector selector;
    private final Consumer<SelectionKey> onReady = this::ready;
    private final Timers.Expiry onExpired = this::expired;
    private final Slots slots = new Slots();
    private final Pages pages = new Pages();
    private final Facts facts = new Facts();
    private final Sockets sockets = new Sockets();
    private final SockAddr sockAddr = new SockAddr();
    private final SecureRandom random = new SecureRandom();
    private final Timers timers;

    // The loop's scratch memory: every read lands here. The second view shares the memory and is moved for writes.
    private final ByteBuffer scratch;
    private final ByteBuffer scratchView;
    private final long scratchAddress;

    /** By slot: a NioSocket, a NioListener, or null. */
    private Object[] table = new Object[64];

    private int connections;
    private long parkedBytes;
    private long staleCompletions;
    private long nowNs = System.nanoTime();
    private boolean isClockRead;
    private Completions completions;
    private int delivered;

    /** An engine with its own selector; one thread uses it. */
    public NioEngine(SocketTuning tuning) throws IOException {
        this.tuning = tuning;
        selector = Selector.open();
        timers = new Timers(nowNs);
        scratch = ByteBuffer.allocateDirect(tuning.receiveBytesMax());
        scratchView = scratch.duplicate();
        scratchAddress = Memory.addressOf(scratch);
    }

    @Override
    public int poll(long timeoutNs, Completions completions) {
        this.completions = completions;
        delivered = 0;
        isClockRead = false;
        long waitNs = facts.count() > 0 ? 0 : Math.min(timeoutNs, timers.delayNs(nowNs));
        try {
            if (waitNs <= 0) {
                selector.selectNow(onReady);
            } else {
                // The selector counts milliseconds; rounded up, or the last one would be spent spinning.
                selector.select(onReady, Math.min(waitNs / 1_000_000 + 1, Integer.MAX_VALUE));
            }
        } catch (IOException e) {
            // epoll_wait(2) fails for a bad descriptor only: a fault of ours, not of a peer.
            throw new UncheckedIOException(e);
        }
        readClock();
        // Only what stands now: a callback may add more, and they wait for the next cycle, which does not sleep then.
        for (int left = facts.count(); left > 0; left--) {
            deliverFact();
        }
        timers.expire(nowNs, onExpired);
        return delivered;
    }

    private void ready(SelectionKey key) {
        readClock();
        Object owner = key.attachment();
        if (owner instanceof NioSocket socket) {
            if (table[Engine.slotOf(socket.handle)] != socket) {
                staleCompletions++;
                return;
            }
            int ready = key.readyOps();
            if (socket.isConnecting) {
                finishConnect(socket);
            } else {
                if ((ready & SelectionKey.OP_WRITE) != 0) {
                    flush(socket);
                }
                // Flushing calls nobody back, so the socket is still here; but it may be broken by now.
                if ((ready & SelectionKey.OP_READ) != 0 && !socket.isBroken && socket.isReceiving) {
                    read(socket);
                }
            }
        } else {
            accept((NioListener) owner);
        }
    }

    private void readClock() {
        if (!isClockRead) {
            nowNs = System.nanoTime();
            isClockRead = true;
        }
    }

    private void read(NioSocket socket) {
        int count;
        scratch.clear();
        try {
            count = socket.channel.read(scratch);
        } catch (IOException e) {
            breakNow(socket, socket.sendError != 0 ? socket.sendError : errnoOf(e));
            return;
        }
        if (count > 0) {
            delivered++;
            completions.received(socket.handle, scratchAddress, count);
        } else if (count < 0 && socket.sendError != 0) {
            // A reset was found by sending, and all that came before it has been read by now.
            breakNow(socket, socket.sendError);
        } else if (count < 0) {
            socket.hasEnded = true;
            watch(socket);
            delivered++;
            completions.ended(socket.handle);
        }
    }

    private void breakNow(NioSocket socket, int errno) {
        markBroken(socket);
        delivered++;
        completions.broken(socket.handle, -errno);
    }

    private void markBroken(NioSocket socket) {
        socket.isBroken = true;
        parkedBytes -= socket.parkedBytes;
        socket.discard(pages);
        watch(socket);
    }

    /** The JDK tells a failed read or write by text alone. The launcher sees to it that the text is English. */
    private static int errnoOf(IOException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("timed out")) {
            return Kernel.ETIMEDOUT;
        }
        if (text.contains("route") || text.contains("unreachable")) {
            return Kernel.EHOSTUNREACH;
        }
        return text.contains("pipe") ? Kernel.EPIPE : Kernel.ECONNRESET;
    }

    private void deliverFact() {
        long handle = facts.handle();
        int kind = facts.kind();
        int value = facts.value();
        facts.removeFirst();
        NioSocket socket = socketOf(handle);
        if (socket == null) {
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
            case Facts.CONNECTED -> completions.connected(handle, value);
            case Facts.BROKEN -> completions.broken(handle, value);
            default -> throw new AssertionError("no such fact: " + kind);
        }
    }

    private void expired(int slot) {
        delivered++;
        completions.expired(slots.handleOf(slot));
    }

    // ---- Listening and accepting.

    @Override
    public long listen(Address address) throws IOException {
        NioListener listener = NioListener.open(address, tuning, sockets);
        long handle = slots.open();
        listener.handle = handle;
        put(handle, listener);
        listener.key = listener.channel.register(selector, SelectionKey.OP_ACCEPT, listener);
        return handle;
    }

    @Override
    public void accepting(long handle, boolean on) {
        if (slots.isOpen(handle) && table[Engine.slotOf(handle)] instanceof NioListener listener) {
            listener.key.interestOps(on ? SelectionKey.OP_ACCEPT : 0);
        }
    }

    private void accept(NioListener listener) {
        for (int i = 0; i < ACCEPTS_MAX; i++) {
            // The owner may have paused or closed the listener while it took the connection before.
            if (!listener.key.isValid() || listener.key.interestOps() == 0) {
                return;
            }
            int fd = sockets.accept(listener.fd, sockAddr);
            if (fd == -Kernel.EAGAIN) {
                return;
            }
            if (fd < 0) {
                if (isShortage(-fd)) {
                    // The connection stays in the queue and the selector would tell of it at once again: stop looking.
                    accepting(listener.handle, false);
                    delivered++;
                    completions.acceptPaused(listener.handle, fd);
                    return;
                }
                // ECONNABORTED and the network errors that accept(2) passes on concern this one connection only.
                continue;
            }
            Address peer = new Address(sockAddr.high(), sockAddr.low(), sockAddr.port());
            NioSocket socket = adopt(fd, !peer.isIpv4(), false);
            if (socket != null) {
                delivered++;
                completions.accepted(listener.handle, socket.handle, peer);
            }
        }
    }

    private static boolean isShortage(int errno) {
        return errno == Kernel.EMFILE || errno == Kernel.ENFILE || errno == Kernel.ENOMEM || errno == Kernel.ENOBUFS;
    }

    // ---- Dialling.

    @Override
    public long dial(Address target, Address source) {
        boolean ipv6 = !target.isIpv4();
        int fd = sockets.open(ipv6);
        if (fd < 0) {
            return failedDial(fd);
        }
        NioListener.tune(sockets, fd, tuning);
        int result = 0;
        if (source != null) {
            // IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect, when the target is known, so that one port serves
            // many targets. With a port of the caller's own, SO_REUSEADDR lets sockets share it; connect tells if the
            // whole tuple is taken. ip(7)
            sockets.setOption(fd, Kernel.SOL_SOCKET, Kernel.SO_REUSEADDR, 1);
            if (source.port() == 0) {
                sockets.setOption(fd, Kernel.IPPROTO_IP, Kernel.IP_BIND_ADDRESS_NO_PORT, 1);
            }
            result = sockets.bind(fd, source.high(), source.low(), source.port());
        }
        if (result == 0) {
            result = sockets.connect(fd, target.high(), target.low(), target.port());
        }
        if (result != 0 && result != -Kernel.EINPROGRESS) {
            sockets.close(fd);
            return failedDial(result);
        }
        NioSocket socket = adopt(fd, ipv6, result != 0);
        if (socket == null) {
            return failedDial(-Kernel.ENOMEM);
        }
        if (result == 0) {
            facts.add(socket.handle, Facts.CONNECTED, 0);
        }
        return socket.handle;
    }

    /** A dial that failed inside the call gets a handle all the same, for the completion that tells of it. */
    private long failedDial(int result) {
        long handle = slots.open();
        NioSocket socket = new NioSocket(handle, -1, null);
        socket.isBroken = true;
        put(handle, socket);
        connections++;
        facts.add(handle, Facts.CONNECTED, result);
        return handle;
    }

    /** Takes a descriptor in as a connection; null, with the descriptor closed, if the selector refuses it. */
    private NioSocket adopt(int fd, boolean ipv6, boolean isConnecting) {
        SocketChannel channel;
        try {
            channel = RawChannels.wrap(fd, ipv6);
        } catch (IOException e) {
            sockets.close(fd);
            return null;
        }
        long handle = slots.open();
        NioSocket socket = new NioSocket(handle, fd, channel);
        socket.isConnecting = isConnecting;
        try {
            socket.key = channel.register(selector, socket.interest(), socket);
        } catch (IOException e) {
            slots.close(handle);
            closeChannel(channel);
            return null;
        }
        put(handle, socket);
        connections++;
        return socket;
    }

    private void finishConnect(NioSocket socket) {
        int error = sockets.pendingError(socket.fd);
        socket.isConnecting = false;
        socket.isBroken = error != 0;
        watch(socket);
        delivered++;
        completions.connected(socket.handle, error > 0 ? -error : error);
    }

    @Override
    public Address localAddress(long handle) {
        NioSocket socket = socketOf(handle);
        int fd = socket != null ? socket.fd : listenerFd(handle);
        if (fd < 0 || sockets.localAddress(fd, sockAddr) < 0) {
            return null;
        }
        return new Address(sockAddr.high(), sockAddr.low(), sockAddr.port());
    }

    private int listenerFd(long handle) {
        return slots.isOpen(handle) && table[Engine.slotOf(handle)] instanceof NioListener listener ? listener.fd : -1;
    }

    // ---- Receiving, sending, closing.

    @Override
    public void receive(long handle, boolean on) {
        NioSocket socket = socketOf(handle);
        if (socket != null && socket.isReceiving != on) {
            socket.isReceiving = on;
            watch(socket);
        }
    }

    @Override
    public void send(long handle, long address, int length) {
        NioSocket socket = socketOf(handle);
        if (socket == null || socket.isBroken || socket.sendError != 0) {
            return;
        }
        assert length > 0 && !socket.isFinishing && !socket.isConnecting : "nothing to send, or no time to send it";
        int taken = 0;
        if (socket.parkedBytes == 0) {
            taken = write(socket, address, length);
            if (taken < 0) {
                sendFailed(socket, -taken);
                return;
            }
            report(socket, taken);
        }
        if (taken < length) {
            socket.park(pages, address + taken, length - taken);
            parkedBytes += length - taken;
            watch(socket);
        }
    }

    /** One write: how many bytes the kernel took, 0 if it has no room, or a negated errno. */
    private int write(NioSocket socket, long address, int length) {
        long offset = address - scratchAddress;
        if (offset >= 0 && offset + length <= scratch.capacity()) {
            scratchView.limit((int) offset + length).position((int) offset);
            try {
                return socket.channel.write(scratchView);
            } catch (IOException e) {
                return -errnoOf(e);
            }
        }
        int taken = sockets.send(socket.fd, address, length);
        return taken == -Kernel.EAGAIN || taken == -Kernel.EINTR ? 0 : taken;
    }

    private void flush(NioSocket socket) {
        int before = socket.parkedBytes;
        int result = socket.flush(pages, sockets);
        int taken = before - socket.parkedBytes;
        parkedBytes -= taken;
        report(socket, taken);
        if (result < 0) {
            sendFailed(socket, -result);
        } else if (socket.parkedBytes == 0) {
            if (socket.isFinishing) {
                sockets.shutdownWrite(socket.fd);
            }
            watch(socket);
        }
    }

    private void report(NioSocket socket, int taken) {
        if (taken > 0) {
            socket.unreported += taken;
            if (!socket.isReportQueued) {
                socket.isReportQueued = true;
                facts.add(socket.handle, Facts.SENT, 0);
            }
        }
    }

    /**
     * Sending failed: the peer has reset, or is gone. Linux still hands out what had arrived before the reset, so a
     * socket that is being received from is read to its end first; then, or else at once, the owner is told.
     */
    private void sendFailed(NioSocket socket, int errno) {
        socket.sendError = errno;
        parkedBytes -= socket.parkedBytes;
        socket.discard(pages);
        if (!socket.isReceiving || socket.hasEnded) {
            socket.isBroken = true;
            facts.add(socket.handle, Facts.BROKEN, -errno);
        }
        watch(socket);
    }

    @Override
    public void finish(long handle) {
        NioSocket socket = socketOf(handle);
        if (socket == null || socket.isBroken || socket.isFinishing) {
            return;
        }
        socket.isFinishing = true;
        if (socket.parkedBytes == 0 && socket.sendError == 0) {
            // ENOTCONN: a reset got here first, and reading will tell.
            sockets.shutdownWrite(socket.fd);
        }
    }

    @Override
    public void abort(long handle) {
        NioSocket socket = socketOf(handle);
        if (socket != null && socket.fd >= 0) {
            sockets.resetOnClose(socket.fd);
        }
        close(handle);
    }

    @Override
    public void close(long handle) {
        if (!slots.isOpen(handle)) {
            return;
        }
        int slot = Engine.slotOf(handle);
        if (table[slot] instanceof NioSocket socket) {
            connections--;
            parkedBytes -= socket.parkedBytes;
            socket.discard(pages);
            if (socket.channel != null) {
                closeChannel(socket.channel);
            }
        } else {
            ((NioListener) table[slot]).close();
        }
        table[slot] = null;
        timers.unschedule(slot);
        slots.close(handle);
    }

    /** The descriptor itself is closed by the selector, at the start of the next cycle. */
    private static void closeChannel(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // close(2) on a socket frees the descriptor whatever it answers; there is nothing left to do.
            assert !channel.isOpen();
        }
    }

    private void watch(NioSocket socket) {
        if (socket.key != null && socket.key.isValid()) {
            int interest = socket.interest();
            if (socket.key.interestOps() != interest) {
                socket.key.interestOps(interest);
            }
        }
    }

    // ---- Timers, life.

    @Override
    public void schedule(long handle, long deadlineNs) {
        if (slots.isOpen(handle)) {
            timers.schedule(Engine.slotOf(handle), deadlineNs);
        }
    }

    @Override
    public void unschedule(long handle) {
        if (slots.isOpen(handle)) {
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
        return scratch.capacity();
    }

    @Override
    public int connections() {
        return connections;
    }

    @Override
    public long parkedBytes() {
        return parkedBytes;
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
        // Another thread may wake a loop that has just ended.
        if (selector.isOpen()) {
            selector.wakeup();
        }
    }

    @Override
    public void close() {
        for (int slot = 0; slot < slots.used(); slot++) {
            if (table[slot] != null) {
                close(slots.handleOf(slot));
            }
        }
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pages.close();
    }

    private NioSocket socketOf(long handle) {
        return slots.isOpen(handle) && table[Engine.slotOf(handle)] instanceof NioSocket socket ? socket : null;
    }

    private void put(long handle, Object owner) {
        int slot = Engine.slotOf(handle);
        if (slot >= table.length) {
            table = Arrays.copyOf(table, Math.max(table.length * 2, slot + 1));
        }
        table[slot] = owner;
    }
}
