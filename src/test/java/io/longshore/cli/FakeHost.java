package io.longshore.cli;

import io.longshore.sys.KernelFeatures;
import io.longshore.sys.Limits;
import io.longshore.sys.PortFeatures;
import io.longshore.sys.Proc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** A host that never was: tuned for a million tunnels, until a test spoils one thing of it. */
final class FakeHost {
    static final int REFUSED = -99;

    private final Path root;
    private final BitSet listeners = new BitSet();
    private PortFeatures features = new PortFeatures(true, true, true, true, true, true, "6.12.1-fake");
    private KernelFeatures kernel = new KernelFeatures(0, 0);
    private Limits descriptors = new Limits(2_097_152, 2_097_152);
    private long memoryBytes = 10_700_000_000L;
    private DoctorHost.LocalCheck isLocal = (high, low) -> 0;

    FakeHost(Path root) {
        this.root = root;
        with("sys/net/ipv4/ip_local_port_range", "9024\t65535");
        with("sys/net/ipv4/ip_local_reserved_ports", "");
        with("sys/net/ipv4/tcp_timestamps", "1");
        with("sys/net/ipv4/tcp_tw_reuse", "2");
        with("sys/net/ipv4/tcp_mem", "2097152\t2621440\t3145728");
        with("sys/net/ipv4/tcp_max_tw_buckets", "2097152");
        with("sys/net/ipv4/tcp_syncookies", "1");
        with("sys/net/core/somaxconn", "65535");
        with("sys/net/netfilter/nf_conntrack_max", "2621440");
        with("sys/fs/nr_open", "2097152");
        with("sys/fs/file-max", "9223372036854775807");
    }

    /** Writes a file below {@code /proc}. */
    FakeHost with(String name, String text) {
        try {
            Files.createDirectories(root.resolve(name).getParent());
            Files.writeString(root.resolve(name), text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    FakeHost without(String name) {
        try {
            Files.delete(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    FakeHost withPorts(boolean noPort, boolean portRange, boolean portRangeSteps) {
        features = new PortFeatures(noPort, noPort, portRange, portRange, portRangeSteps, portRangeSteps, "5.10-fake");
        return this;
    }

    FakeHost withKernel(int ioUring, int kernelTls) {
        kernel = new KernelFeatures(ioUring, kernelTls);
        return this;
    }

    FakeHost withDescriptors(long limit) {
        descriptors = new Limits(limit, limit);
        return this;
    }

    FakeHost withMemory(long bytes) {
        memoryBytes = bytes;
        return this;
    }

    FakeHost withListener(int port) {
        listeners.set(port);
        return this;
    }

    FakeHost withLocal(DoctorHost.LocalCheck check) {
        isLocal = check;
        return this;
    }

    DoctorHost host() {
        return new DoctorHost(
                new Proc(root),
                features,
                kernel,
                descriptors,
                memoryBytes,
                (BitSet) listeners.clone(),
                isLocal,
                Runtime.version());
    }
}
