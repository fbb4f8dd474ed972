package io.longshore.metrics;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a counter file said at one moment, read from outside and understood by what the file says about itself: written
 * by an older or a newer release, every cell still is shown under its own name.
 *
 * <p>The file is read, not mapped: the writer's mapping and read(2) share the same page of the page cache, the kernel
 * copies aligned 64-bit words whole on the machines that we run on, and a reader that cannot write cannot do harm. Each
 * value is whole; between two values the loop may have moved on.
 */
public final class CounterSnapshot {
    /** A thousand loops are about a megabyte. What is longer was not written by us. */
    private static final int FILE_LENGTH_MAX = 64 * 1024 * 1024;

    private static final int FIELDS = 5;

    private final ProcessMark process;
    private final long startedMs;
    private final List<Cells.Cell> cells;
    private final long[][] values;

    private CounterSnapshot(ProcessMark process, long startedMs, List<Cells.Cell> cells, long[][] values) {
        this.process = process;
        this.startedMs = startedMs;
        this.cells = cells;
        this.values = values;
    }

    /**
     * Reads the counter file in {@code directory}.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it cannot be read, or is not a counter file of a layout that we know
     */
    public static CounterSnapshot read(Path directory) throws IOException {
        Path path = directory.resolve(CounterDirectory.LOOPS);
        if (!CounterDirectory.holdsCounters(directory)) {
            throw new NoSuchFileException(path.toString());
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            if (file.length() > FILE_LENGTH_MAX) {
                throw new IOException(path + " is too long for a counter file");
            }
            byte[] bytes = new byte[(int) file.length()];
            file.readFully(bytes);
            return parse(bytes);
        } catch (MalformedException e) {
            throw new IOException(path + " " + e.getMessage(), e);
        }
    }

    /** Whether the process that wrote it is alive, as far as we can know. */
    public boolean isRunning() {
        return process.isAlive();
    }

    /** The process that wrote it, by the number that it has in its own pid namespace. */
    public long pid() {
        return process.pid();
    }

    /** When the file was made: milliseconds since 1970. */
    public long startedMs() {
        return startedMs;
    }

    /** How many loops the process has. */
    public int loops() {
        return values.length;
    }

    /** The sections in the file's order: {@code counters}, {@code close-reasons} and so on. */
    public List<String> kinds() {
        return cells.stream().map(Cells.Cell::kind).distinct().toList();
    }

    /**
     * One number of every loop.
     *
     * @param label its name within the section
     * @param unit {@code count}, {@code bytes}, {@code nanoseconds}, or what a later release has
     * @param isCounter whether it only grows, and so has a rate
     * @param sentence what it counts, in words
     * @param total the loops' sum, or the largest of a maximum
     * @param perLoop the value in each loop
     */
    public record Row(String label, String unit, boolean isCounter, String sentence, long total, long[] perLoop) {}

    /** The numbers of one section in the file's order; empty if the file has no such section. */
    public List<Row> rows(String kind) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            if (cells.get(i).kind().equals(kind)) {
                rows.add(row(i));
            }
        }
        return rows;
    }

    /** A value over all loops; 0 if the file has no such cell. */
    public long total(String kind, String label) {
        for (Row row : rows(kind)) {
            if (row.label().equals(label)) {
                return row.total();
            }
        }
        return 0;
    }

    /** A counter over all loops; 0 if the file does not have it. */
    public long total(Counter counter) {
        return total(Cells.COUNTERS, counter.label());
    }

    private Row row(int i) {
        Cells.Cell cell = cells.get(i);
        long[] perLoop = new long[values.length];
        long total = 0;
        for (int loop = 0; loop < perLoop.length; loop++) {
            perLoop[loop] = values[loop][i];
            total = cell.isMaximum() ? Math.max(total, perLoop[loop]) : total + perLoop[loop];
        }
        return new Row(cell.label(), cell.unit(), cell.isCounter(), cell.sentence(), total, perLoop);
    }

    static CounterSnapshot parse(byte[] bytes) throws MalformedException {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        if (bytes.length < CounterFile.HEADER_LENGTH || file.getLong(0) != CounterFile.MAGIC) {
            throw new MalformedException("is not a counter file");
        }
        int layout = file.getInt(CounterFile.AT_LAYOUT);
        if (layout != CounterFile.LAYOUT) {
            throw new MalformedException("has layout " + layout + ", this release reads " + CounterFile.LAYOUT);
        }
        int textOffset = file.getInt(CounterFile.AT_TEXT_OFFSET);
        int textLength = file.getInt(CounterFile.AT_TEXT_LENGTH);
        int loops = file.getInt(CounterFile.AT_LOOPS);
        int count = file.getInt(CounterFile.AT_CELLS);
        int firstBlock = file.getInt(CounterFile.AT_FIRST_BLOCK);
        int stride = file.getInt(CounterFile.AT_STRIDE);
        boolean isPlausible = isWithin(bytes, textOffset, textLength, 1)
                && loops > 0
                && count > 0
                && stride > 0
                && firstBlock > 0
                && firstBlock % Long.BYTES == 0
                && stride % Long.BYTES == 0
                && (long) count * Long.BYTES <= stride
                && isWithin(bytes, firstBlock, stride, loops);
        if (!isPlausible) {
            throw new MalformedException("contradicts itself");
        }
        List<Cells.Cell> cells = parseText(new String(bytes, textOffset, textLength, StandardCharsets.UTF_8));
        if (cells.size() != count) {
            throw new MalformedException("describes " + cells.size() + " cells and has " + count);
        }
        long[][] values = new long[loops][count];
        for (int loop = 0; loop < loops; loop++) {
            for (int i = 0; i < count; i++) {
                values[loop][i] = file.getLong(firstBlock + loop * stride + i * Long.BYTES);
            }
        }
        ProcessMark process = new ProcessMark(
                file.getLong(CounterFile.AT_PID),
                file.getLong(CounterFile.AT_START_TICKS),
                file.getLong(CounterFile.AT_PID_NAMESPACE));
        return new CounterSnapshot(process, file.getLong(CounterFile.AT_STARTED_MS), cells, values);
    }

    private static boolean isWithin(byte[] bytes, long offset, long length, long times) {
        return offset >= 0 && length >= 0 && offset + length * times <= bytes.length;
    }

    private static List<Cells.Cell> parseText(String text) throws MalformedException {
        List<Cells.Cell> cells = new ArrayList<>();
        for (String line : text.split("\n")) {
            // A later release may append fields; they are not ours to know.
            String[] fields = line.split("\t", -1);
            if (fields.length < FIELDS) {
                throw new MalformedException("has a description of " + fields.length + " fields");
            }
            for (int i = 0; i < FIELDS - 1; i++) {
                // These go to terminals and become JSON keys: nothing but what we would have written ourselves.
                if (!fields[i].matches("[a-z0-9][a-z0-9.-]{0,63}")) {
                    throw new MalformedException("has a name with forbidden characters");
                }
            }
            cells.add(new Cells.Cell(fields[0], fields[1], fields[2], fields[3], fields[4]));
        }
        return cells;
    }

    /** The bytes are not a counter file that we can read; the message goes on after the file's name. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }
}
