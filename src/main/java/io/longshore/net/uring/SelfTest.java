package io.longshore.net.uring;

import io.longshore.net.Address;
import io.longshore.net.Completions;
import io.longshore.net.Engine;
import io.longshore.sys.ErrorText;
import java.io.IOException;
import org.agrona.UnsafeApi;

/**
 * An engine that talks to itself over loopback. What it sends is more than the kernel takes at once for a peer that is held,
 * so sends that fall short, bytes that wait, receives that are told to end and begin anew, and the end of a stream all have
 * their turn; and every byte must arrive, once and in order.
 */
final class SelfTest implements Completions {
    private static final int STRIDE = 251;
    /** What is sent again and again; the pattern goes on where it ends. */
    private static final int PIECE = 512 * STRIDE;
    /** More than the send buffer of a fresh connection and the receive window of another, some 2.5 MB. */
    static final int PIECES = 48;

    private static final int LENGTH = PIECES * PIECE;

    private static final long DEADLINE_NS = 2_000_000_000L;
    private static final long HELD_NS = 1_000_000L;

    private final Engine engine;
    private final long bytes = UnsafeApi.allocateMemory(PIECE);
    private long dialled;
    private long accepted;
    private int received;
    private int sent;
    private boolean hasEnded;
    private String fault;

    SelfTest(Engine engine) {
        this.engine = engine;
    }

    /** Talks; null if all is well, else what is wrong. */
    String fault() {
        try {
            for (int i = 0; i < PIECE; i++) {
                UnsafeApi.putByte(bytes + i, (byte) (i % STRIDE));
            }
            long listener = engine.listen(Address.ofIpv4(0x7f00_0001, 0));
            dialled = engine.dial(engine.localAddress(listener), null);
            long deadlineNs = engine.clockNs() + DEADLINE_NS;
            while (fault == null && !hasEnded) {
                if (engine.clockNs() - deadlineNs >= 0) {
                    fault = "self-test: " + received + " of " + LENGTH + " bytes came, and then nothing";
                }
                engine.poll(HELD_NS, this);
            }
            return fault;
        } catch (IOException e) {
            return "self-test: " + e.getMessage();
        } finally {
            engine.close();
            UnsafeApi.freeMemory(bytes);
        }
    }

    private void begin() {
        if (accepted != 0 && dialled != 0) {
            for (int i = 0; i < PIECES; i++) {
                engine.send(dialled, bytes, PIECE);
            }
            engine.finish(dialled);
            // As in a tunnel: what is received there is received in another way than in a handshake.
            engine.flow(accepted, dialled, true);
            engine.receive(accepted, true);
        }
    }

    @Override
    public void accepted(long listener, long handle, Address peer) {
        accepted = handle;
    }

    @Override
    public void connected(long handle, int result) {
        if (result < 0) {
            broken(handle, result);
        } else {
            engine.schedule(handle, engine.nowNs());
        }
    }

    @Override
    public void expired(long handle) {
        if (handle == dialled && accepted == 0) {
            engine.schedule(handle, engine.nowNs());
        } else if (handle == dialled) {
            begin();
        } else {
            engine.receive(handle, true);
        }
    }

    @Override
    public void received(long handle, long address, int length) {
        for (int i = 0; i < length; i += STRIDE / 2) {
            if (UnsafeApi.getByte(address + i) != (byte) ((received + i) % STRIDE)) {
                fault = "self-test: a wrong byte at " + (received + i);
            }
        }
        boolean isFirst = received == 0;
        received += length;
        if (isFirst) {
            // Held, the rest waits in both kernels' buffers, and what those refuse in the engine's.
            engine.receive(handle, false);
            engine.flow(accepted, dialled, false);
            engine.schedule(handle, engine.nowNs());
        }
    }

    @Override
    public void sent(long handle, int count) {
        sent += count;
    }

    @Override
    public void ended(long handle) {
        hasEnded = true;
        if (received != LENGTH || sent != LENGTH) {
            fault = "self-test: " + received + " of " + LENGTH + " bytes came, " + sent + " were taken";
        }
    }

    @Override
    public void broken(long handle, int result) {
        fault = "self-test: " + ErrorText.of(-result);
    }

    @Override
    public void acceptPaused(long listener, int result) {
        broken(listener, result);
    }
}
