package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StopSignalsTest {
    private final List<String> did = new ArrayList<>();
    private final StopSignals signals = new StopSignals(() -> did.add("drain"), () -> did.add("stop"), did::add);

    @Test
    void drainsAtTheFirstTermAndStopsAtTheSecond() {
        signals.terminate();
        assertEquals(List.of("STOPPING=1", "drain"), did);
        signals.terminate();
        assertEquals(List.of("STOPPING=1", "drain", "stop"), did);
        signals.terminate();
        signals.interrupt();
        assertEquals(List.of("STOPPING=1", "drain", "stop"), did);
    }

    @Test
    void stopsAtOnceAtAnInterrupt() {
        signals.interrupt();
        signals.interrupt();
        signals.terminate();
        assertEquals(List.of("STOPPING=1", "stop"), did);
    }

    @Test
    void stopsAtAnInterruptWhileDraining() {
        signals.terminate();
        signals.interrupt();
        assertEquals(List.of("STOPPING=1", "drain", "stop"), did);
    }

    @Test
    void ignoresAHangUp() {
        signals.hangUp();
        assertEquals(List.of(), did);
    }

    /** SIGWINCH: nobody sends it to a JVM without a terminal, and its default is to be ignored. */
    @Test
    void hearsARealSignalEachTimeItIsSent() throws Exception {
        for (int i = 0; i < 2; i++) {
            CountDownLatch heard = new CountDownLatch(1);
            assertTrue(Signals.handle("WINCH", heard::countDown));
            raise("WINCH");
            assertTrue(heard.await(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void saysWhichSignalItCannotHave() {
        assertFalse(Signals.handle("KILL", () -> {}));
        assertFalse(Signals.handle("NOSUCHSIGNAL", () -> {}));
    }

    private static void raise(String name) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        type.getMethod("raise", type)
                .invoke(null, type.getConstructor(String.class).newInstance(name));
    }
}
