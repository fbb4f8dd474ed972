package io.longshore.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.longshore.micro.Bound;
import io.longshore.micro.MicroBenchmark;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * What does parsing a request head cost, for the head that a browser sends and for the smallest one?
 *
 * <p>Bound: each byte is visited twice or so (the state machine, then the checks of the few fields that matter), at a
 * branch or two a visit: 1.5 ns a byte, and 50 ns for the {@link Head} to be forgotten and the checks to begin. A
 * whole handshake may take 50 us, so even a browser's head is some 2 % of it.
 */
public class HeadParserBenchmark extends MicroBenchmark {
    private static final String BROWSER = """
            GET /chat?room=1 HTTP/1.1
            Host: example.com
            Connection: Upgrade
            Pragma: no-cache
            Cache-Control: no-cache
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36
            Upgrade: websocket
            Origin: https://example.com
            Sec-WebSocket-Version: 13
            Accept-Encoding: gzip, deflate, br, zstd
            Accept-Language: en-GB,en;q=0.9
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits

            """;
    private static final String SMALLEST = """
            GET / HTTP/1.1
            Host: a
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13

            """;

    // The limits of the default configuration.
    private final HeadParser parser = new HeadParser(32 << 10, 128);
    private final Head head = new Head(128);
    private final UnsafeBuffer browser = offHeap(BROWSER);
    private final UnsafeBuffer smallest = offHeap(SMALLEST);

    private static UnsafeBuffer offHeap(String text) {
        byte[] bytes = text.replace("\n", "\r\n").getBytes(US_ASCII);
        UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));
        buffer.putBytes(0, bytes);
        return buffer;
    }

    /** 493 bytes, 12 fields. */
    @Benchmark
    @Bound(800)
    public int browserHead() {
        return parse(browser);
    }

    /** 140 bytes, 5 fields. */
    @Benchmark
    @Bound(270)
    public int smallestHead() {
        return parse(smallest);
    }

    private int parse(UnsafeBuffer bytes) {
        head.reset();
        int outcome = parser.request(bytes, 0, bytes.capacity(), head);
        if (outcome != bytes.capacity()) {
            throw new IllegalStateException("not a whole head: " + outcome);
        }
        return outcome;
    }
}
