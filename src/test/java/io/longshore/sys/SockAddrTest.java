package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class SockAddrTest {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    private final SockAddr addr = new SockAddr();

    @Test
    void laysIpv4OutAsTheKernelReadsIt() {
        addr.set(0, MAPPED | 0x7f00_0001L, 0x1f90);
        assertEquals(16, addr.length());
        byte[] bytes = memory(16);
        assertEquals(Kernel.AF_INET, bytes[0] | bytes[1] << 8);
        assertEquals("1f90 7f000001 0000000000000000", hex(bytes, 2, 4, 8, 16));
    }

    @Test
    void laysIpv6OutAsTheKernelReadsIt() {
        addr.set(0x2001_0db8_0000_0000L, 0x0102_0304_0506_0708L, 443);
        assertEquals(28, addr.length());
        byte[] bytes = memory(28);
        assertEquals(Kernel.AF_INET6, bytes[0] | bytes[1] << 8);
        assertEquals("01bb 00000000 20010db8000000000102030405060708 00000000", hex(bytes, 2, 4, 8, 24, 28));
    }

    @Test
    void tellsWhatItWasGivenWhateverWasThereBefore() {
        long[][] addresses = {{0, MAPPED}, {0, MAPPED | 0xffff_ffffL}, {-1, -1}, {0, 1}, {0, 0}, {0, MAPPED | 5}};
        for (long[] pair : addresses) {
            for (int port : new int[] {0, 1, 65_535}) {
                addr.set(pair[0], pair[1], port);
                assertEquals(pair[0], addr.high());
                assertEquals(pair[1], addr.low());
                assertEquals(port, addr.port());
            }
        }
    }

    @Test
    void knowsIpv4ByItsMappedFormAlone() {
        assertTrue(SockAddr.isIpv4(0, MAPPED));
        assertFalse(SockAddr.isIpv4(0, 0x7f00_0001L));
        assertFalse(SockAddr.isIpv4(1, MAPPED));
        assertFalse(SockAddr.isIpv4(0, MAPPED | 1L << 48));
    }

    @Test
    void tellsTheKernelHowMuchRoomThereIs() {
        assertEquals(addr.pointer() + 28, addr.lengthPointer());
        assertEquals(28, new UnsafeBuffer(addr.pointer() + 28, 4).getInt(0));
    }

    @Test
    void theKernelReadsAndWritesTheSame() {
        Sockets sockets = new Sockets();
        for (long[] pair : new long[][] {{0, MAPPED | 0x7f00_0022L}, {0, 1}}) {
            boolean isIpv6 = !SockAddr.isIpv4(pair[0], pair[1]);
            int fd = sockets.open(isIpv6);
            try {
                int result = sockets.bind(fd, pair[0], pair[1], 0);
                if (isIpv6 && result == -Kernel.EADDRNOTAVAIL) {
                    // A host without IPv6, such as a container: nothing to see.
                    continue;
                }
                assertEquals(0, result);
                assertEquals(0, sockets.localAddress(fd, addr));
                assertEquals(pair[0], addr.high());
                assertEquals(pair[1], addr.low());
                assertTrue(addr.port() > 0);
            } finally {
                sockets.close(fd);
            }
        }
    }

    private byte[] memory(int length) {
        byte[] bytes = new byte[length];
        new UnsafeBuffer(addr.pointer(), length).getBytes(0, bytes);
        return bytes;
    }

    /** The bytes from the first offset to the last, a space at each between. */
    private static String hex(byte[] bytes, int... offsets) {
        StringBuilder text = new StringBuilder();
        for (int part = 1; part < offsets.length; part++) {
            for (int i = offsets[part - 1]; i < offsets[part]; i++) {
                text.append(String.format("%02x", bytes[i]));
            }
            text.append(part < offsets.length - 1 ? " " : "");
        }
        return text.toString();
    }
}
