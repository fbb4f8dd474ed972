package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CounterFileTest {
    private static final ProcessMark NOBODY =
            new ProcessMark(7, 1, ProcessMark.ofThisProcess().pidNamespace());

    @TempDir
    Path folder;

    @Test
    void whatALoopCountsIsReadFromOutside() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 2)) {
            file.block(0).add(Counter.CLIENT_BYTES_IN, 100);
            file.block(1).add(Counter.CLIENT_BYTES_IN, 23);
            file.block(0).raise(Counter.LOOP_CYCLE_MAX_NS, 5);
            file.block(1).raise(Counter.LOOP_CYCLE_MAX_NS, 9);
            file.block(1).closed(CloseReason.IDLE_TIMEOUT);
            file.block(0).dialed(DialOutcome.TIMED_OUT);

            CounterSnapshot snapshot = CounterSnapshot.read(file.directory());

            assertEquals(ProcessHandle.current().pid(), snapshot.pid());
            assertTrue(snapshot.isRunning());
            assertEquals(2, snapshot.loops());
            assertEquals(List.of("counters", "cycle-times", "close-reasons", "dial-outcomes"), snapshot.kinds());
            assertEquals(123, snapshot.total(Counter.CLIENT_BYTES_IN));
            assertEquals(9, snapshot.total(Counter.LOOP_CYCLE_MAX_NS));
            assertEquals(1, snapshot.total("close-reasons", "idle-timeout"));
            assertEquals(1, snapshot.total("dial-outcomes", "timed-out"));
            CounterSnapshot.Row row = snapshot.rows("close-reasons").get(CloseReason.IDLE_TIMEOUT.ordinal());
            assertEquals("idle-timeout", row.label());
            assertEquals(0, row.perLoop()[0]);
            assertEquals(1, row.perLoop()[1]);
        }
    }

    @Test
    void everyCellOfEveryLoopIsApartFromTheOthers() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 3)) {
            for (int loop = 0; loop < 3; loop++) {
                for (Counter counter : Counter.values()) {
                    file.block(loop).set(counter, 1000L * loop + counter.ordinal());
                }
            }
            List<CounterSnapshot.Row> rows =
                    CounterSnapshot.read(file.directory()).rows("counters");
            for (Counter counter : Counter.values()) {
                for (int loop = 0; loop < 3; loop++) {
                    assertEquals(
                            1000L * loop + counter.ordinal(),
                            rows.get(counter.ordinal()).perLoop()[loop]);
                }
            }
        }
    }

    @Test
    void blocksKeepAPairOfCacheLinesApart() {
        ByteBuffer image =
                ByteBuffer.wrap(CounterFile.image(Cells.all(), 2, NOBODY, 0)).order(ByteOrder.nativeOrder());
        assertEquals(0, image.getInt(CounterFile.AT_FIRST_BLOCK) % 128);
        assertEquals(0, image.getInt(CounterFile.AT_STRIDE) % 128);
        assertTrue(image.getInt(CounterFile.AT_STRIDE) - Cells.BLOCK_LENGTH >= 128);
    }

    @Test
    void aReaderSeesWholeValuesThatNeverGoBack() throws Exception {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 1)) {
            Counters block = file.block(0);
            AtomicBoolean isDone = new AtomicBoolean();
            Thread writer = new Thread(() -> {
                // Both halves of the word are equal, so that half an old value beside half a new one shows.
                for (long i = 1; !isDone.get(); i = i + 1 & 0x7fff_ffff) {
                    block.set(Counter.CLIENT_BYTES_IN, i << 32 | i);
                    block.increment(Counter.LOOP_CYCLES);
                }
            });
            writer.start();
            try {
                long cycles = 0;
                for (int i = 0; i < 2_000; i++) {
                    CounterSnapshot snapshot = CounterSnapshot.read(file.directory());
                    long value = snapshot.total(Counter.CLIENT_BYTES_IN);
                    assertEquals(value >>> 32, value & 0xffff_ffffL);
                    assertTrue(snapshot.total(Counter.LOOP_CYCLES) >= cycles);
                    cycles = snapshot.total(Counter.LOOP_CYCLES);
                }
            } finally {
                isDone.set(true);
                writer.join();
            }
            assertEquals(
                    block.get(Counter.LOOP_CYCLES),
                    CounterSnapshot.read(file.directory()).total(Counter.LOOP_CYCLES));
        }
    }

    @Test
    void anotherReleasesFileIsReadByItsOwnWords() throws Exception {
        List<Cells.Cell> cells = new ArrayList<>(Cells.all());
        cells.add(0, new Cells.Cell("programs", "programs-active", "count", "gauge", "programs at the edge"));
        cells.add(new Cells.Cell("counters", "joules", "joules", "counter", "energy"));
        cells.removeIf(cell -> cell.label().equals("stale-completions"));
        byte[] image = CounterFile.image(cells, 1, NOBODY, 99);
        put(image, cells, "programs-active", 3);
        put(image, cells, "joules", 4);
        put(image, cells, "tunnels-active", 5);

        CounterSnapshot snapshot = CounterSnapshot.parse(image);

        assertEquals("programs", snapshot.kinds().get(0));
        assertEquals(3, snapshot.total("programs", "programs-active"));
        assertEquals(4, snapshot.total("counters", "joules"));
        assertEquals(5, snapshot.total(Counter.TUNNELS_ACTIVE));
        assertEquals(0, snapshot.total(Counter.STALE_COMPLETIONS));
        assertEquals(99, snapshot.startedMs());
        assertFalse(snapshot.isRunning());
    }

    @Test
    void fieldsThatALaterReleaseAppendsToADescriptionAreIgnored() throws Exception {
        Cells.Cell cell = new Cells.Cell("counters", "tunnels-active", "count", "gauge", "tunnels\tsince 9.0");
        byte[] image = CounterFile.image(List.of(cell), 1, NOBODY, 0);

        assertEquals(
                "tunnels", CounterSnapshot.parse(image).rows("counters").get(0).sentence());
    }

    @Test
    void whatIsNotACounterFileIsRefused() {
        byte[] image = CounterFile.image(Cells.all(), 2, NOBODY, 0);
        assertRefused("is not a counter file", new byte[0]);
        assertRefused("is not a counter file", "ONGSHORE".repeat(100).getBytes(StandardCharsets.US_ASCII));
        assertRefused("has layout 2", with(image, CounterFile.AT_LAYOUT, 2));
        for (int at : new int[] {
            CounterFile.AT_TEXT_OFFSET,
            CounterFile.AT_TEXT_LENGTH,
            CounterFile.AT_LOOPS,
            CounterFile.AT_CELLS,
            CounterFile.AT_FIRST_BLOCK,
            CounterFile.AT_STRIDE
        }) {
            for (int value : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                assertRefused("contradicts itself", with(image, at, value));
            }
        }
        assertRefused("describes", with(image, CounterFile.AT_CELLS, Cells.COUNT - 1));
        assertRefused("contradicts itself", Arrays.copyOf(image, image.length - 1));
    }

    @Test
    void aNameThatATerminalWouldObeyIsRefused() {
        Cells.Cell cell = new Cells.Cell("counters", "x\u001b[2J", "count", "gauge", "none");
        assertRefused("forbidden", CounterFile.image(List.of(cell), 1, NOBODY, 0));
    }

    @Test
    void theFileIsForItsOwnerToWriteAndItsGroupToRead() throws IOException {
        try (CounterFile file = CounterFile.create(folder.resolve("1"), 1)) {
            Path path = file.directory().resolve("loops");
            assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.directory())));
        }
    }

    @Test
    void closeLeavesNothingAndLateCountsDoNoHarm() throws IOException {
        CounterFile file = CounterFile.create(folder.resolve("1"), 1);
        Counters block = file.block(0);
        file.close();
        file.close();

        assertFalse(Files.exists(folder.resolve("1")));
        block.increment(Counter.LOOP_CYCLES);
        assertEquals(1, block.get(Counter.LOOP_CYCLES));
        assertThrows(NoSuchFileException.class, () -> CounterSnapshot.read(folder.resolve("1")));
    }

    @Test
    void closeKeepsADirectoryWithSomethingElseInIt() throws IOException {
        CounterFile file = CounterFile.create(folder.resolve("1"), 1);
        Files.writeString(folder.resolve("1/else"), "rows");
        file.close();

        assertFalse(Files.exists(folder.resolve("1/loops")));
        assertTrue(Files.exists(folder.resolve("1/else")));
    }

    @Test
    void theDeadAreClearedAwayAndTheLivingAreNot() throws IOException {
        ProcessMark self = ProcessMark.ofThisProcess();
        ProcessMark reused = new ProcessMark(self.pid(), self.startTicks() + 1, self.pidNamespace());
        ProcessMark elsewhere = new ProcessMark(1, 1, self.pidNamespace() + 1);
        leave("4194304000", new ProcessMark(4_194_304_000L, 5, self.pidNamespace()));
        leave("4194304001", reused);
        leave("4194304002", elsewhere);
        leave("4194304003", self);
        leave("notes", new ProcessMark(4_194_304_000L, 5, self.pidNamespace()));

        try (CounterFile file = CounterFile.createForProcess(Optional.of(folder), 1)) {
            assertEquals(folder.resolve(Long.toString(self.pid())), file.directory());
            assertFalse(Files.exists(folder.resolve("4194304000")), "dead");
            assertFalse(Files.exists(folder.resolve("4194304001")), "its pid lives on in another process");
            assertTrue(Files.exists(folder.resolve("4194304002")), "of another pid namespace");
            assertTrue(Files.exists(folder.resolve("4194304003")), "alive");
            assertTrue(Files.exists(folder.resolve("notes")), "not a pid");
        }
    }

    @Test
    void whatACrashLeftUnderOurOwnPidIsReplaced() throws IOException {
        ProcessMark self = ProcessMark.ofThisProcess();
        ProcessMark elsewhere = new ProcessMark(self.pid(), 1, self.pidNamespace() + 1);
        leave(Long.toString(self.pid()), elsewhere);
        Files.writeString(folder.resolve(self.pid() + "/loops.new"), "half a file");

        try (CounterFile file = CounterFile.createForProcess(Optional.of(folder), 4)) {
            assertEquals(4, CounterSnapshot.read(file.directory()).loops());
        }
        assertEquals(Collections.emptyList(), CounterDirectory.list(folder));
    }

    private void leave(String name, ProcessMark process) throws IOException {
        Path directory = Files.createDirectory(folder.resolve(name));
        Files.write(directory.resolve("loops"), CounterFile.image(Cells.all(), 1, process, 0));
    }

    private static void put(byte[] image, List<Cells.Cell> cells, String label, long value) {
        ByteBuffer buffer = ByteBuffer.wrap(image).order(ByteOrder.nativeOrder());
        for (int i = 0; i < cells.size(); i++) {
            if (cells.get(i).label().equals(label)) {
                buffer.putLong(buffer.getInt(CounterFile.AT_FIRST_BLOCK) + i * Long.BYTES, value);
            }
        }
    }

    private static byte[] with(byte[] image, int at, int value) {
        byte[] copy = image.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).putInt(at, value);
        return copy;
    }

    private static void assertRefused(String why, byte[] bytes) {
        Exception e = assertThrows(CounterSnapshot.MalformedException.class, () -> CounterSnapshot.parse(bytes));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }
}
