package io.longshore.net.nio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.net.Address;
import io.longshore.net.Pages;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The chain of parked bytes, and when a read is due. */
@Timeout(60)
final class NioSocketTest {
    /** socket(7). */
    private static final int SO_SNDBUF = 7;

    private final Pages pages = new Pages();
    private final Sockets sockets = new Sockets();
    private SocketChannel peer;
    private NioSocket socket;

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.setOption(StandardSocketOptions.SO_RCVBUF, 8_192);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int fd = sockets.open(false);
            sockets.setOption(fd, Kernel.SOL_SOCKET, SO_SNDBUF, 8_192);
            Address target = Address.of((InetSocketAddress) listener.getLocalAddress());
            assertEquals(-Kernel.EINPROGRESS, sockets.connect(fd, target.high(), target.low(), target.port()));
            socket = new NioSocket(1, fd, 0);
            peer = listener.accept();
            peer.configureBlocking(false);
        }
    }

    @AfterEach
    void close() throws IOException {
        sockets.close(socket.fd);
        peer.close();
        assertEquals(0, pages.taken());
        pages.close();
    }

    @Test
    void sendsWhatIsParkedInItsOrderAndGivesThePagesBack() throws IOException {
        byte[] sent = pattern(300_000);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        int parked = 0;
        for (int i = 0; received.size() < sent.length; i++) {
            if (parked < sent.length) {
                // Pieces of all sizes: within a page, across several, and one that fills a page exactly.
                int length = Math.min(sent.length - parked, i % 5 == 0 ? 16_368 : 1 + i * 7_919 % 40_000);
                park(Arrays.copyOfRange(sent, parked, parked + length));
                parked += length;
            }
            int before = socket.parkedBytes;
            int taken = socket.flush(pages, sockets);
            assertTrue(taken >= 0, "result " + taken);
            assertEquals(before - taken, socket.parkedBytes);
            assertEquals(socket.parkedBytes == 0, pages.taken() == 0, "a page only while bytes wait");
            read(received);
        }
        assertArrayEquals(sent, received.toByteArray());
    }

    @Test
    void takesOnlyThePagesThatItNeeds() {
        park(new byte[16_368]);
        assertEquals(1, pages.taken(), "16 KiB less the page's own header");
        park(new byte[1]);
        assertEquals(2, pages.taken());
        socket.discard(pages);
        assertEquals(0, pages.taken());
        assertEquals(0, socket.parkedBytes);
        park(new byte[5]);
        assertEquals(1, pages.taken(), "it may park again");
        socket.discard(pages);
    }

    @Test
    void tellsWhySendingFailed() throws IOException {
        peer.setOption(StandardSocketOptions.SO_LINGER, 0);
        peer.close();
        park(new byte[100]);
        assertEquals(-Kernel.ECONNRESET, socket.flush(pages, sockets));
        assertEquals(-Kernel.EPIPE, socket.flush(pages, sockets));
        assertEquals(100, socket.parkedBytes, "the owner throws them away");
        socket.discard(pages);
    }

    @Test
    void isReadWhenTheKernelHasSomethingAndTheOwnerWantsIt() {
        socket.isReadable = true;
        assertFalse(socket.isReadDue(), "held");
        socket.isReceiving = true;
        assertTrue(socket.isReadDue());
        socket.isConnecting = true;
        assertFalse(socket.isReadDue());
        socket.isConnecting = false;
        socket.hasEnded = true;
        assertFalse(socket.isReadDue());
        socket.hasEnded = false;
        socket.isBroken = true;
        assertFalse(socket.isReadDue());
    }

    private void park(byte[] bytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        socket.park(pages, BufferUtil.address(memory), bytes.length);
        memory.put(0, (byte) ~memory.get(0));
    }

    private void read(ByteArrayOutputStream received) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4_096);
        int count = peer.read(bytes);
        received.write(bytes.array(), 0, Math.max(0, count));
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 0x9e37_79b1 >>> 23);
        }
        return bytes;
    }
}
