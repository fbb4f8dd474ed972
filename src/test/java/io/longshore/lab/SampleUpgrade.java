package io.longshore.lab;

/** A WebSocket handshake in bytes, for peers that are scripted byte by byte: RFC 6455's own sample (section 1.3). */
public final class SampleUpgrade {
    /** Where a head ends. */
    public static final String END_OF_HEAD = "\r\n\r\n";

    /** The origin's answer to {@link #request(String)}. */
    public static final String ANSWER = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            \r
            """;

    private SampleUpgrade() {}

    /** A client's request for a path. */
    public static String request(String path) {
        return """
                GET %s HTTP/1.1\r
                Host: longshore.example\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                \r
                """.formatted(path);
    }
}
