package io.longshore.lab;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * PROXY protocol headers in bytes, good and bad ones, for peers that are scripted byte by byte (HAProxy's
 * proxy-protocol.txt, sections 2.1 and 2.2).
 */
public final class ProxyHeaders {
    public static final int LOCAL = 0x20;
    public static final int PROXY = 0x21;
    public static final int UNSPEC = 0x00;
    public static final int TCP4 = 0x11;
    public static final int UDP4 = 0x12;
    public static final int TCP6 = 0x21;
    public static final int UDP6 = 0x22;
    public static final int UNIX_STREAM = 0x31;
    public static final int UNIX_DGRAM = 0x32;

    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final int CRC32C = 0x03;

    private ProxyHeaders() {}

    /** Version 1: {@code PROXY}, these words, and the line's end. */
    public static byte[] line(String words) {
        return ("PROXY " + words + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Version 1 for a client at this address. */
    public static byte[] lineFor(String client, int port) {
        boolean isIpv6 = client.contains(":");
        return line(
                (isIpv6 ? "TCP6 " : "TCP4 ") + client + (isIpv6 ? " 2001:db8::1 " : " 198.51.100.1 ") + port + " 443");
    }

    /** Version 2 for a client at this address, with these type-length-values behind the addresses. */
    public static byte[] blockFor(String client, int port, byte[]... values) {
        boolean isIpv6 = client.contains(":");
        String destination = isIpv6 ? "2001:db8::1" : "198.51.100.1";
        return block(PROXY, isIpv6 ? TCP6 : TCP4, addresses(client, destination, port, 443), joined(values));
    }

    /** Version 2 with any command and family, its length as long as these parts are. */
    public static byte[] block(int command, int family, byte[]... parts) {
        byte[] body = joined(parts);
        ByteBuffer block = ByteBuffer.allocate(16 + body.length);
        block.put(SIGNATURE.getBytes(StandardCharsets.ISO_8859_1));
        block.put((byte) command)
                .put((byte) family)
                .putShort((short) body.length)
                .put(body);
        return block.array();
    }

    /** The addresses and ports of a block. */
    public static byte[] addresses(String source, String destination, int sourcePort, int destinationPort) {
        byte[] ports = ByteBuffer.allocate(4)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .array();
        return joined(literal(source), literal(destination), ports);
    }

    /** A type-length-value. */
    public static byte[] value(int type, byte... value) {
        ByteBuffer bytes = ByteBuffer.allocate(3 + value.length);
        return bytes.put((byte) type).putShort((short) value.length).put(value).array();
    }

    /** The same block with a checksum as its last value. */
    public static byte[] withChecksum(byte[] block) {
        byte[] summed = joined(block, value(CRC32C, new byte[4]));
        ByteBuffer bytes = ByteBuffer.wrap(summed);
        bytes.putShort(14, (short) (summed.length - 16));
        bytes.putInt(summed.length - 4, crc32c(summed));
        return summed;
    }

    /** One array of all these. */
    public static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    /** CRC32c bit by bit, from the definition: not the class that the proxy uses. */
    public static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ (0x82f63b78 & -(crc & 1));
            }
        }
        return ~crc;
    }

    private static byte[] literal(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(address, e);
        }
    }
}
