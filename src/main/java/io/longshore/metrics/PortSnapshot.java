package io.longshore.metrics;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a file of ports said at one moment, read from outside. Each number is whole; between two of them the loops may have
 * moved on.
 *
 * @param pid the process that wrote it, by the number in its own pid namespace
 * @param isRunning whether it is alive, as far as we can know
 * @param facts what holds for every row
 * @param rows copies, in the file's order
 */
public record PortSnapshot(long pid, boolean isRunning, PortFacts facts, List<PortRow> rows) {
    /** 65,536 rows are 64 MiB. What is much longer was not written by us. */
    private static final int FILE_LENGTH_MAX = 256 * 1024 * 1024;

    /**
     * Reads the file in {@code directory}.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it cannot be read, or is not a file of a layout that we know
     */
    public static PortSnapshot read(Path directory) throws IOException {
        Path path = directory.resolve(CounterDirectory.PORTS);
        // A FIFO or a link that somebody left under this name is none.
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(path.toString());
        }
        byte[] bytes;
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            if (file.length() > FILE_LENGTH_MAX) {
                throw new IOException(path + " is too long for a file of ports");
            }
            bytes = new byte[(int) file.length()];
            file.readFully(bytes);
        }
        String fault = faultOf(bytes);
        if (fault != null) {
            throw new IOException(path + " " + fault);
        }
        return parse(bytes);
    }

    /** What keeps these bytes from being a file of ports, or null. */
    static String faultOf(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        if (bytes.length < PortFile.HEADER_LENGTH || file.getLong(0) != PortFile.MAGIC) {
            return "is not a file of ports";
        }
        int layout = file.getInt(PortFile.AT_LAYOUT);
        if (layout != PortFile.LAYOUT) {
            return "has layout " + layout + ", this release reads " + PortFile.LAYOUT;
        }
        long rowLength = file.getInt(PortFile.AT_ROW_LENGTH);
        long rows = file.getInt(PortFile.AT_ROWS);
        long firstRow = file.getInt(PortFile.AT_FIRST_ROW);
        long textLength = file.getInt(PortFile.AT_TEXT_LENGTH);
        boolean isPlausible = rowLength >= PortRow.LENGTH
                && rowLength % Long.BYTES == 0
                && firstRow % Long.BYTES == 0
                && rows >= 0
                && textLength > 0
                && PortFile.HEADER_LENGTH + textLength <= firstRow
                && firstRow + rows * rowLength <= bytes.length;
        return isPlausible ? null : "contradicts itself";
    }

    private static PortSnapshot parse(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int textLength = file.getInt(PortFile.AT_TEXT_LENGTH);
        // These go to terminals and into JSON: nothing but what we would have written ourselves.
        String text = new String(bytes, PortFile.HEADER_LENGTH, textLength, StandardCharsets.UTF_8)
                .replaceAll("[^A-Za-z0-9._\n-]", "?");
        List<String> lines = Arrays.asList(text.split("\n"));
        PortFacts facts = new PortFacts(
                lines.get(0),
                file.getInt(PortFile.AT_LOW),
                file.getInt(PortFile.AT_HIGH),
                file.getInt(PortFile.AT_RESERVED),
                lines.subList(1, lines.size()));
        List<PortRow> rows = new ArrayList<>();
        for (int i = 0; i < file.getInt(PortFile.AT_ROWS); i++) {
            int offset = file.getInt(PortFile.AT_FIRST_ROW) + i * file.getInt(PortFile.AT_ROW_LENGTH);
            rows.add(new PortRow(new UnsafeBuffer(bytes, offset, PortRow.LENGTH)));
        }
        ProcessMark process = new ProcessMark(
                file.getLong(PortFile.AT_PID),
                file.getLong(PortFile.AT_START_TICKS),
                file.getLong(PortFile.AT_PID_NAMESPACE));
        return new PortSnapshot(process.pid(), process.isAlive(), facts, rows);
    }
}
