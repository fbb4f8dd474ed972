package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.SampleUpgrade;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;

/**
 * One end of a tunnel: says its half of RFC 6455's sample handshake, waits for the other half, and hands on what comes
 * behind it. Alone it is a quiet end, which expects no byte and answers an end with its own.
 */
class TunnelPeer extends Peer {
    private final boolean isClient;
    private StringBuilder head = new StringBuilder();
    private ByteBuffer toSend;
    private boolean hasTunnel;

    TunnelPeer(boolean isClient) {
        this.isClient = isClient;
    }

    static TunnelPeer client() {
        return new TunnelPeer(true);
    }

    static TunnelPeer origin() {
        return new TunnelPeer(false);
    }

    /** What a client asks for. */
    String path() {
        return "/";
    }

    /** The other half of the handshake was read, and the tunnel stands; an origin's answer is about to be sent. */
    void opened(String otherHead) throws IOException {
        loop.done();
    }

    /** Bytes of the tunnel; between position and limit. */
    void received(ByteBuffer bytes) throws IOException {
        throw new AssertionError(bytes.remaining() + " bytes that nobody sent");
    }

    /** The other end will send no more. */
    void ended() throws IOException {
        close();
    }

    /** Reading or writing has failed. */
    void broken(IOException e) throws IOException {
        throw e;
    }

    final boolean hasTunnel() {
        return hasTunnel;
    }

    @Override
    void connected() throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        if (isClient) {
            say(SampleUpgrade.request(path()));
        }
    }

    private void say(String text) throws IOException {
        toSend = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        interest(SelectionKey.OP_WRITE, true);
        writable();
    }

    /** Writes what is left of our half of the handshake; returns whether it has left. */
    final boolean handshakeHasLeft() throws IOException {
        if (toSend != null) {
            channel.write(toSend);
            if (toSend.hasRemaining()) {
                return false;
            }
            toSend = null;
        }
        return isClient || hasTunnel;
    }

    @Override
    void writable() throws IOException {
        try {
            if (handshakeHasLeft()) {
                interest(SelectionKey.OP_WRITE, false);
            }
        } catch (IOException e) {
            broken(e);
        }
    }

    @Override
    final void readable() throws IOException {
        loop.buffer.clear().limit(Math.min(readBytesMax(), loop.buffer.capacity()));
        int count;
        try {
            count = channel.read(loop.buffer);
        } catch (IOException e) {
            broken(e);
            return;
        }
        if (count < 0) {
            assertTrue(hasTunnel, () -> "an end in the middle of the handshake: " + head);
            interest(SelectionKey.OP_READ, false);
            ended();
            return;
        }
        loop.buffer.flip();
        while (head != null && loop.buffer.hasRemaining()) {
            head.append((char) (loop.buffer.get() & 0xff));
            if (head.length() >= 4 && head.indexOf(SampleUpgrade.END_OF_HEAD, head.length() - 4) >= 0) {
                open();
            }
        }
        if (loop.buffer.hasRemaining()) {
            received(loop.buffer);
        }
    }

    private void open() throws IOException {
        String otherHead = head.toString();
        head = null;
        hasTunnel = true;
        if (isClient) {
            assertTrue(otherHead.startsWith("HTTP/1.1 101 "), otherHead);
            opened(otherHead);
        } else {
            // The loop's buffer still holds bytes of the tunnel: nothing of it may be overwritten before they are read.
            opened(otherHead);
            say(SampleUpgrade.ANSWER);
        }
    }

    /** The most bytes of the next read. */
    int readBytesMax() {
        return Integer.MAX_VALUE;
    }
}
