package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortFileTest {
    private static final PortFacts FACTS = new PortFacts("full-range", 9_024, 65_535, 3, List.of("chat", "news_2"));

    @TempDir
    Path directory;

    @Test
    void showsOutsideWhatLoopsDo() throws IOException {
        PortFile file = PortFile.create(directory, 3, FACTS);
        PortRow first = file.next().describe(1, 0, 2, 0, 4, 443);
        PortRow second = file.next();
        PortRow third = file.next();
        first.setCapacity(10);
        third.setCapacity(7);
        assertTrue(first.take());
        assertTrue(first.take());
        first.hold();
        first.dialed(20_000);
        third.setForeign(5);

        PortSnapshot seen = PortSnapshot.read(directory);
        assertEquals(FACTS, seen.facts());
        assertEquals(ProcessHandle.current().pid(), seen.pid());
        assertTrue(seen.isRunning());
        assertEquals(3, seen.rows().size());
        PortRow row = seen.rows().get(0);
        assertEquals(List.of(10L, 2L, 1L, 1L), List.of(row.capacity(), row.taken(), row.held(), row.dials()));
        assertEquals(List.of(1, 443), List.of(row.origin(), row.endpointPort()));
        assertEquals(first.connectTimeNs(0.5), row.connectTimeNs(0.5));
        assertEquals(0, second.taken());
        assertEquals(2, seen.rows().get(2).usable());

        first.free();
        assertEquals(2, row.taken(), "a snapshot does not move");
        assertEquals(1, PortSnapshot.read(directory).rows().get(0).taken());
    }

    @Test
    void isReadableForTheGroupAndLeavesNothingUnfinished() throws IOException {
        PortFile.create(directory, 1, FACTS);
        assertEquals(
                "rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("ports"))));
        assertFalse(Files.exists(directory.resolve("ports.new")));
        PortFile.create(directory, 2, FACTS);
        assertEquals(2, PortSnapshot.read(directory).rows().size(), "a second one takes the place of the first");
    }

    @Test
    void goesWithTheLoopsFile() throws IOException {
        Path own = directory.resolve("1");
        try (CounterFile loops = CounterFile.create(own, 1)) {
            PortFile.create(loops.directory(), 1, FACTS);
            assertTrue(Files.exists(own.resolve("ports")));
        }
        assertFalse(Files.exists(own));
    }

    @Test
    void readsRowsThatHaveGrown() throws IOException {
        PortFile file = PortFile.create(directory, 2, FACTS);
        file.next().setCapacity(5);
        file.next().setCapacity(6);
        byte[] old = Files.readAllBytes(directory.resolve("ports"));
        int firstRow = ByteBuffer.wrap(old).order(ByteOrder.nativeOrder()).getInt(PortFile.AT_FIRST_ROW);
        int length = PortRow.LENGTH + 64;
        byte[] grown = new byte[firstRow + 2 * length];
        System.arraycopy(old, 0, grown, 0, firstRow + PortRow.LENGTH);
        System.arraycopy(old, firstRow + PortRow.LENGTH, grown, firstRow + length, PortRow.LENGTH);
        ByteBuffer.wrap(grown).order(ByteOrder.nativeOrder()).putInt(PortFile.AT_ROW_LENGTH, length);
        Files.write(directory.resolve("ports"), grown);
        List<PortRow> rows = PortSnapshot.read(directory).rows();
        assertEquals(
                List.of(5L, 6L), List.of(rows.get(0).capacity(), rows.get(1).capacity()));
    }

    @Test
    void refusesWhatItDoesNotKnow() throws IOException {
        assertThrows(NoSuchFileException.class, () -> PortSnapshot.read(directory));
        PortFile.create(directory, 2, FACTS);
        byte[] good = Files.readAllBytes(directory.resolve("ports"));
        assertNull(PortSnapshot.faultOf(good));
        assertEquals("is not a file of ports", PortSnapshot.faultOf(new byte[10]));
        assertEquals("is not a file of ports", PortSnapshot.faultOf(new byte[4096]));
        assertEquals("has layout 2, this release reads 1", PortSnapshot.faultOf(changed(good, PortFile.AT_LAYOUT, 2)));
        for (int[] wrong : new int[][] {
            {PortFile.AT_ROWS, 3},
            {PortFile.AT_ROWS, -1},
            {PortFile.AT_ROWS, Integer.MAX_VALUE},
            {PortFile.AT_ROW_LENGTH, 8},
            {PortFile.AT_ROW_LENGTH, PortRow.LENGTH + 1},
            {PortFile.AT_FIRST_ROW, 3},
            {PortFile.AT_FIRST_ROW, 0},
            {PortFile.AT_TEXT_LENGTH, 0},
            {PortFile.AT_TEXT_LENGTH, Integer.MAX_VALUE},
        }) {
            assertEquals("contradicts itself", PortSnapshot.faultOf(changed(good, wrong[0], wrong[1])));
        }
        Files.write(directory.resolve("ports"), changed(good, PortFile.AT_LAYOUT, 9));
        IOException fault = assertThrows(IOException.class, () -> PortSnapshot.read(directory));
        assertTrue(fault.getMessage().endsWith("ports has layout 9, this release reads 1"), fault.getMessage());
        Files.delete(directory.resolve("ports"));
        Files.createSymbolicLink(directory.resolve("ports"), Path.of("/etc/passwd"));
        assertThrows(NoSuchFileException.class, () -> PortSnapshot.read(directory));
    }

    private static byte[] changed(byte[] bytes, int offset, int value) {
        byte[] copy = bytes.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).putInt(offset, value);
        return copy;
    }
}
