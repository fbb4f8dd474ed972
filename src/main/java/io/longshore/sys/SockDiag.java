package io.longshore.sys;

import static io.longshore.sys.Libc.checked;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Lists TCP sockets through netlink; sock_diag(7). A request is a header and an {@code inet_diag_req_v2}, an answer is
 * any number of headers with an {@code inet_diag_msg} each, then NLMSG_DONE:
 *
 * <pre>
 *   nlmsghdr         (16 bytes): length:4  type:2  flags:2  sequence:4  port:4                          host order
 *   inet_diag_req_v2 (56 bytes): family:1  protocol:1  ext:1  pad:1  states:4  sockid:48
 *   inet_diag_msg    (72 bytes): family:1  state:1  timer:1  retrans:1  sockid:48  expires:4  rqueue:4  wqueue:4
 *                                uid:4  inode:4
 *   sockid           (48 bytes): local port:2  remote port:2  local:16  remote:16  (network order)  if:4  cookie:8
 * </pre>
 *
 * <p>The kernel makes the next part of a dump while the last one is being received, so that receiving never waits for
 * anybody and memory stays at one buffer on either side however many sockets there are.
 */
final class SockDiag {
    static final int HEADER_LENGTH = 16;
    static final int TYPE_OFFSET = 4;
    static final int FLAGS_OFFSET = 6;
    static final int SEQUENCE_OFFSET = 8;

    static final int REQUEST_LENGTH = 56;
    static final int REQUEST_FAMILY_OFFSET = 0;
    static final int REQUEST_PROTOCOL_OFFSET = 1;
    static final int REQUEST_STATES_OFFSET = 4;
    static final int REQUEST_REMOTE_PORT_OFFSET = 10;

    static final int MESSAGE_LENGTH = 72;
    static final int FAMILY_OFFSET = 0;
    static final int STATE_OFFSET = 1;
    static final int LOCAL_PORT_OFFSET = 4;
    static final int REMOTE_PORT_OFFSET = 6;
    static final int LOCAL_OFFSET = 8;
    static final int REMOTE_OFFSET = 24;
    static final int UID_OFFSET = 64;
    static final int INODE_OFFSET = 68;

