package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.control.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StopSignalsTest {
    private final List<String> did = new ArrayList<>();
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final StopSignals signals = new StopSignals(
            () -> did.add("drain"), () -> did.add("stop"), did::add, Log.to(new PrintStream(logged, false, UTF_8)));

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
    void ignoresAHangUpAndSaysSo() {
        signals.hangUp();
        assertEquals(List.of(), did);
        assertTrue(logged.toString(UTF_8).contains("reload is not there yet"), logged.toString(UTF_8));
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
        assertEquals(false, Signals.handle("KILL", () -> {}));
        assertEquals(false, Signals.handle("NOSUCHSIGNAL", () -> {}));
    }

    private static void raise(String name) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        type.getMethod("raise", type).invoke(null, type.getConstructor(String.class).newInstance(name));
    }
}
