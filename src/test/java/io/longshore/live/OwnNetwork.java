package io.longshore.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Native;
import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A network namespace for a part of this JVM: a thread that has left the host's network, with every thread and process
 * that it starts, a proxy's loops among them. Loopback is up and nothing else is there; sysctls written here are of this
 * namespace alone. It vanishes with its last socket and thread.
 *
 * <p>unshare(2) acts on the calling thread, and clone(2) hands its namespace down. Needs root: without it a test here is
 * skipped, which CI takes for a failure.
 */
final class OwnNetwork {
    private static final int CLONE_NEWNET = 0x4000_0000;

    static {
        Native.register(OwnNetwork.class, "c");
    }

    /** What is to happen inside. */
    @FunctionalInterface
    interface Body {
        void run() throws IOException;
    }

    private OwnNetwork() {}

    private static native int unshare(int flags);

    /** Runs the body inside, to its end; what it throws is thrown here. */
    static void run(Body body) {
        assumeTrue(isRoot(), "a network namespace needs root");
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        enter();
                        body.run();
                        end.complete(null);
                    } catch (IOException | RuntimeException | Error e) {
                        end.completeExceptionally(e);
                    }
                },
                "own-network");
        thread.start();
        try {
            end.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new AssertionError(e.getCause().toString(), e.getCause());
        }
    }

    private static boolean isRoot() {
        return ChildProcess.run("id", "-u").equals(List.of("0"));
    }

    private static void enter() {
        if (unshare(CLONE_NEWNET) != 0) {
            throw new AssertionError("no network namespace: errno " + Native.getLastError());
        }
        ChildProcess.run("ip", "link", "set", "lo", "up");
    }

    /** Sets a sysctl of this namespace, {@code "net/ipv4/ip_local_port_range"} for instance. */
    static void sysctl(String key, String value) {
        try {
            Files.writeString(Path.of("/proc/sys", key), value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the loopback device another address, {@code "fd00::2/128"} for instance. */
    static void address(String address) {
        ChildProcess.run("ip", "address", "add", address, "dev", "lo", "nodad");
    }
}
