package io.longshore.sys;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Tells the service manager about our state: one datagram to the socket named by {@code NOTIFY_SOCKET}; sd_notify(3).
 * The JDK has no AF_UNIX datagrams, so it is sent through libc.
 */
public final class SystemdNotify {
    private static final int PATH_MAX = 108;

    private SystemdNotify() {}

    /**
     * Sends a state such as {@code READY=1} or {@code STOPPING=1} to the supervisor that started us, if there is one.
     *
     * @return whether a supervisor was told
     */
    public static boolean send(String state) {
        return send(state, System.getenv("NOTIFY_SOCKET"));
    }

    /** The same to a given socket: a path, or an abstract name that begins with {@code @}. */
    static boolean send(String state, String socketName) {
        if (socketName == null || !(socketName.startsWith("/") || socketName.startsWith("@"))) {
            return false;
        }
        byte[] name = socketName.getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_MAX) {
            return false;
        }
        boolean isAbstract = name[0] == '@';
        if (isAbstract) {
            name[0] = 0;
        }
        byte[] text = state.getBytes(StandardCharsets.UTF_8);
        ByteBuffer memory =
                ByteBuffer.allocateDirect(2 + PATH_MAX + text.length).order(ByteOrder.nativeOrder());
        memory.putShort((short) Kernel.AF_UNIX).put(name);
        memory.position(2 + PATH_MAX).put(text);
        long pointer = Memory.addressOf(memory);
        int fd = Libc.socket(Kernel.AF_UNIX, Kernel.SOCK_DGRAM | Kernel.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return false;
        }
        // An abstract name is as long as the address says; a path ends at its zero byte, which is counted.
        int addressLength = 2 + name.length + (isAbstract ? 0 : 1);
        long sent = Libc.sendto(fd, pointer + 2 + PATH_MAX, text.length, Kernel.MSG_NOSIGNAL, pointer, addressLength);
        // An address does not keep its buffer alive.
        Reference.reachabilityFence(memory);
        Libc.close(fd);
        return sent == text.length;
    }
}
