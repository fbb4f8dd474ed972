package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SystemdNotifyTest {
    @TempDir
    private Path folder;

    /** The supervisor's end: a bound AF_UNIX datagram socket, which the JDK does not have. */
    private static final class Supervisor implements AutoCloseable {
        static {
            Native.register(Supervisor.class, "c");
        }

        private final ByteBuffer memory = ByteBuffer.allocateDirect(4_096).order(ByteOrder.nativeOrder());
        private final int fd = Libc.socket(Kernel.AF_UNIX, Kernel.SOCK_DGRAM | Kernel.SOCK_NONBLOCK, 0);

        Supervisor(byte[] name) {
            memory.putShort((short) Kernel.AF_UNIX).put(name);
            assertEquals(0, Libc.bind(fd, Memory.addressOf(memory), 2 + name.length));
        }

        static native long recv(int fd, long bytes, long length, int flags);

        /** The next datagram; one on this host has arrived when it has been sent. */
        String next() {
            int length = (int) recv(fd, Memory.addressOf(memory), memory.capacity(), 0);
            byte[] bytes = new byte[Math.max(0, length)];
            memory.get(0, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            Libc.close(fd);
        }
    }

    @Test
    void tellsASupervisorThatHasAPath() {
        String path = folder.resolve("notify").toString();
        try (Supervisor supervisor = new Supervisor((path + "\0").getBytes(StandardCharsets.UTF_8))) {
            assertTrue(SystemdNotify.send("READY=1", path));
            assertEquals("READY=1", supervisor.next());
            assertTrue(SystemdNotify.send("STOPPING=1\nSTATUS=zu Ende — gleich", path));
            assertEquals("STOPPING=1\nSTATUS=zu Ende — gleich", supervisor.next());
        }
    }

    @Test
    void tellsASupervisorThatHasAnAbstractName() {
        String name = "longshore-test-" + ProcessHandle.current().pid();
        try (Supervisor supervisor = new Supervisor(("\0" + name).getBytes(StandardCharsets.UTF_8))) {
            assertTrue(SystemdNotify.send("READY=1", "@" + name));
            assertEquals("READY=1", supervisor.next());
        }
    }

    @Test
    void saysWhenNobodyWasTold() {
        assertFalse(SystemdNotify.send("READY=1", null));
        assertFalse(SystemdNotify.send("READY=1", ""));
        assertFalse(SystemdNotify.send("READY=1", "vsock:2:1234"));
        assertFalse(SystemdNotify.send("READY=1", folder.resolve("nobody").toString()));
        assertFalse(SystemdNotify.send("READY=1", "/" + "x".repeat(107)), "longer than a sockaddr_un holds");
    }
}
