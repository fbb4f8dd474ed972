package io.longshore.http;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * Version 2 of the PROXY protocol (proxy-protocol.txt section 2.2), all numbers in network order:
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |           signature: 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A      |
 *   |                             12 bytes                          |
 *   +-------+-------+-------+-------+-------------------------------+
 *   |   2   |command|family |transp.|    length of what follows     |
 *   +-------+-------+-------+-------+-------------------------------+
 *   |   source address, destination address: 4, 16 or 108 bytes each|
 *   |   source port, destination port: 2 bytes each (not for UNIX)  |
 *   +---------------+-------------------------------+---------------+
 *   |     type      |            length             |   value ...   |
 *   +---------------+-------------------------------+---------------+  (any number)
 * </pre>
 *
 * <p>The command is LOCAL or PROXY. A LOCAL header is skipped whole, as the specification wants it; so is one without
 * a family or a transport, of which nothing is known. Else the addresses must be there, what stands behind them must be
 * whole type-length-values, and where one of these is a checksum it must be right.
 */
final class ProxyBlock {
    private static final byte[] SIGNATURE = {
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    };

    private static final int COMMAND_OFFSET = 12;
    private static final int FAMILY_OFFSET = 13;
    private static final int LENGTH_OFFSET = 14;
    private static final int ADDRESSES_OFFSET = 16;

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;

    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 1;
    private static final int AF_INET6 = 2;
    private static final int AF_UNIX = 3;
    private static final int UNSPEC = 0;
    private static final int STREAM = 1;
    private static final int DGRAM = 2;

    private static final int TYPE_CRC32C = 0x03;
    private static final int CRC32C_BYTES = 4;
    /** Type and length. */
    private static final int TLV_HEAD_BYTES = 3;

    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    private ProxyBlock() {}

    /** As {@link ProxyHeader#parse}. */
    static int parse(ProxyHeader header, DirectBuffer buffer, int offset, int length) {
        for (int i = 0; i < Math.min(length, SIGNATURE.length); i++) {
            if (buffer.getByte(offset + i) != SIGNATURE[i]) {
                return ProxyHeader.MALFORMED;
            }
        }
        if (length <= COMMAND_OFFSET) {
            return 0;
        }
        int command = buffer.getByte(offset + COMMAND_OFFSET);
        if (command != LOCAL && command != PROXY) {
            return ProxyHeader.MALFORMED;
        }
        if (length <= FAMILY_OFFSET) {
            return 0;
        }
        int family = buffer.getByte(offset + FAMILY_OFFSET) >> 4 & 0xf;
        int transport = buffer.getByte(offset + FAMILY_OFFSET) & 0xf;
        if (command == PROXY && (family > AF_UNIX || transport > DGRAM)) {
            return ProxyHeader.MALFORMED;
        }
        if (length < ADDRESSES_OFFSET) {
            return 0;
        }
        boolean isSkipped = command == LOCAL || family == AF_UNSPEC || transport == UNSPEC;
        int values = ADDRESSES_OFFSET + (isSkipped ? 0 : addressBytes(family));
        int total = ADDRESSES_OFFSET + unsignedShort(buffer, offset + LENGTH_OFFSET);
        if (total < values || total > ProxyHeader.BYTES_MAX) {
            return ProxyHeader.MALFORMED;
        }
        if (length < total) {
            return 0;
        }
        if (!isSkipped && !areWhole(header.checksum, buffer, offset, values, total)) {
            return ProxyHeader.MALFORMED;
        }
        header.isLocal = command == LOCAL;
        header.isNamed = !isSkipped && transport == STREAM && family != AF_UNIX;
        if (header.isNamed) {
            name(header, buffer, offset + ADDRESSES_OFFSET, family);
        }
        return total;
    }

    /** Source and destination, with their ports. */
    private static int addressBytes(int family) {
        return switch (family) {
            case AF_INET -> 12;
            case AF_INET6 -> 36;
            default -> 216;
        };
    }

    private static void name(ProxyHeader header, DirectBuffer buffer, int from, int family) {
        if (family == AF_INET) {
            header.bits[0] = 0;
            header.bits[1] = MAPPED_PREFIX | (buffer.getInt(from, ByteOrder.BIG_ENDIAN) & 0xffff_ffffL);
            header.port = unsignedShort(buffer, from + 8);
        } else {
            header.bits[0] = buffer.getLong(from, ByteOrder.BIG_ENDIAN);
            header.bits[1] = buffer.getLong(from + 8, ByteOrder.BIG_ENDIAN);
            header.port = unsignedShort(buffer, from + 32);
        }
    }

    /** Whether the type-length-values end where the header does, and the checksum, if there is one, is right. */
    private static boolean areWhole(CRC32C checksum, DirectBuffer buffer, int offset, int from, int total) {
        int at = from;
        int checksumAt = 0;
        while (total - at >= TLV_HEAD_BYTES) {
            int type = buffer.getByte(offset + at);
            int valueLength = unsignedShort(buffer, offset + at + 1);
            at += TLV_HEAD_BYTES;
            if (type == TYPE_CRC32C) {
                // Of two checksums none could be computed: each is part of what the other one covers.
                if (valueLength != CRC32C_BYTES || checksumAt != 0) {
                    return false;
                }
                checksumAt = at;
            }
            at += valueLength;
        }
        return at == total && (checksumAt == 0 || isRight(checksum, buffer, offset, checksumAt, total));
    }

    /** The checksum is that of the whole header with zeros in its own place (CRC32c, RFC 9260 appendix A). */
    private static boolean isRight(CRC32C checksum, DirectBuffer buffer, int offset, int at, int total) {
        checksum.reset();
        for (int i = 0; i < total; i++) {
            boolean isChecksum = i >= at && i < at + CRC32C_BYTES;
            checksum.update(isChecksum ? 0 : buffer.getByte(offset + i));
        }
        return (int) checksum.getValue() == buffer.getInt(offset + at, ByteOrder.BIG_ENDIAN);
    }

    private static int unsignedShort(DirectBuffer buffer, int at) {
        return buffer.getShort(at, ByteOrder.BIG_ENDIAN) & 0xffff;
    }
}
