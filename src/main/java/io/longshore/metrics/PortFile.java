package io.longshore.metrics;

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
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The mapped file {@code ports}, beside the loops' own ({@link CounterFile}): the account of tuples, a row per source
 * address and endpoint, for anybody who may read it.
 *
 * <p>All numbers are in the machine's byte order; offsets in bytes.
 *
 * <pre>
 *   0                       8           12            16
 *  +-----------------------+-----------+-------------+------------------------+
 *  | magic "LONGPORT"      | layout    | row length  | pid                    |
 *  +-----------------------+-----------+-------------+------------------------+
 *  | start in ticks        | pid namespace           | rows      | first row  |  24, 32, 40, 44
 *  +-----------+-----------+-------------+-----------+------------------------+
 *  | low port  | high port | reserved    | text length                          |  48, 52, 56, 60
 *  +-----------+-----------+-------------+--------------------------------------+
 *  | text: the port mode LF, then the name of each origin LF                   |  64
 *  +--------------------------------------------------------------------------+
 *  | rows as {@link PortRow} has them, each row length apart                   |  first row
 *  +--------------------------------------------------------------------------+
 * </pre>
 *
 * <p>A row may grow at its end without a new layout number: readers go by the row length that the file names.
 */
public final class PortFile {
    static final long MAGIC = ByteBuffer.wrap("LONGPORT".getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.nativeOrder())
            .getLong();
    static final int LAYOUT = 1;

    static final int AT_LAYOUT = 8;
    static final int AT_ROW_LENGTH = 12;
    static final int AT_PID = 16;
    static final int AT_START_TICKS = 24;
    static final int AT_PID_NAMESPACE = 32;
    static final int AT_ROWS = 40;
    static final int AT_FIRST_ROW = 44;
    static final int AT_LOW = 48;
    static final int AT_HIGH = 52;
    static final int AT_RESERVED = 56;
    static final int AT_TEXT_LENGTH = 60;
    static final int HEADER_LENGTH = 64;

    private final PortRow[] rows;
    private int given;

    private PortFile(PortRow[] rows) {
        this.rows = rows;
    }

    /**
     * Makes the file of this process, replacing one of the same name. {@link CounterFile#close} removes it too.
     *
     * @param directory of the process's counter files; exists
     * @param rows how many rows there are
     * @throws IOException if there is no room; the account may still live in {@link PortRow#inMemory()}
     */
    public static PortFile create(Path directory, int rows, PortFacts facts) throws IOException {
        byte[] text = text(facts);
        int firstRow = (HEADER_LENGTH + text.length + PortRow.LENGTH - 1) / PortRow.LENGTH * PortRow.LENGTH;
        byte[] image = new byte[Math.addExact(firstRow, Math.multiplyExact(rows, PortRow.LENGTH))];
        ProcessMark process = ProcessMark.ofThisProcess();
        ByteBuffer.wrap(image)
                .order(ByteOrder.nativeOrder())
                .putLong(MAGIC)
                .putInt(LAYOUT)
                .putInt(PortRow.LENGTH)
                .putLong(process.pid())
                .putLong(process.startTicks())
                .putLong(process.pidNamespace())
                .putInt(rows)
                .putInt(firstRow)
                .putInt(facts.low())
                .putInt(facts.high())
                .putInt(facts.reserved())
                .putInt(text.length)
                .put(text);

        // Written whole before it is mapped, named last: see CounterFile.
        Path unfinished = directory.resolve(CounterDirectory.PORTS + ".new");
        Files.deleteIfExists(unfinished);
        Files.createFile(
                unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        try {
            Files.write(unfinished, image, StandardOpenOption.WRITE);
            MappedByteBuffer mapped = IoUtil.mapExistingFile(unfinished.toFile(), "port file");
            Files.move(unfinished, directory.resolve(CounterDirectory.PORTS), StandardCopyOption.ATOMIC_MOVE);
            PortRow[] made = new PortRow[rows];
            for (int i = 0; i < rows; i++) {
                made[i] = new PortRow(new UnsafeBuffer(mapped, firstRow + i * PortRow.LENGTH, PortRow.LENGTH));
            }
            return new PortFile(made);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
    }

    private static byte[] text(PortFacts facts) {
        StringBuilder text = new StringBuilder(facts.mode()).append('\n');
        facts.origins().forEach(name -> text.append(name).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The next row that nobody has yet. The memory stays mapped for as long as a row is reachable. */
    public PortRow next() {
        return rows[given++];
    }
}
