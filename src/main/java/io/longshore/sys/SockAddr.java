package io.longshore.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One off-heap {@code sockaddr_in} or {@code sockaddr_in6}, for reuse by one thread, and the {@code socklen_t} behind it.
 *
 * <pre>
 *   sockaddr_in  (16 bytes): family:2 (host order)  port:2 (network order)  address:4 (network order)  zero:8
 *   sockaddr_in6 (28 bytes): family:2               port:2                  flow:4  address:16         scope:4
 *   socklen_t at 28
 * </pre>
 *
 * <p>An address is a pair of longs in network order, IPv4 in IPv4-mapped form (as {@code io.longshore.net.Address}).
 * Source: ip(7), ipv6(7).
 */
public final class SockAddr {
    private static final int LENGTH_OFFSET = 28;
    private static final int IPV4_LENGTH = 16;
    private static final int IPV6_LENGTH = 28;
    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    // A direct buffer, held here for as long as its address is used.
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(32).order(ByteOrder.BIG_ENDIAN);
    private final long address = Memory.addressOf(bytes);

    /** Whether these 128 bits are an IPv4 address in IPv4-mapped form. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED_PREFIX;
    }

    /** Makes this the given address and port. */
    public SockAddr set(long high, long low, int port) {
        boolean ipv4 = isIpv4(high, low);
        putFamily(ipv4 ? Kernel.AF_INET : Kernel.AF_INET6);
        bytes.putShort(2, (short) port);
        if (ipv4) {
            bytes.putInt(4, (int) low);
            bytes.putLong(8, 0);
        } else {
            bytes.putInt(4, 0);
            bytes.putLong(8, high);
            bytes.putLong(16, low);
            bytes.putInt(24, 0);
        }
        return this;
    }

    /** The first eight bytes of the address. */
    public long high() {
        return family() == Kernel.AF_INET6 ? bytes.getLong(8) : 0;
    }

    /** The last eight bytes of the address. */
    public long low() {
        return family() == Kernel.AF_INET6 ? bytes.getLong(16) : MAPPED_PREFIX | (bytes.getInt(4) & 0xffff_ffffL);
    }

    /** The port, 0 to 65535. */
    public int port() {
        return bytes.getShort(2) & 0xffff;
    }

    long pointer() {
        return address;
    }

    int length() {
        return family() == Kernel.AF_INET6 ? IPV6_LENGTH : IPV4_LENGTH;
    }

    /** The pointer to the socklen_t, set to the room there is, for a call that fills this in. */
    long lengthPointer() {
        bytes.order(ByteOrder.nativeOrder()).putInt(LENGTH_OFFSET, IPV6_LENGTH);
        bytes.order(ByteOrder.BIG_ENDIAN);
        return address + LENGTH_OFFSET;
    }

    /** The same, and no longer than an IPv4 address. */
    long ipv4LengthPointer() {
        long pointer = lengthPointer();
        bytes.order(ByteOrder.nativeOrder()).putInt(LENGTH_OFFSET, IPV4_LENGTH);
        bytes.order(ByteOrder.BIG_ENDIAN);
        return pointer;
    }

    boolean isIpv6() {
        return family() == Kernel.AF_INET6;
    }

    private int family() {
        // The family alone is in host order; both of our architectures are little-endian.
        int family = bytes.order(ByteOrder.nativeOrder()).getShort(0);
        bytes.order(ByteOrder.BIG_ENDIAN);
        return family;
    }

    private void putFamily(int family) {
        bytes.order(ByteOrder.nativeOrder()).putShort(0, (short) family);
        bytes.order(ByteOrder.BIG_ENDIAN);
    }
}
