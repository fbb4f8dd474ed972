package io.longshore.session;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.net.Pages;
import io.longshore.net.Slots;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An engine that does nothing by itself: a test plays the kernel. What is sent from the owner's own memory is read when
 * the test lets the kernel take it, and not before, so memory that was freed or moved too early shows as wrong bytes.
 */
final class FakeEngine implements Engine {
    static final int RECEIVE_BYTES_MAX = 128 << 10;

    /** How a connection was ended by the owner. */
    enum End {
        CLOSED,
        ABORTED
    }

    /** A region under way: its memory, or the copy of lent bytes. */
    private record Region(long address, byte[] lent, int from, int length) {}

    /** One connection, kept after its end. */
    static final class Socket {
        final long handle;
        final Address target;
        final Address source;
        boolean isReceiving;
        boolean isFinished;
        End end;
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final Deque<Region> regions = new ArrayDeque<>();

        private Socket(long handle, Address target, Address source) {
            this.handle = handle;
            this.target = target;
            this.source = source;
        }

        int pending() {
            return regions.stream().mapToInt(Region::length).sum();
        }

        String text() {
            return taken.toString(StandardCharsets.ISO_8859_1);
        }
    }

    final List<Socket> dialled = new ArrayList<>();
    final Map<Long, Long> deadlines = new HashMap<>();
    /** Whether the kernel holds on to the tuples of connections that are closed now. */
    boolean isHeld;
    /** A handle whose {@link #receive} fails by a fault of ours, or 0. */
    long failsToReceive;

    long nowNs = Long.MAX_VALUE - 5_000_000_000L;
    private final Map<Long, Socket> sockets = new HashMap<>();
    private final Slots slots = new Slots();
    private final Pages pages = new Pages();
    private int connections;
    private long lentAddress;
    private int lentLength;

    // ---- The test's side.

    long accept(long listener, Address peer, Completions completions) {
        Socket socket = open(null, null);
        completions.accepted(listener, socket.handle, peer);
        return socket.handle;
    }

    Socket socket(long handle) {
        return sockets.get(handle);
    }

    boolean isOpen(long handle) {
        return slots.isOpen(handle);
    }

    void deliver(long handle, byte[] bytes, Completions completions) {
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        lentAddress = BufferUtil.address(memory);
        lentLength = bytes.length;
        completions.received(handle, lentAddress, bytes.length);
        lentLength = 0;
        // Whoever kept the address would read this.
        for (int i = 0; i < bytes.length; i++) {
            memory.put(i, (byte) '!');
        }
    }

    /** The kernel takes so many bytes, at most those that are under way. */
    void take(long handle, int most, Completions completions) {
        Socket socket = sockets.get(handle);
        int left = most;
        while (left > 0 && !socket.regions.isEmpty()) {
            Region region = socket.regions.removeFirst();
            int count = Math.min(left, region.length);
            byte[] bytes = new byte[count];
            if (region.lent == null) {
                new UnsafeBuffer(region.address + region.from, count).getBytes(0, bytes);
            } else {
                System.arraycopy(region.lent, region.from, bytes, 0, count);
            }
            socket.taken.write(bytes, 0, count);
            if (count < region.length) {
                socket.regions.addFirst(
                        new Region(region.address, region.lent, region.from + count, region.length - count));
            }
            left -= count;
        }
        if (left < most) {
            completions.sent(handle, most - left);
        }
    }

    // ---- The owner's side.

    private Socket open(Address target, Address source) {
        Socket socket = new Socket(slots.open(), target, source);
        sockets.put(socket.handle, socket);
        connections++;
        return socket;
    }

    @Override
    public long listen(Address address) {
        return slots.open();
    }

    @Override
    public long dial(Address target, Address source, int portRange) {
        Socket socket = open(target, source);
        dialled.add(socket);
        return socket.handle;
    }

    @Override
    public void send(long handle, long address, int length) {
        assert length > 0 : "nothing to send";
        if (isOpen(handle)) {
            Socket socket = sockets.get(handle);
            assert !socket.isFinished : "sent behind the end";
            byte[] lent = null;
            if (lentLength > 0 && address >= lentAddress && address < lentAddress + lentLength) {
                lent = new byte[length];
                new UnsafeBuffer(address, length).getBytes(0, lent);
            }
            socket.regions.addLast(new Region(address, lent, 0, length));
        }
    }

    @Override
    public void receive(long handle, boolean on) {
        assert handle != failsToReceive : "told to fail";
        if (isOpen(handle)) {
            sockets.get(handle).isReceiving = on;
        }
    }

    @Override
    public void finish(long handle) {
        if (isOpen(handle)) {
            sockets.get(handle).isFinished = true;
        }
    }

    @Override
    public void abort(long handle) {
        end(handle, End.ABORTED);
    }

    @Override
    public void close(long handle) {
        end(handle, End.CLOSED);
    }

    private void end(long handle, End end) {
        if (isOpen(handle)) {
            slots.close(handle);
            deadlines.remove(handle);
            Socket socket = sockets.get(handle);
            if (socket != null) {
                socket.end = end;
                connections--;
            }
        }
    }

    @Override
    public void schedule(long handle, long deadlineNs) {
        if (isOpen(handle)) {
            deadlines.put(handle, deadlineNs);
        }
    }

    @Override
    public void unschedule(long handle) {
        deadlines.remove(handle);
    }

    @Override
    public long dialNs() {
        return 0;
    }

    @Override
    public boolean holdsTuple(long handle) {
        return isHeld;
    }

    @Override
    public Address localAddress(long handle) {
        return Address.ofIpv4(0x7f00_0001, 50_000 + Engine.slotOf(handle));
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public long clockNs() {
        return nowNs;
    }

    @Override
    public int receiveBytesMax() {
        return RECEIVE_BYTES_MAX;
    }

    @Override
    public int connections() {
        return connections;
    }

    @Override
    public Pages pages() {
        return pages;
    }

    @Override
    public int timers() {
        return deadlines.size();
    }

    @Override
    public long random() {
        return 4;
    }

    @Override
    public long parkedBytes() {
        return 0;
    }

    @Override
    public long staleCompletions() {
        return 0;
    }

    @Override
    public void accepting(long listener, boolean on) {}

    @Override
    public int poll(long timeoutNs, Completions completions) {
        throw new AssertionError("the test is the kernel here");
    }

    @Override
    public void wake() {}

    @Override
    public void close() {
        pages.close();
    }
}
