package io.longshore.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEchoTest {
    private static final int KEY = 0xfe12a90b;

    /** Collects what is sent, and holds each send against the region that was fed. */
    private static final class Collected implements FrameEcho.Output, AutoCloseable {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final OffHeap room = OffHeap.ofSize(FrameHead.BYTES_MAX);
        private OffHeap region;
        private int sends;

        @Override
        public void sendLent(long address, int length) {
            assertTrue(length > 0);
            assertTrue(address >= region.address && address + length <= region.address + region.length);
            bytes.writeBytes(OffHeap.read(address, length));
            sends++;
        }

        @Override
        public long room() {
            return room.address;
        }

        @Override
        public void sendRoom(int length) {
            bytes.writeBytes(room.read(length));
            sends++;
        }

        /** Feeds a part of {@code input} as a region of its own. */
        boolean feed(FrameEcho echo, byte[] input, int from, int to) {
            try (OffHeap memory = OffHeap.of(input, from, to)) {
                region = memory;
                return echo.feed(memory.address, to - from, this);
            }
        }

        @Override
        public void close() {
            room.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65535, 65536})
    void echoesEveryLengthCutIntoTwoAnywhereNearItsEdges(int length) {
        byte[] payload = OffHeap.pattern(length);
        byte[] input = OffHeap.clientFrame(true, FrameHead.BINARY, KEY, payload);
        byte[] expected = OffHeap.serverFrame(true, FrameHead.BINARY, payload);
        for (int split = 0; split <= input.length; split++) {
            // Within a long payload one cut is like the other.
            if (split == 200 && input.length > 1000) {
                split = input.length - 20;
            }
            assertEcho(expected, input, split);
        }
    }

    @Test
    void echoesAConversationCutAtEveryByte() {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        byte[] hello = "hello".getBytes(UTF_8);
        byte[] middle = OffHeap.pattern(300);
        input.writeBytes(OffHeap.clientFrame(false, FrameHead.TEXT, KEY, hello));
        expected.writeBytes(OffHeap.serverFrame(false, FrameHead.TEXT, hello));
        input.writeBytes(OffHeap.clientFrame(true, FrameHead.PING, 1, hello));
        expected.writeBytes(OffHeap.serverFrame(true, FrameHead.PONG, hello));
        input.writeBytes(OffHeap.clientFrame(true, FrameHead.PONG, KEY, hello));
        input.writeBytes(OffHeap.clientFrame(false, FrameHead.CONTINUATION, 2, middle));
        expected.writeBytes(OffHeap.serverFrame(false, FrameHead.CONTINUATION, middle));
        input.writeBytes(OffHeap.clientFrame(true, FrameHead.CONTINUATION, KEY, new byte[0]));
        expected.writeBytes(OffHeap.serverFrame(true, FrameHead.CONTINUATION, new byte[0]));
        input.writeBytes(OffHeap.clientFrame(true, FrameHead.BINARY, 0, hello));
        expected.writeBytes(OffHeap.serverFrame(true, FrameHead.BINARY, hello));
        for (int split = 0; split <= input.size(); split++) {
            assertEcho(expected.toByteArray(), input.toByteArray(), split);
        }
        assertEcho(expected.toByteArray(), input.toByteArray());
    }

    @Test
    void echoesRandomConversationsInRandomPieces() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            ByteArrayOutputStream input = new ByteArrayOutputStream();
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                byte[] payload = OffHeap.pattern(random.nextInt(random.nextInt(8) == 0 ? 70_000 : 140));
                int opcode = random.nextBoolean() ? FrameHead.TEXT : FrameHead.BINARY;
                input.writeBytes(OffHeap.clientFrame(true, opcode, random.nextInt(), payload));
                expected.writeBytes(OffHeap.serverFrame(true, opcode, payload));
            }
            byte[] bytes = input.toByteArray();
            try (Collected output = new Collected()) {
                FrameEcho echo = new FrameEcho();
                for (int at = 0; at < bytes.length; ) {
                    int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 10 : 20_000));
                    assertTrue(output.feed(echo, bytes, at, to));
                    at = to;
                }
                assertArrayEquals(expected.toByteArray(), output.bytes.toByteArray());
            }
        }
    }

    @Test
    void sendsManySmallFramesOfOneRegionAtOnce() {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            byte[] payload = ("message " + i).getBytes(UTF_8);
            input.writeBytes(OffHeap.clientFrame(true, FrameHead.TEXT, KEY * i, payload));
            expected.writeBytes(OffHeap.serverFrame(true, FrameHead.TEXT, payload));
        }
        try (Collected output = new Collected()) {
            assertTrue(output.feed(new FrameEcho(), input.toByteArray(), 0, input.size()));
            assertArrayEquals(expected.toByteArray(), output.bytes.toByteArray());
            assertEquals(1, output.sends);
        }
    }

    @Test
    void answersACloseWithItsCodeAndEnds() {
        assertClosesWith("880203e8", HexFormat.of().parseHex("03e8"));
        assertClosesWith("88020fa1", HexFormat.of().parseHex("0fa1676f6f6420627965"));
        assertClosesWith("8800", new byte[0]);
        // 1005 and 1006 must not stand in a frame, 5000 is nobody's.
        assertClosesWith("880203ea", HexFormat.of().parseHex("03ed"));
        assertClosesWith("880203ea", HexFormat.of().parseHex("03ee"));
        assertClosesWith("880203ea", HexFormat.of().parseHex("1388"));
    }

    @Test
    void answersWhatIsForbiddenWithAProtocolErrorBehindTheEcho() {
        byte[] good = OffHeap.clientFrame(true, FrameHead.TEXT, KEY, new byte[] {'x'});
        for (String bad : new String[] {"8100", "c18000000000", "808000000000", "838000000000", "098000000000"}) {
            byte[] tail = HexFormat.of().parseHex(bad);
            byte[] input = new byte[good.length + tail.length];
            System.arraycopy(good, 0, input, 0, good.length);
            System.arraycopy(tail, 0, input, good.length, tail.length);
            for (int split = 0; split <= input.length; split++) {
                assertEquals("810178" + "880203ea", closing(input, split), bad + " split at " + split);
            }
        }
    }

    private static void assertClosesWith(String expectedHex, byte[] payload) {
        byte[] input = OffHeap.clientFrame(true, FrameHead.CLOSE, KEY, payload);
        for (int split = 0; split <= input.length; split++) {
            assertEquals(expectedHex, closing(input, split), "split at " + split);
        }
    }

    /** Feeds all in two pieces, wants the conversation ended by then, and returns the output in hexadecimal. */
    private static String closing(byte[] input, int split) {
        try (Collected output = new Collected()) {
            FrameEcho echo = new FrameEcho();
            if (output.feed(echo, input, 0, split)) {
                assertFalse(output.feed(echo, input, split, input.length));
            }
            return HexFormat.of().formatHex(output.bytes.toByteArray());
        }
    }

    private static void assertEcho(byte[] expected, byte[] input, int split) {
        try (Collected output = new Collected()) {
            FrameEcho echo = new FrameEcho();
            assertTrue(output.feed(echo, input, 0, split));
            assertTrue(output.feed(echo, input, split, input.length));
            assertArrayEquals(expected, output.bytes.toByteArray(), "split at " + split);
        }
    }

    /** Byte by byte. */
    private static void assertEcho(byte[] expected, byte[] input) {
        try (Collected output = new Collected()) {
            FrameEcho echo = new FrameEcho();
            for (int at = 0; at < input.length; at++) {
                assertTrue(output.feed(echo, input, at, at + 1));
            }
            assertArrayEquals(expected, output.bytes.toByteArray());
        }
    }
}
