package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WsInputTest {
    @Test
    void takesALineAsAMessage() {
        assertEquals(new WsInput.Message("hello there"), WsInput.parse("hello there"));
        assertEquals(new WsInput.Message(""), WsInput.parse(""));
        assertEquals(new WsInput.Message(" /ping"), WsInput.parse(" /ping"));
    }

    @Test
    void takesTwoSlashesAsAMessageThatStartsWithOne() {
        assertEquals(new WsInput.Message("/ping"), WsInput.parse("//ping"));
        assertEquals(new WsInput.Message("/"), WsInput.parse("//"));
    }

    @Test
    void readsPingsUpTo125Bytes() {
        assertArrayEquals(new byte[0], ((WsInput.Ping) WsInput.parse("/ping")).bytes());
        assertArrayEquals(new byte[] {'a', ' ', 'b'}, ((WsInput.Ping) WsInput.parse("/ping a b")).bytes());
        assertEquals(125, ((WsInput.Ping) WsInput.parse("/ping " + "x".repeat(125))).bytes().length);
        assertFault("125", "/ping " + "x".repeat(126));
        assertFault("126", "/ping " + "ü".repeat(63));
    }

    @Test
    void readsHexadecimalBytes() {
        assertArrayEquals(new byte[] {0, -1, 16}, ((WsInput.Binary) WsInput.parse("/binary 00ff10")).bytes());
        assertArrayEquals(new byte[] {0, -1}, ((WsInput.Binary) WsInput.parse("/binary 0x00 FF")).bytes());
        assertArrayEquals(new byte[0], ((WsInput.Binary) WsInput.parse("/binary")).bytes());
        assertFault("hexadecimal", "/binary 0");
        assertFault("hexadecimal", "/binary hello");
    }

    @Test
    void readsAFile(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a b.bin"), new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2, 3}, ((WsInput.Binary) WsInput.parse("/file " + file)).bytes());
        assertFault("no such file", "/file " + folder.resolve("absent"));
    }

    @Test
    void readsClosesWithCodeAndReason() {
        assertEquals(new WsInput.Close(1000, ""), WsInput.parse("/close"));
        assertEquals(new WsInput.Close(4001, ""), WsInput.parse("/close 4001"));
        assertEquals(new WsInput.Close(4001, "good bye"), WsInput.parse("/close 4001 good bye"));
        assertFault("1000 to 4999", "/close 999");
        assertFault("1000 to 4999", "/close now");
        assertFault("123", "/close 1000 " + "x".repeat(124));
    }

    @Test
    void namesTheCommandThatItDoesNotKnow() {
        assertFault("/pong", "/pong");
        assertInstanceOf(WsInput.Help.class, WsInput.parse("/help"));
    }

    private static void assertFault(String part, String line) {
        WsInput.Fault fault = assertInstanceOf(WsInput.Fault.class, WsInput.parse(line));
        assertTrue(fault.why().contains(part), fault.why());
    }
}
