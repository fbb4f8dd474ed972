package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class AccessLogTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream errorBytes = new ByteArrayOutputStream();
    private final PrintStream errors = new PrintStream(errorBytes, true, StandardCharsets.UTF_8);

    @Test
    void closeWritesAllThatWasOfferedBefore() throws IOException {
        Path path = folder.resolve("access.log");
        AccessLog log = AccessLog.open(path.toString(), 1024);
        for (int i = 0; i < 1000; i++) {
            assertTrue(log.offer(entry(i)));
        }
        log.close();

        List<String> lines = Files.readAllLines(path);
        assertEquals(1000, lines.size());
        for (int i = 0; i < 1000; i++) {
            assertTrue(lines.get(i).contains(" bytes-in=" + i + " "), lines.get(i));
        }
        assertEquals(0, log.dropped());
        assertEquals(0, log.unwritten());
    }

    @Test
    void appendsToAFileAndMakesItPrivate() throws IOException {
        Path path = folder.resolve("access.log");
        for (int i = 0; i < 2; i++) {
            AccessLog log = AccessLog.open(path.toString(), 8);
            log.offer(entry(i));
            log.close();
        }
        assertEquals(2, Files.readAllLines(path).size());
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void linesOfManyLoopsArriveWholeAndOnce() throws Exception {
        Path path = folder.resolve("access.log");
        AccessLog log = AccessLog.open(path.toString(), 64);
        AtomicLong accepted = new AtomicLong();
        List<Thread> loops = new ArrayList<>();
        for (int loop = 0; loop < 4; loop++) {
            int first = loop * 10_000;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 5_000; i++) {
                    if (log.offer(entry(first + i))) {
                        accepted.incrementAndGet();
                    }
                }
            });
            loops.add(thread);
            thread.start();
        }
        for (Thread thread : loops) {
            thread.join();
        }
        log.close();

        List<String> lines = Files.readAllLines(path);
        assertEquals(accepted.get(), lines.size());
        assertEquals(20_000, accepted.get() + log.dropped());
        assertEquals(lines.size(), lines.stream().distinct().count());
        for (String line : lines) {
            assertTrue(line.startsWith("ts=") && line.endsWith(" trail=head"), line);
        }
    }

    @Test
    void dropsAndCountsWhileTheTargetIsStuck() throws Exception {
        CountDownLatch isWriting = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        BlockingQueue<String> written = new LinkedBlockingQueue<>();
        OutputStream stuck = new Chunks(written) {
            @Override
            public void write(byte[] bytes) throws IOException {
                isWriting.countDown();
                try {
                    mayGoOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                super.write(bytes);
            }
        };
        AccessLog log = new AccessLog(() -> stuck, 4, errors, () -> 0);
        assertTrue(log.offer(entry(0)));
        isWriting.await();
        for (int i = 1; i <= 4; i++) {
            assertTrue(log.offer(entry(i)));
        }
        assertFalse(log.offer(entry(5)));
        assertFalse(log.offer(entry(6)));
        assertEquals(2, log.dropped());
        mayGoOn.countDown();
        log.close();

        assertEquals(5, String.join("", written).lines().count());
        assertFalse(log.offer(entry(7)), "closed");
        assertEquals(3, log.dropped());
    }

    @Test
    void aSleepingWriterIsWokenByAnEntry() throws Exception {
        BlockingQueue<String> written = new LinkedBlockingQueue<>();
        AccessLog log = new AccessLog(() -> new Chunks(written), 16, errors, () -> 0);
        Thread writer = writer();
        for (int i = 0; i < 200; i++) {
            if (i % 10 == 0) {
                // WAITING is parked for good; the short lingering after a batch is TIMED_WAITING.
                while (writer.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }
            assertTrue(log.offer(entry(i)));
            String line = written.poll(30, TimeUnit.SECONDS);
            assertNotNull(line, "entry " + i + " was never written");
            assertTrue(line.contains(" bytes-in=" + i + " "), line);
        }
        log.close();
        assertFalse(writer.isAlive());
    }

    @Test
    void aWriteErrorIsCountedToldOnceAndNotTheEnd() throws Exception {
        BlockingQueue<String> written = new LinkedBlockingQueue<>();
        BlockingQueue<String> attempts = new LinkedBlockingQueue<>();
        OutputStream full = new Chunks(written) {
            private int calls;

            @Override
            public void write(byte[] bytes) throws IOException {
                attempts.add("tried");
                if (++calls <= 2) {
                    throw new IOException("No space left on device");
                }
                super.write(bytes);
            }
        };
        AccessLog log = new AccessLog(() -> full, 16, errors, () -> 0);
        for (int i = 0; i < 3; i++) {
            log.offer(entry(i));
            assertNotNull(attempts.poll(30, TimeUnit.SECONDS));
        }
        log.close();

        assertEquals(2, log.unwritten());
        String text = String.join("", written);
        assertTrue(text.startsWith("\nts=1970"), "a line that broke off is ended first: " + text);
        assertTrue(text.contains(" bytes-in=2 "), text);
        assertEquals(
                "level=error event=access-log-failed error=\"java.io.IOException: No space left on device\"\n",
                errorBytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void writesToTheNewFileAfterARotation() throws Exception {
        Path path = folder.resolve("access.log");
        AccessLog log = AccessLog.open(path.toString(), 16);
        log.offer(entry(1));
        while (Files.size(path) == 0) {
            Thread.onSpinWait();
        }
        Path rotated = Files.move(path, folder.resolve("access.log.1"));
        log.reopen();
        while (!Files.exists(path)) {
            Thread.onSpinWait();
        }
        log.offer(entry(2));
        log.close();

        assertEquals(1, Files.readAllLines(rotated).size());
        assertEquals(1, Files.readAllLines(path).size());
        assertTrue(Files.readString(path).contains(" bytes-in=2 "));
    }

    private static Thread writer() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("longshore-access-log") && thread.isAlive())
                .findFirst()
                .orElseThrow();
    }

    private static AccessEntry entry(int number) {
        return new AccessEntry(
                0,
                0x0000_ffff_7f00_0001L,
                5000,
                "/",
                "echo",
                "127.0.0.1:9000",
                0,
                0x0000_ffff_7f00_0002L,
                9024,
                101,
                number,
                0,
                0,
                CloseReason.CLIENT_CLOSED_FIRST,
                TrailEvent.HEAD.appendedTo(0));
    }

    /** Puts every write into a queue, as text. */
    private static class Chunks extends OutputStream {
        private final BlockingQueue<String> written;

        Chunks(BlockingQueue<String> written) {
            this.written = written;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b});
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            written.add(new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
