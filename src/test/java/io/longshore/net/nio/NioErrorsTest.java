package io.longshore.net.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longshore.sys.ErrorText;
import io.longshore.sys.Kernel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class NioErrorsTest {
    @Test
    void knowsTheTextsOfTheCLibrary() {
        for (int errno :
                new int[] {Kernel.ECONNRESET, Kernel.EPIPE, Kernel.ETIMEDOUT, Kernel.EHOSTUNREACH, Kernel.ENETUNREACH
                }) {
            assertEquals(errno, NioErrors.of(new IOException(ErrorText.of(errno))));
        }
    }

    @Test
    void takesAnyOtherTextForAReset() {
        assertEquals(Kernel.ECONNRESET, NioErrors.of(new IOException("Connection reset")));
        assertEquals(Kernel.ECONNRESET, NioErrors.of(new IOException()));
        assertEquals(Kernel.ECONNRESET, NioErrors.of(new IOException(ErrorText.of(Kernel.ENOMEM))));
    }

    @Test
    void knowsWhatThisJdkThrows() throws IOException {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel reading = SocketChannel.open(listener.getLocalAddress());
                SocketChannel readingsPeer = listener.accept();
                SocketChannel writing = SocketChannel.open(listener.getLocalAddress());
                SocketChannel writingsPeer = listener.accept()) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(10);
            reset(readingsPeer);
            IOException read = assertThrows(IOException.class, () -> reading.read(bytes));
            assertEquals(Kernel.ECONNRESET, NioErrors.of(read), read.getMessage());

            reset(writingsPeer);
            IOException first = assertThrows(IOException.class, () -> writing.write(bytes));
            assertEquals(Kernel.ECONNRESET, NioErrors.of(first), first.getMessage());
            IOException second = assertThrows(IOException.class, () -> writing.write(bytes));
            assertEquals(Kernel.EPIPE, NioErrors.of(second), second.getMessage());
        }
    }

    private static void reset(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }
}
