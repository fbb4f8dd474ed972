package io.longshore.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.longshore.net.Pages;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HeadBufferTest {
    private final Pages pages = new Pages();
    private final HeadBuffer buffer = new HeadBuffer();

    @AfterEach
    void free() {
        assertEquals(0, pages.taken());
        pages.close();
    }

    @Test
    void ownsNoPageBeforeTheFirstByteAndNoneAfterItsRelease() {
        assertEquals(0, pages.taken());
        append("GET");
        assertEquals(1, pages.taken());
        assertEquals(Pages.SMALLEST, buffer.capacity());
        buffer.release(pages);
        buffer.release(pages);
        assertEquals(0, buffer.length());
        assertEquals(0, buffer.capacity());
        assertEquals(0, buffer.view().capacity(), "a view of memory that is not ours any more");
    }

    @Test
    void exchangesItsPageForALargerOneAndKeepsTheBytes() {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; expected.length() < 20_000; i++) {
            append("line " + i + "\r\n");
            expected.append("line ").append(i).append("\r\n");
            assertEquals(1, pages.taken());
        }
        assertEquals(32 << 10, buffer.capacity());
        assertEquals(expected.toString(), text());
        buffer.release(pages);
    }

    @Test
    void fillsAPageToItsLastByteBeforeItTakesALarger() {
        append("x".repeat(Pages.SMALLEST));
        assertEquals(Pages.SMALLEST, buffer.capacity());
        append("y");
        assertEquals(2 * Pages.SMALLEST, buffer.capacity());
        buffer.release(pages);
    }

    @Test
    void dropsFromTheFront() {
        append("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101");
        buffer.drop(25);
        assertEquals("HTTP/1.1 101", text());
        append(" Switching");
        assertEquals("HTTP/1.1 101 Switching", text());
        buffer.drop(buffer.length());
        assertEquals("", text());
        buffer.release(pages);
    }

    @Test
    void takesWhatIsWrittenThroughItsView() {
        buffer.reserve(pages, 5_000);
        buffer.view().putStringWithoutLengthAscii(0, "written");
        buffer.setLength(7);
        buffer.reserve(pages, 10_000);
        assertEquals("written", text());
        buffer.release(pages);
    }

    private void append(String text) {
        ByteBuffer memory = ByteBuffer.allocateDirect(text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
        buffer.append(pages, BufferUtil.address(memory), text.length());
        memory.put(0, (byte) 0);
    }

    private String text() {
        return buffer.view().getStringWithoutLengthAscii(0, buffer.length());
    }
}
