package io.longshore.net;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/** Completions that remember everything, and do what a test wants inside them. */
final class Recorder implements Completions {
    /** What to do inside a callback, after it was remembered. */
    @FunctionalInterface
    interface Reaction {
        void react(Event event);
    }

    /** One callback: its name, its handle, and its number (result, bytes or length). */
    record Event(String name, long handle, long number) {}

    final List<Event> events = new ArrayList<>();
    final List<Long> accepted = new ArrayList<>();
    final List<Address> acceptedPeers = new ArrayList<>();
    final Map<Long, ByteArrayOutputStream> received = new HashMap<>();
    Reaction reaction = event -> {};
    /** What to do with lent bytes. */
    Completions receiver;

    @Override
    public void accepted(long listener, long handle, Address peer) {
        accepted.add(handle);
        acceptedPeers.add(peer);
        add("accepted", handle, 0);
    }

    @Override
    public void acceptPaused(long listener, int result) {
        add("acceptPaused", listener, result);
    }

    @Override
    public void connected(long handle, int result) {
        add("connected", handle, result);
    }

    @Override
    public void received(long handle, long address, int length) {
        byte[] bytes = new byte[length];
        new UnsafeBuffer(address, length).getBytes(0, bytes);
        received.computeIfAbsent(handle, key -> new ByteArrayOutputStream()).write(bytes, 0, length);
        if (receiver != null) {
            receiver.received(handle, address, length);
        }
        add("received", handle, length);
    }

    @Override
    public void moved(long handle, int bytes) {
        add("moved", handle, bytes);
    }

    @Override
    public void ended(long handle) {
        add("ended", handle, 0);
    }

    @Override
    public void broken(long handle, int result) {
        add("broken", handle, result);
    }

    @Override
    public void sent(long handle, int bytes) {
        add("sent", handle, bytes);
    }

    @Override
    public void expired(long handle) {
        add("expired", handle, 0);
    }

    /** How often this happened to this handle. */
    int count(String name, long handle) {
        int count = 0;
        for (Event event : events) {
            count += event.handle() == handle && event.name().equals(name) ? 1 : 0;
        }
        return count;
    }

    /** How often anything happened to this handle. */
    int count(long handle) {
        int count = 0;
        for (Event event : events) {
            count += event.handle() == handle ? 1 : 0;
        }
        return count;
    }

    /** The sum of the numbers of this name: bytes, mostly. */
    long sum(String name, long handle) {
        long sum = 0;
        for (Event event : events) {
            sum += event.handle() == handle && event.name().equals(name) ? event.number() : 0;
        }
        return sum;
    }

    /** The number of the first callback of this name, 0 if there is none. */
    long first(String name, long handle) {
        for (Event event : events) {
            if (event.handle() == handle && event.name().equals(name)) {
                return event.number();
            }
        }
        return 0;
    }

    /** How many bytes this handle has received. */
    int receivedBytes(long handle) {
        ByteArrayOutputStream bytes = received.get(handle);
        return bytes == null ? 0 : bytes.size();
    }

    byte[] bytes(long handle) {
        ByteArrayOutputStream bytes = received.get(handle);
        return bytes == null ? new byte[0] : bytes.toByteArray();
    }

    private void add(String name, long handle, long number) {
        Event event = new Event(name, handle, number);
        events.add(event);
        reaction.react(event);
    }
}
