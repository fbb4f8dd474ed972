package io.longshore.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameHeadTest {
    private static final int KEY = 0x37fa213d;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65535, 65536, 70000})
    void decodesEveryLengthSplitAtEveryByte(int length) {
        byte[] frame = OffHeap.clientFrame(true, FrameHead.BINARY, KEY, new byte[length]);
        int size = frame.length - length;
        for (int split = 0; split <= size; split++) {
            try (OffHeap memory = OffHeap.of(frame)) {
                FrameHead head = new FrameHead();
                assertEquals(split, head.decode(memory.address, split));
                assertEquals(split == size, head.isComplete());
                assertEquals(size - split, head.decode(memory.address + split, frame.length - split));
                assertTrue(head.isComplete());
                assertEquals(0, head.decode(memory.address + size, frame.length - size));
                assertEquals(FrameHead.BINARY, head.opcode());
                assertTrue(head.isLast() && head.isMasked() && !head.isControl());
                assertEquals(KEY, head.maskKey());
                assertEquals(length, head.payloadLength());
                assertTrue(head.isLegal(true, false));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65535, 65536, 70000})
    void encodesWhatAnIndependentEncoderSays(int length) {
        try (OffHeap memory = OffHeap.ofSize(FrameHead.BYTES_MAX)) {
            byte[] server = OffHeap.serverFrame(false, FrameHead.TEXT, new byte[length]);
            int size = FrameHead.encode(memory.address, false, FrameHead.TEXT, length);
            assertEquals(server.length - length, size);
            assertEquals(size, FrameHead.sizeFor(length));
            assertArrayEquals(Arrays.copyOf(server, size), memory.read(size));

            byte[] client = OffHeap.clientFrame(true, FrameHead.TEXT, KEY, new byte[length]);
            int masked = FrameHead.encodeMasked(memory.address, true, FrameHead.TEXT, length, KEY);
            assertEquals(client.length - length, masked);
            assertArrayEquals(Arrays.copyOf(client, masked), memory.read(masked));
        }
    }

    @Test
    void encodesLengthsPastTwoGibibytes() {
        try (OffHeap memory = OffHeap.ofSize(FrameHead.BYTES_MAX)) {
            int size = FrameHead.encodeMasked(memory.address, true, FrameHead.BINARY, 0x0102_0304_0506_0708L, KEY);
            assertEquals("82ff010203040506070837fa213d", HexFormat.of().formatHex(memory.read(size)));
            FrameHead head = new FrameHead();
            head.decode(memory.address, size);
            assertEquals(0x0102_0304_0506_0708L, head.payloadLength());
        }
    }

    /** The examples of RFC 6455 section 5.7. */
    @Test
    void unmasksTheExampleOfTheStandard() {
        byte[] frame = HexFormat.of().parseHex("818537fa213d7f9f4d5158");
        try (OffHeap memory = OffHeap.of(frame)) {
            FrameHead head = new FrameHead();
            int size = head.decode(memory.address, frame.length);
            assertEquals(6, size);
            assertEquals(5, head.payloadLength());
            FrameHead.mask(memory.address + size, 5, head.maskKey(), 0);
            assertArrayEquals(new byte[] {'H', 'e', 'l', 'l', 'o'}, OffHeap.read(memory.address + size, 5));
        }
    }

    @Test
    void masksFromEveryPositionLikeByteByByte() {
        byte[] payload = OffHeap.pattern(67);
        byte[] expected = payload.clone();
        for (int i = 0; i < payload.length; i++) {
            expected[i] ^= (byte) (KEY >>> 24 - i % 4 * 8);
        }
        for (int split = 0; split <= payload.length; split++) {
            try (OffHeap memory = OffHeap.of(payload)) {
                FrameHead.mask(memory.address, split, KEY, 0);
                FrameHead.mask(memory.address + split, payload.length - split, KEY, split);
                assertArrayEquals(expected, memory.read(payload.length));
            }
        }
    }

    @Test
    void knowsWhatTheStandardForbids() {
        String mask = "00000000";
        assertLegal(true, false, "8180" + mask);
        assertLegal(true, true, "8080" + mask);
        assertLegal(true, true, "8980" + mask);
        assertLegal(true, true, "88fd" + mask);
        assertIllegal(true, false, "8100");
        assertIllegal(false, false, "8180" + mask);
        assertIllegal(true, false, "c180" + mask);
        assertIllegal(true, false, "a180" + mask);
        assertIllegal(true, false, "9180" + mask);
        assertIllegal(true, false, "8380" + mask);
        assertIllegal(true, false, "8b80" + mask);
        assertIllegal(true, false, "8080" + mask);
        assertIllegal(true, true, "8180" + mask);
        assertIllegal(true, false, "0980" + mask);
        assertIllegal(true, false, "0880" + mask);
        assertIllegal(true, false, "89fe007e" + mask);
        assertIllegal(true, false, "8881" + mask);
        assertIllegal(true, false, "81fe007d" + mask);
        assertIllegal(true, false, "81ff000000000000ffff" + mask);
        assertIllegal(true, false, "81ff8000000000000000" + mask);
        assertLegal(true, false, "81ff7fffffffffffffff" + mask);
    }

    @Test
    void knowsTheCodesOfACloseFrame() {
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999}) {
            assertTrue(FrameHead.isCloseCode(code), "code " + code);
        }
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
            assertFalse(FrameHead.isCloseCode(code), "code " + code);
        }
    }

    private static void assertLegal(boolean isFromClient, boolean isInMessage, String hex) {
        assertTrue(isLegal(isFromClient, isInMessage, hex), hex);
    }

    private static void assertIllegal(boolean isFromClient, boolean isInMessage, String hex) {
        assertFalse(isLegal(isFromClient, isInMessage, hex), hex);
    }

    private static boolean isLegal(boolean isFromClient, boolean isInMessage, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        try (OffHeap memory = OffHeap.of(bytes)) {
            FrameHead head = new FrameHead();
            assertEquals(bytes.length, head.decode(memory.address, bytes.length));
            assertTrue(head.isComplete());
            return head.isLegal(isFromClient, isInMessage);
        }
    }
}
