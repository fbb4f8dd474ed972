package io.longshore.net.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.sys.SockAddr;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our own selector and the calls of the JDK that it stands on. */
@Timeout(60)
final class ReadinessTest {
    private final Sockets sockets = new Sockets();
    private final JdkCalls calls = new JdkCalls();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(64);
    private Readiness readiness;
    private int fd;
    private SocketChannel peer;

    @BeforeEach
    void connect() throws IOException {
        readiness = new Readiness(sockets);
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            fd = sockets.open(false);
            sockets.connect(fd, 0, 0xffff_7f00_0001L, port);
            peer = listener.accept();
        }
    }

    @AfterEach
    void close() throws IOException {
        sockets.close(fd);
        peer.close();
        readiness.close();
    }

    @Test
    void tellsOfEachArrivalOnce() throws IOException {
        assertEquals(0, readiness.enter(fd));
        assertEquals(1, readiness.await(10_000));
        assertEquals(fd, readiness.fd(0));
        assertEquals(Readiness.OUT, readiness.events(0));
        assertEquals(0, readiness.await(0));
        peer.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertEquals(1, readiness.await(10_000));
        assertTrue((readiness.events(0) & Readiness.IN) != 0);
        assertEquals(0, readiness.await(0), "told of it, though it was not read");
        peer.write(ByteBuffer.wrap(new byte[] {4}));
        assertEquals(1, readiness.await(10_000));
        assertEquals(4, calls.recv(fd, BufferUtil.address(memory), memory.capacity()));
        assertEquals(3, memory.get(2));
        assertEquals(JdkCalls.UNAVAILABLE, calls.recv(fd, BufferUtil.address(memory), memory.capacity()));
    }

    @Test
    void tellsOfTheEndBehindTheLastBytes() throws IOException {
        readiness.enter(fd);
        readiness.await(10_000);
        peer.write(ByteBuffer.wrap(new byte[] {1}));
        peer.close();
        assertEquals(1, readiness.await(10_000));
        assertTrue((readiness.events(0) & Readiness.ENDS) != 0);
        assertEquals(1, calls.recv(fd, BufferUtil.address(memory), memory.capacity()));
        assertEquals(-1, calls.recv(fd, BufferUtil.address(memory), memory.capacity()), "the end of the stream");
    }

    @Test
    void tellsOfAListenerUntilNobodyWaits() throws IOException {
        int listener = sockets.open(false);
        try {
            sockets.bind(listener, 0, 0xffff_7f00_0001L, 0);
            sockets.listen(listener, 4);
            SockAddr address = new SockAddr();
            sockets.localAddress(listener, address);
            readiness.accepting(listener, true);
            try (SocketChannel client =
                    SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.port()))) {
                assertEquals(1, readiness.await(10_000));
                assertEquals(1, readiness.await(0), "as long as somebody does");
                readiness.accepting(listener, false);
                assertEquals(0, readiness.await(0));
                readiness.accepting(listener, true);
                assertEquals(1, readiness.await(10_000));
                assertTrue(client.isConnected());
            }
        } finally {
            sockets.close(listener);
        }
    }

    @Test
    void sendsThroughTheCallsOfTheJdk() throws IOException {
        memory.put(0, (byte) 42);
        assertEquals(1, calls.send(fd, BufferUtil.address(memory), 1));
        ByteBuffer received = ByteBuffer.allocate(1);
        assertEquals(1, peer.read(received));
        assertEquals(42, received.get(0));
    }

    @Test
    void endsAWaitFromAnyThreadOnce() throws InterruptedException {
        Thread waker = new Thread(readiness::wake);
        waker.start();
        assertEquals(1, readiness.await(30_000));
        assertEquals(-1, readiness.fd(0));
        waker.join();
        assertEquals(0, readiness.await(0));
    }

    @Test
    void takesAWakeAfterItsEndForNothing() {
        readiness.close();
        readiness.wake();
    }
}
