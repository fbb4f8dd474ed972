package io.longshore.net.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.sys.IoUring;
import io.longshore.sys.Kernel;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the bytes of a completion stand, and when a buffer is provided again. */
final class RecvBuffersTest {
    private static final int BYTES = 4 << 10;
    private static final int MORE = Kernel.IORING_CQE_F_BUF_MORE;

    private IoUring kernel;
    private RecvBuffers buffers;

    @BeforeEach
    void open() throws IOException {
        UringProbe probe = UringProbe.run();
        assumeTrue(probe.obstacle() == null, probe::obstacle);
        kernel = IoUring.open(8, 16, 0, new int[1]);
        assertNotNull(kernel);
    }

    @AfterEach
    void close() {
        if (kernel != null) {
            kernel.close();
            buffers.close();
        }
    }

    private static int of(int id) {
        return id << Kernel.IORING_CQE_BUFFER_SHIFT | Kernel.IORING_CQE_F_BUFFER;
    }

    @Test
    void aWholeBufferIsFinishedByOneArrival() throws IOException {
        buffers = new RecvBuffers(kernel, 4, BYTES, false);
        long first = buffers.take(of(0), 10);
        assertEquals(first + 2 * BYTES, buffers.take(of(2), 10));
        assertEquals(2, buffers.provided());
        buffers.used(of(0));
        buffers.used(of(2));
        assertEquals(2, buffers.provided(), "sends may still read it");
        buffers.giveBack();
        assertEquals(4, buffers.provided());
        assertEquals(first, buffers.take(of(0), 10), "from its beginning");
    }

    @Test
    void anIncrementalBufferIsFinishedWhenTheKernelSaysSo() throws IOException {
        buffers = new RecvBuffers(kernel, 4, BYTES, true);
        long first = buffers.take(of(1) | MORE, 100);
        buffers.used(of(1) | MORE);
        assertEquals(first + 100, buffers.take(of(1) | MORE, 28));
        buffers.used(of(1) | MORE);
        buffers.giveBack();
        assertEquals(4, buffers.provided(), "the kernel goes on with it");
        assertEquals(first + 128, buffers.take(of(1), BYTES - 128));
        assertEquals(3, buffers.provided());
        buffers.used(of(1));
        buffers.giveBack();
        assertEquals(4, buffers.provided());
        assertEquals(first, buffers.take(of(1) | MORE, 1));
    }
}