    /** The kernel fills at most 32 KiB at a time. */
    private static final int CAPACITY = 64 * 1024;

    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    // Two views of the same bytes: netlink's own fields are in host order, the addresses and ports in network order.
    private final ByteBuffer host = ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.nativeOrder());
    private final ByteBuffer network = host.duplicate().order(ByteOrder.BIG_ENDIAN);
    private final long pointer = Memory.addressOf(host);

    private int sequence;

    /**
     * One pass over the sockets of both families.
     *
     * @return how many there were, or a negated errno: -EINTR if the pass was disturbed and has to be made again;
     *     -EPROTONOSUPPORT, -EPERM, -ENOENT and others if netlink or its module for TCP is not to be had
     */
    int dump(int stateMask, int remotePort, SocketTable.Visitor visitor) {
        int fd = checked(
                Libc.socket(Kernel.AF_NETLINK, Kernel.SOCK_RAW | Kernel.SOCK_CLOEXEC, Kernel.NETLINK_SOCK_DIAG));
        if (fd < 0) {
            return fd;
        }
        try {
            int ipv4 = dump(fd, Kernel.AF_INET, stateMask, remotePort, visitor);
            if (ipv4 < 0) {
                return ipv4;
            }
            int ipv6 = dump(fd, Kernel.AF_INET6, stateMask, remotePort, visitor);
            // A kernel without IPv6 has no such sockets: its refusal is no failure.
            return ipv6 == -Kernel.ENOENT ? ipv4 : ipv6 < 0 ? ipv6 : ipv4 + ipv6;
        } finally {
            Libc.close(fd);
        }
    }

    private int dump(int fd, int family, int stateMask, int remotePort, SocketTable.Visitor visitor) {
        int sent = request(fd, family, stateMask, remotePort);
        if (sent < 0) {
            return sent;
        }
        int count = 0;
        boolean isDisturbed = false;
        while (true) {
            int length = receive(fd);
            if (length < HEADER_LENGTH) {
                return length < 0 ? length : -Kernel.EPROTO;
            }
            int at = 0;
            while (length - at >= HEADER_LENGTH) {
                int messageLength = host.getInt(at);
                if (messageLength < HEADER_LENGTH || messageLength > length - at) {
                    return -Kernel.EPROTO;
                }
                int type = host.getShort(at + TYPE_OFFSET) & 0xffff;
                // An answer to nobody's question is possible only from a privileged process; it is passed over.
                if (host.getInt(at + SEQUENCE_OFFSET) == sequence) {
                    isDisturbed |= (host.getShort(at + FLAGS_OFFSET) & Kernel.NLM_F_DUMP_INTR) != 0;
                    if (type == Kernel.NLMSG_DONE || type == Kernel.NLMSG_ERROR) {
                        int error = errorOf(at, messageLength);
                        return error < 0 ? error : isDisturbed ? -Kernel.EINTR : count;
                    }
                    if (type == Kernel.SOCK_DIAG_BY_FAMILY && messageLength >= HEADER_LENGTH + MESSAGE_LENGTH) {
                        tell(at + HEADER_LENGTH, visitor);
                        count++;
                    }
                }
                at += messageLength + 3 & ~3;
            }
        }
    }

    private int request(int fd, int family, int stateMask, int remotePort) {
        int length = HEADER_LENGTH + REQUEST_LENGTH;
        for (int i = 0; i < length; i += Long.BYTES) {
            host.putLong(i, 0);
        }
        host.putInt(0, length);
        host.putShort(TYPE_OFFSET, (short) Kernel.SOCK_DIAG_BY_FAMILY);
        host.putShort(FLAGS_OFFSET, (short) (Kernel.NLM_F_REQUEST | Kernel.NLM_F_DUMP));
        host.putInt(SEQUENCE_OFFSET, ++sequence);
        host.put(HEADER_LENGTH + REQUEST_FAMILY_OFFSET, (byte) family);
        host.put(HEADER_LENGTH + REQUEST_PROTOCOL_OFFSET, (byte) Kernel.IPPROTO_TCP);
        host.putInt(HEADER_LENGTH + REQUEST_STATES_OFFSET, stateMask);
        network.putShort(HEADER_LENGTH + REQUEST_REMOTE_PORT_OFFSET, (short) remotePort);
        int sent;
        do {
            sent = checked((int) Libc.send(fd, pointer, length, 0));
        } while (sent == -Kernel.EINTR);
        return sent;
    }

    private int receive(int fd) {
        int length;
        do {
            // With MSG_TRUNC the answer is the datagram's length even where the buffer is shorter.
            length = checked((int) Libc.recv(fd, pointer, CAPACITY, Kernel.MSG_TRUNC));
        } while (length == -Kernel.EINTR);
        return length > CAPACITY ? -Kernel.EMSGSIZE : length;
    }

    /** The result that ends a dump: 0 or a negated errno. A NLMSG_DONE of an old kernel may carry none. */
    private int errorOf(int at, int messageLength) {
        return messageLength >= HEADER_LENGTH + Integer.BYTES ? Math.min(0, host.getInt(at + HEADER_LENGTH)) : 0;
    }

    private void tell(int at, SocketTable.Visitor visitor) {
        boolean isIpv6 = host.get(at + FAMILY_OFFSET) == Kernel.AF_INET6;
        visitor.socket(
                host.get(at + STATE_OFFSET),
                isIpv6 ? network.getLong(at + LOCAL_OFFSET) : 0,
                isIpv6 ? network.getLong(at + LOCAL_OFFSET + 8) : mapped(network.getInt(at + LOCAL_OFFSET)),
                network.getShort(at + LOCAL_PORT_OFFSET) & 0xffff,
                isIpv6 ? network.getLong(at + REMOTE_OFFSET) : 0,
                isIpv6 ? network.getLong(at + REMOTE_OFFSET + 8) : mapped(network.getInt(at + REMOTE_OFFSET)),
                network.getShort(at + REMOTE_PORT_OFFSET) & 0xffff,
                host.getInt(at + INODE_OFFSET) & 0xffff_ffffL,
                host.getInt(at + UID_OFFSET));
    }

    private static long mapped(int ipv4) {
        return MAPPED_PREFIX | (ipv4 & 0xffff_ffffL);
    }
}
