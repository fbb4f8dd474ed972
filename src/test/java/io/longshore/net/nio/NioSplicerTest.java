package io.longshore.net.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.LeakCheck;
import io.longshore.lab.LeakCheck.Kind;
import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.SocketTuning;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the java.nio engine splices, and what becomes of its pipes. */
@Timeout(60)
final class NioSplicerTest {
    private static final Address LOOPBACK = Address.ofIpv4(0x7f32_0003, 0);
    private static final int KEPT_MAX = 4;

    private final LeakCheck leaks = LeakCheck.before();
    private final NioEngine engine = new NioEngine(SocketTuning.DEFAULT);
    private final int pipesBefore = LeakCheck.count(Kind.PIPE);
    private final Owner owner = new Owner();
    private final List<SocketChannel> peers = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    private final long listener = engine.listen(LOOPBACK);

    NioSplicerTest() throws IOException {}

    /** Relays what it is lent between neighbours, with a bound, and counts. */
    private final class Owner implements Completions {
        final List<Long> handles = new ArrayList<>();
        long lent;
        long moved;
        long sent;

        @Override
        public void accepted(long acceptor, long handle, Address peer) {
            handles.add(handle);
        }

        @Override
        public void received(long handle, long address, int length) {
            lent += length;
            engine.send(handles.get(handles.indexOf(handle) + 1), address, length);
            bound(handle);
        }

        @Override
        public void moved(long handle, int bytes) {
            moved += bytes;
            bound(handle);
        }

        private void bound(long handle) {
            engine.receive(handle, engine.parkedBytes() < 8 << 20);
        }

        @Override
        public void sent(long handle, int bytes) {
            sent += bytes;
        }

        @Override
        public void acceptPaused(long acceptor, int result) {}

        @Override
        public void connected(long handle, int result) {}

        @Override
        public void ended(long handle) {}

        @Override
        public void broken(long handle, int result) {}

        @Override
        public void expired(long handle) {}
    }

    @AfterEach
    void leaksNothing() throws IOException {
        engine.close();
        for (SocketChannel peer : peers) {
            peer.close();
        }
        assertEquals(0, engine.parkedBytes());
        assertEquals(0, engine.pipes());
        leaks.nothingLeft();
    }

    @Test
    void aFlowThatRestsOwnsNoPipe() throws IOException {
        for (int i = 0; i < 3; i++) {
            openFlow();
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 3; i++) {
                relay(2 * i, 4 << 20);
            }
        }
        assertTrue(owner.moved > 0, "nothing was moved");
        assertEquals(1, engine.pipes(), "one after another they need one pipe");
        assertEquals(2, LeakCheck.count(Kind.PIPE) - pipesBefore, "its ends");
    }

    @Test
    void pipesThatHeldBytesAreGivenBackAndAFewAreKept() throws IOException {
        int flows = 7;
        for (int i = 0; i < flows; i++) {
            openFlow();
            relay(2 * i, 2 << 20);
        }
        long before = owner.moved + owner.lent;
        long[] written = new long[1];
        pollUntil(() -> {
            for (int i = 0; i < flows; i++) {
                written[0] += write(2 * i, 256 << 10);
            }
            return engine.pipes() == flows;
        });
        assertTrue(engine.parkedBytes() > 0);
        long[] got = new long[1];
        pollUntil(() -> {
            for (int i = 0; i < flows; i++) {
                got[0] += read(2 * i + 1);
            }
            return got[0] == written[0];
        });
        pollUntil(() -> engine.parkedBytes() == 0);
        assertEquals(written[0], owner.moved + owner.lent - before);
        pollUntil(() -> owner.sent == owner.moved + owner.lent);
        assertTrue(engine.pipes() <= KEPT_MAX, engine.pipes() + " pipes");
    }

    @Test
    void aPipeWithBytesIsClosedWithItsTarget() throws IOException {
        openFlow();
        relay(0, 2 << 20);
        pollUntil(() -> {
            write(0, 256 << 10);
            return engine.parkedBytes() > 0 && engine.pipes() == 1;
        });
        engine.abort(owner.handles.get(1));
        assertEquals(0, engine.parkedBytes());
        assertEquals(0, engine.pipes());
    }

    @Test
    void messagesOf16KiBAreNeverMoved() throws IOException {
        openFlow();
        for (int i = 0; i < 200; i++) {
            relay(0, 16 << 10);
        }
        assertEquals(200L * (16 << 10), owner.lent);
        assertEquals(0, owner.moved);
    }

    @Test
    void messagesOf16KiBEndTheSplicing() throws IOException {
        openFlow();
        relay(0, 8 << 20);
        assertTrue(owner.moved > 0);
        for (int i = 0; i < 8; i++) {
            relay(0, 4 << 10);
        }
        long before = owner.moved;
        for (int i = 0; i < 50; i++) {
            relay(0, 16 << 10);
        }
        assertEquals(before, owner.moved);
    }

    // ---- Tools: peers 2i and 2i + 1 are source and target of flow i.

    private void openFlow() throws IOException {
        Address at = engine.localAddress(listener);
        for (int i = 0; i < 2; i++) {
            SocketChannel peer = SocketChannel.open();
            peers.add(peer);
            peer.setOption(StandardSocketOptions.SO_RCVBUF, 64 << 10);
            peer.connect(new InetSocketAddress(at.toInetAddress(), at.port()));
            peer.configureBlocking(false);
            pollUntil(() -> owner.handles.size() == peers.size());
        }
        long source = owner.handles.get(peers.size() - 2);
        engine.flow(source, owner.handles.get(peers.size() - 1), true);
        engine.receive(source, true);
    }

    /** Sends so much through a flow whose target reads, and waits until all of it is there. */
    private void relay(int source, int bytes) {
        long[] left = {bytes, bytes};
        pollUntil(() -> {
            left[0] -= left[0] == 0 ? 0 : write(source, (int) Math.min(left[0], buffer.capacity()));
            left[1] -= read(source + 1);
            return left[1] == 0;
        });
    }

    private int write(int peer, int most) {
        try {
            return peers.get(peer).write(buffer.clear().limit(most));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private int read(int peer) {
        try {
            return peers.get(peer).read(buffer.clear());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void pollUntil(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < 30_000_000_000L, "waited in vain");
            engine.poll(0, owner);
        }
    }
}
