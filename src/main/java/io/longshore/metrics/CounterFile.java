package io.longshore.metrics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The mapped file {@code loops}: what the loops count, for anybody who may read it. Reading it ({@link
 * CounterSnapshot}) costs the process nothing, and works on one that is stuck.
 *
 * <p>All numbers are in the machine's byte order; offsets in bytes.
 *
 * <pre>
 *   0                       8           12            16
 *  +-----------------------+-----------+-------------+------------------------+
 *  | magic "LONGSHOR"      | layout    | text offset | pid                    |
 *  +-----------------------+-----------+-------------+------------------------+
 *  | start in ticks        | pid namespace           | started (epoch ms)     |  24, 32, 40
 *  +-----------+-----------+-------------+-----------+------------------------+
 *  | loops     | cells     | first block | stride    | text length | reserved |  48, 52, 56, 60, 64, 68
 *  +-----------+-----------+-------------+-----------+------------------------+
 *  | text: a line "kind TAB label TAB unit TAB type TAB sentence LF" per cell |  72
 *  +--------------------------------------------------------------------------+
 *  | block of loop 0: one 64-bit cell per line of the text | padding          |  first block
 *  +--------------------------------------------------------------------------+
 *  | block of loop 1 ...                                                      |  first block + stride
 * </pre>
 *
 * <p>Because the text says what each cell is, a new counter needs no new layout number. Blocks begin at multiples of
 * 128 bytes and are at least 128 bytes apart: processors fetch cache lines in pairs, and two loops must not share one.
 */
public final class CounterFile implements AutoCloseable {
    static final long MAGIC = ByteBuffer.wrap("LONGSHOR".getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.nativeOrder())
            .getLong();
    static final int LAYOUT = 1;

    static final int AT_LAYOUT = 8;
    static final int AT_TEXT_OFFSET = 12;
    static final int AT_PID = 16;
    static final int AT_START_TICKS = 24;
    static final int AT_PID_NAMESPACE = 32;
    static final int AT_STARTED_MS = 40;
    static final int AT_LOOPS = 48;
    static final int AT_CELLS = 52;
    static final int AT_FIRST_BLOCK = 56;
    static final int AT_STRIDE = 60;
    static final int AT_TEXT_LENGTH = 64;
    static final int HEADER_LENGTH = 72;

    private static final int PADDING = 128;

    private final Path directory;
    private final Counters[] blocks;

    private CounterFile(Path directory, Counters[] blocks) {
        this.directory = directory;
        this.blocks = blocks;
    }

    /**
     * Makes the file of this process in {@code BASE/PID/}, and clears away what dead processes left there.
     *
     * @param base the configured directory; empty for the first of {@link CounterDirectory#bases()} that can be written
     * @param loops how many loops there are, at least 1
     * @throws IOException if there is no place; a proxy may still run, on {@link Counters#inMemory()}
     */
    public static CounterFile createForProcess(Optional<Path> base, int loops) throws IOException {
        return create(CounterDirectory.make(base.map(List::of).orElseGet(CounterDirectory::bases)), loops);
    }

    /**
     * Makes the file in {@code directory}, replacing one of the same name.
     *
     * @param directory made, with mode 0750, if it is missing; its parent must exist
     * @param loops how many loops there are, at least 1
     */
    public static CounterFile create(Path directory, int loops) throws IOException {
        CounterDirectory.makePrivate(directory, "rwxr-x---");
        byte[] image = image(Cells.all(), loops, ProcessMark.ofThisProcess(), System.currentTimeMillis());

        // The whole file is written before it is mapped: a full file system is an IOException now, and not a SIGBUS in
        // a loop later. It gets its name last, so that a reader never sees half of it.
        Path unfinished = directory.resolve(CounterDirectory.LOOPS + ".new");
        Files.deleteIfExists(unfinished);
        Files.createFile(
                unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        Files.write(unfinished, image, StandardOpenOption.WRITE);
        MappedByteBuffer mapped = IoUtil.mapExistingFile(unfinished.toFile(), "counter file");
        Files.move(unfinished, directory.resolve(CounterDirectory.LOOPS), StandardCopyOption.ATOMIC_MOVE);

        ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.nativeOrder());
        Counters[] blocks = new Counters[loops];
        for (int i = 0; i < loops; i++) {
            int offset = header.getInt(AT_FIRST_BLOCK) + i * header.getInt(AT_STRIDE);
            blocks[i] = new Counters(new UnsafeBuffer(mapped, offset, Cells.BLOCK_LENGTH));
        }
        return new CounterFile(directory, blocks);
    }

    /** The block of one loop, 0 to the number of loops less one. For that loop's thread to write. */
    public Counters block(int loop) {
        return blocks[loop];
    }

    /** Where the file stands. */
    public Path directory() {
        return directory;
    }

    /**
     * Deletes the file, and its directory if that is empty. The memory stays mapped for as long as a block is
     * reachable: a loop that counts once more while the process ends does no harm.
     */
    @Override
    public void close() throws IOException {
        CounterDirectory.remove(directory);
    }

    /** The bytes of a new file; every value is zero. */
    static byte[] image(List<Cells.Cell> cells, int loops, ProcessMark process, long startedMs) {
        if (loops < 1) {
            throw new IllegalArgumentException("loops: " + loops);
        }
        byte[] text = text(cells);
        int firstBlock = aligned(HEADER_LENGTH + text.length) + PADDING;
        int stride = aligned(cells.size() * Long.BYTES) + PADDING;
        byte[] image = new byte[Math.addExact(firstBlock, Math.multiplyExact(loops, stride))];
        ByteBuffer.wrap(image)
                .order(ByteOrder.nativeOrder())
                .putLong(MAGIC)
                .putInt(LAYOUT)
                .putInt(HEADER_LENGTH)
                .putLong(process.pid())
                .putLong(process.startTicks())
                .putLong(process.pidNamespace())
                .putLong(startedMs)
                .putInt(loops)
                .putInt(cells.size())
                .putInt(firstBlock)
                .putInt(stride)
                .putInt(text.length)
                .putInt(0)
                .put(text);
        return image;
    }

    private static byte[] text(List<Cells.Cell> cells) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(16 * 1024);
        for (Cells.Cell cell : cells) {
            String line = String.join("\t", cell.kind(), cell.label(), cell.unit(), cell.type(), cell.sentence());
            text.writeBytes((line + '\n').getBytes(StandardCharsets.UTF_8));
        }
        return text.toByteArray();
    }

    private static int aligned(int length) {
        return (length + PADDING - 1) & -PADDING;
    }
}
