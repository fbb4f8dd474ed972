package io.longshore.net.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.net.Engine;
import io.longshore.net.SocketTuning;
import io.longshore.net.nio.NioEngine;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the probe finds, and that its self-test would find a fault. */
@Timeout(60)
final class UringProbeTest {
    private static final UringProbe PROBE = UringProbe.run();

    @Test
    void theFirstWayThatWorksIsTaken() {
        assumeTrue(PROBE.obstacle() == null, PROBE::obstacle);
        for (UringTuning candidate : UringProbe.candidates()) {
            if (UringProbe.fault(candidate) == null) {
                assertEquals(candidate, PROBE.tuning());
                return;
            }
        }
        throw new AssertionError("it found a way, and none works");
    }

    @Test
    void theOldestWayWorksOnEveryKernelThatHasOne() {
        assumeTrue(PROBE.obstacle() == null, PROBE::obstacle);
        assertNull(UringProbe.fault(UringTuning.whole(true)));
    }

    @Test
    void whatTheKernelRefusesIsNamed() {
        assumeTrue(PROBE.obstacle() == null, PROBE::obstacle);
        // Three is no power of two.
        UringTuning three = new UringTuning(8, 16, 3, 4 << 10, false, true, 1_000_000_000L);
        assertEquals("IORING_REGISTER_PBUF_RING: Invalid argument", UringProbe.fault(three));
    }

    @Test
    void theSelfTestPassesASoundEngine() throws IOException {
        assertNull(new SelfTest(new NioEngine(SocketTuning.DEFAULT)).fault());
    }

    @Test
    void theSelfTestFindsAByteThatIsLost() throws IOException {
        String fault = new SelfTest(mutated("send", SelfTest.PIECES, 2, -1)).fault();
        assertTrue(fault != null && fault.contains("bytes came"), fault);
    }

    @Test
    void theSelfTestFindsBytesOutOfPlace() throws IOException {
        String fault = new SelfTest(mutated("send", 1, 1, 1)).fault();
        assertTrue(fault != null && fault.contains("a wrong byte"), fault);
    }

    @Test
    void theSelfTestFindsAnEndThatNeverComes() throws IOException {
        String fault = new SelfTest(without("finish")).fault();
        assertTrue(fault != null && fault.contains("and then nothing"), fault);
    }

    /** A sound engine, but for one argument of the call with this number of one method, which is off by so much. */
    private static Engine mutated(String method, int call, int argument, int change) throws IOException {
        Engine sound = new NioEngine(SocketTuning.DEFAULT);
        AtomicInteger calls = new AtomicInteger();
        return engine(sound, (name, arguments) -> {
            if (name.equals(method) && calls.incrementAndGet() == call) {
                arguments[argument] = arguments[argument] instanceof Long number
                        ? (Object) (number + change)
                        : (Object) ((Integer) arguments[argument] + change);
            }
            return true;
        });
    }

    private static Engine without(String method) throws IOException {
        return engine(new NioEngine(SocketTuning.DEFAULT), (name, arguments) -> !name.equals(method));
    }

    /** What to do before a call; false leaves it out. */
    @FunctionalInterface
    private interface Meddling {
        boolean before(String method, Object[] arguments);
    }

    private static Engine engine(Engine sound, Meddling meddling) {
        return (Engine) Proxy.newProxyInstance(
                Engine.class.getClassLoader(), new Class<?>[] {Engine.class}, (proxy, method, arguments) -> {
                    if (!meddling.before(method.getName(), arguments)) {
                        return null;
                    }
                    try {
                        return method.invoke(sound, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
