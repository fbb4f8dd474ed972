package io.longshore.sys;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lists TCP sockets from {@code /proc/net/tcp} and {@code tcp6}; proc_net_tcp in the kernel's documentation. A line is
 *
 * <pre>
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm-&gt;when retrnsmt   uid  timeout inode
 *    0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1061 ...
 * </pre>
 *
 * where an address is one or four words of 32 bits, each printed as a number of the host's byte order, and the port a
 * plain number. The file is read a buffer at a time and parsed in place.
 */
final class ProcTcp {
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    private final Path ipv4;
    private final Path ipv6;
    private final byte[] buffer = new byte[64 * 1024];

    /** Where the next field of the line begins. */
    private int next;

    ProcTcp(Path proc) {
        ipv4 = proc.resolve("net/tcp");
        ipv6 = proc.resolve("net/tcp6");
    }

    /** One pass over both files; the second may be missing. Returns how many sockets the mask and the port let through. */
    int read(int stateMask, int remotePort, SocketTable.Visitor visitor) throws IOException {
        int count = read(ipv4, false, stateMask, remotePort, visitor);
        return Files.exists(ipv6) ? count + read(ipv6, true, stateMask, remotePort, visitor) : count;
    }

    private int read(Path file, boolean isIpv6, int stateMask, int remotePort, SocketTable.Visitor visitor)
            throws IOException {
        int count = 0;
        boolean isTitle = true;
        int filled = 0;
        try (InputStream in = new FileInputStream(file.toFile())) {
            while (true) {
                int got = in.read(buffer, filled, buffer.length - filled);
                if (got <= 0) {
                    return count;
                }
                filled += got;
                int start = 0;
                for (int end = newline(start, filled); end >= 0; end = newline(start, filled)) {
                    if (!isTitle && line(start, isIpv6, stateMask, remotePort, visitor)) {
                        count++;
                    }
                    isTitle = false;
                    start = end + 1;
                }
                if (start == 0 && filled == buffer.length) {
                    throw new IOException(file + " has a line of more than " + filled + " bytes");
                }
                System.arraycopy(buffer, start, buffer, 0, filled - start);
                filled -= start;
            }
        }
    }

    private int newline(int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean line(int start, boolean isIpv6, int stateMask, int remotePort, SocketTable.Visitor visitor) {
        next = start;
        skip(1);
        long localHigh = isIpv6 ? words() : 0;
        long localLow = isIpv6 ? words() : MAPPED_PREFIX | word();
        next++;
        int localPort = (int) hex(4);
        skip(0);
        long remoteHigh = isIpv6 ? words() : 0;
        long remoteLow = isIpv6 ? words() : MAPPED_PREFIX | word();
        next++;
        int peerPort = (int) hex(4);
        skip(0);
        int state = (int) hex(2);
        if ((stateMask & 1 << state) == 0 || (remotePort != 0 && remotePort != peerPort)) {
            return false;
        }
        skip(3); // the queues, the timer, the retransmissions
        int uid = (int) decimal();
        skip(1);
        long inode = decimal();
        visitor.socket(state, localHigh, localLow, localPort, remoteHigh, remoteLow, peerPort, inode, uid);
        return true;
    }

    /** Moves to the field after so many others. */
    private void skip(int fields) {
        for (int i = 0; ; i++) {
            while (buffer[next] == ' ') {
                next++;
            }
            if (i == fields) {
                return;
            }
            while (buffer[next] != ' ' && buffer[next] != '\n') {
                next++;
            }
        }
    }

    private long words() {
        long first = word();
        return first << 32 | word();
    }

    /** Eight digits that the kernel printed as a number of its own byte order, as a number of the network's. */
    private long word() {
        int bits = (int) hex(8);
        return (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(bits) : bits) & 0xffff_ffffL;
    }

    private long hex(int digits) {
        long value = 0;
        for (int i = 0; i < digits; i++) {
            value = value << 4 | Character.digit(buffer[next++], 16);
        }
        return value;
    }

    private long decimal() {
        long value = 0;
        while (buffer[next] >= '0' && buffer[next] <= '9') {
            value = value * 10 + (buffer[next++] - '0');
        }
        return value;
    }
}
