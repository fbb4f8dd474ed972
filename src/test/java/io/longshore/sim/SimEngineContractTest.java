package io.longshore.sim;

import io.longshore.net.Address;
import io.longshore.net.Engine;
import io.longshore.net.EngineContract;
import io.longshore.net.EngineLab;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulated engine keeps the contract: in worlds of every size, kind and awkward, and on a ring. */
@ParameterizedClass
@ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
final class SimEngineContractTest extends EngineContract {
    private static final long FIRST_RING = 12;

    private final long seed;

    SimEngineContractTest(long seed) {
        this.seed = seed;
    }

    @Override
    protected EngineLab openLab() {
        Odds.Fashion[] fashions = Odds.Fashion.values();
        Odds odds = Odds.kind(fashions[(int) (seed % fashions.length)]);
        if (seed >= fashions.length) {
            odds.lateTake = 500;
            odds.splitCompletion = 500;
            odds.harshReset = 500;
            odds.moves = (int) seed % 4 * 333;
        }
        if (seed >= FIRST_RING) {
            odds.drawRing(new SplittableRandom(seed));
            // The contract's patience is in cycles of a millisecond.
            odds.batchNs = Math.min(odds.batchNs, 300 * Odds.MICRO);
        }
        return new SimLab(new SimWorld(seed, odds));
    }

    private static final class SimLab implements EngineLab {
        private final SimWorld world;
        private final SimEngine engine;

        SimLab(SimWorld world) {
            this.world = world;
            engine = new SimEngine(world);
            world.foreign(Address.ofIpv4(0xc000_0201, 0));
        }

        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public Peer connectTo(Address listener) {
            return new SimLabPeer(world, listener);
        }

        @Override
        public PeerListener listen() {
            SimListener listener = world.listen(host(), () -> {});
            return new PeerListener() {
                @Override
                public Address address() {
                    return listener.address;
                }

                @Override
                public Peer accept() {
                    SimSocket socket = listener.accept();
                    return socket == null ? null : new SimLabPeer(socket);
                }
            };
        }

        @Override
        public Address host() {
            return Address.ofIpv4(0x7f00_0001, 0);
        }

        @Override
        public Address refusing() {
            return host().withPort(9);
        }

        @Override
        public int plenty() {
            return world.odds.fashion == Odds.Fashion.LARGE ? 700_000 : 40_000;
        }

        @Override
        public void starve(boolean on) {
            engine.starve(on);
        }

        @Override
        public void passTime() {
            world.advance(world.elapsedNs() + Odds.MILLI);
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    private static final class SimLabPeer implements EngineLab.Peer {
        private SimSocket socket;

        SimLabPeer(SimSocket socket) {
            this.socket = socket;
        }

        SimLabPeer(SimWorld world, Address listener) {
            new SimDial(world, listener, null, 0, false, (connected, result) -> socket = connected);
            while (socket == null) {
                world.advance(Long.MAX_VALUE);
            }
        }

        @Override
        public Address local() {
            return socket.local;
        }

        @Override
        public int send(byte[] bytes, int offset, int length) {
            int taken = socket.write(bytes, offset, length);
            return taken < 0 ? EngineLab.RESET : taken;
        }

        @Override
        public int receive(byte[] bytes) {
            int got = socket.read(bytes, 0, bytes.length);
            if (got >= 0) {
                return got;
            }
            return got == SimSocket.EOF ? EngineLab.ENDED : EngineLab.RESET;
        }

        @Override
        public void finish() {
            socket.finish();
        }

        @Override
        public void reset() {
            socket.reset();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
