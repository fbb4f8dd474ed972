package io.longshore.net;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/** An engine without a network: for what stands around an engine. */
final class StubEngine implements Engine {
    final AtomicInteger wakes = new AtomicInteger();
    /** What a poll does, and how many completions it delivers. */
    ToIntFunction<Completions> onPoll = completions -> 0;

    long nowNs;
    long clockNs;
    long lastTimeoutNs = -1;
    int connections;
    long parkedBytes;
    int timers;
    long staleCompletions;
    private final Pages pages = new Pages();

    @Override
    public int poll(long timeoutNs, Completions completions) {
        lastTimeoutNs = timeoutNs;
        return onPoll.applyAsInt(completions);
    }

    @Override
    public void wake() {
        wakes.incrementAndGet();
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public long clockNs() {
        return clockNs;
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
    public int timers() {
        return timers;
    }

    @Override
    public long staleCompletions() {
        return staleCompletions;
    }

    @Override
    public Pages pages() {
        return pages;
    }

    @Override
    public void close() {
        pages.close();
    }

    @Override
    public long random() {
        throw unexpected();
    }

    @Override
    public long listen(Address address) {
        throw unexpected();
    }

    @Override
    public void accepting(long listener, boolean on) {
        throw unexpected();
    }

    @Override
    public long dial(Address target, Address source, int portRange) {
        throw unexpected();
    }

    @Override
    public long dialNs() {
        throw unexpected();
    }

    @Override
    public boolean holdsTuple(long handle) {
        throw unexpected();
    }

    @Override
    public Address localAddress(long handle) {
        throw unexpected();
    }

    @Override
    public void receive(long handle, boolean on) {
        throw unexpected();
    }

    @Override
    public void send(long handle, long address, int length) {
        throw unexpected();
    }

    @Override
    public void finish(long handle) {
        throw unexpected();
    }

    @Override
    public void abort(long handle) {
        throw unexpected();
    }

    @Override
    public void close(long handle) {
        throw unexpected();
    }

    @Override
    public void schedule(long handle, long deadlineNs) {
        throw unexpected();
    }

    @Override
    public void unschedule(long handle) {
        throw unexpected();
    }

    @Override
    public int receiveBytesMax() {
        throw unexpected();
    }

    private static AssertionError unexpected() {
        return new AssertionError("a loop itself has nothing to do with connections");
    }
}
