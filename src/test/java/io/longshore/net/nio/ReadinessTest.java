package io.longshore.net.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    void tellsWhoIsReadyAndForWhat() throws IOException {
        assertEquals(0, readiness.watch(fd, 0, Readiness.IN | Readiness.OUT));
        assertEquals(1, readiness.await(10_000));
        assertEquals(fd, readiness.fd(0));
        assertEquals(Readiness.OUT, readiness.events(0));
        assertEquals(0, readiness.watch(fd, Readiness.IN | Readiness.OUT, Readiness.IN));
        assertEquals(0, readiness.await(0));
        peer.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertEquals(1, readiness.await(10_000));
        assertEquals(Readiness.IN, readiness.events(0));
        assertEquals(3, calls.read(fd, BufferUtil.address(memory), memory.capacity()));
        assertEquals(3, memory.get(2));
        assertEquals(JdkCalls.UNAVAILABLE, calls.read(fd, BufferUtil.address(memory), memory.capacity()));
    }

    @Test
    void takesAnErrorForBothSoThatTheCallTells() throws IOException {
        readiness.watch(fd, 0, Readiness.IN);
        peer.close();
        sockets.shutdownWrite(fd);
        assertEquals(1, readiness.await(10_000));
        assertTrue((readiness.events(0) & Readiness.IN) != 0);
        assertEquals(-1, calls.read(fd, BufferUtil.address(memory), memory.capacity()), "the end of the stream");
    }

    @Test
    void saysNothingOfOneThatIsWatchedForNothing() throws IOException {
        readiness.watch(fd, 0, Readiness.IN);
        readiness.watch(fd, Readiness.IN, 0);
        peer.close();
        sockets.shutdownWrite(fd);
        assertEquals(0, readiness.await(20));
        assertEquals(0, readiness.watch(fd, 0, Readiness.OUT), "it was taken out, and may come back");
    }

    @Test
    void writesThroughTheCallsOfTheJdk() throws IOException {
        memory.put(0, (byte) 42);
        assertEquals(1, calls.write(fd, BufferUtil.address(memory), 1));
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
