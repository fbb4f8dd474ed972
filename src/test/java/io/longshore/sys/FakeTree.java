package io.longshore.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder that stands for {@code /proc}, of a machine with 64 GB in its initial network namespace. It notes every write, and
 * can refuse or bend one.
 */
final class FakeTree extends SysctlTree {
    static final String BOOT = "11111111-2222-3333-4444-555555555555";

    final List<String> writes = new ArrayList<>();
    private final Map<String, String> bent = new HashMap<>();
    private final List<String> locked = new ArrayList<>();
    private final Path proc;
    private String broken = "";
    private Runnable beforeWrite = () -> {};

    FakeTree(Path proc) {
        super(proc);
        this.proc = proc;
        set("kernel.random.boot_id", BOOT);
        set("net.core.netdev_max_backlog", "1000");
        set("net.ipv4.ip_unprivileged_port_start", "1024");
        set("net.ipv4.ip_local_port_range", "32768\t60999");
        set("net.ipv4.ip_local_reserved_ports", "");
        memory(64L << 30);
        network("self", 4026531833L);
    }

    FakeTree set(String key, String value) {
        file("sys/" + key.replace('.', '/'), value + "\n");
        return this;
    }

    FakeTree memory(long bytes) {
        file("meminfo", "MemTotal:       " + bytes / 1024 + " kB\nMemFree:  1 kB\n");
        return this;
    }

    /** The rows of {@code tcp}, {@code tcp6}, {@code udp} or {@code udp6}: {@code 1F90/0A} is port 8080 that listens. */
    FakeTree sockets(String table, String... rows) {
        StringBuilder text = new StringBuilder("  sl  local_address rem_address   st tx_queue rx_queue\n");
        for (int i = 0; i < rows.length; i++) {
            String[] row = rows[i].split("/");
            text.append("   %d: 0100007F:%s 00000000:0000 %s 00000000:00000000 00:0\n".formatted(i, row[0], row[1]));
        }
        file("self/net/" + table, text.toString());
        return this;
    }

    /** Moves to another network namespace, in which the keys of the host are not to be seen. */
    FakeTree leave(long inode) {
        try {
            Files.delete(proc.resolve("sys/net/core/netdev_max_backlog"));
            Files.delete(proc.resolve("self/ns/net"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return network("self", inode);
    }

    FakeTree network(String process, long inode) {
        try {
            Path link = proc.resolve(process + "/ns/net");
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, Path.of("net:[" + inode + "]"));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kernel will refuse every write of this key; an empty name ends that. */
    FakeTree breakOn(String key) {
        broken = key;
        return this;
    }

    /** The kernel will take this in place of whatever is written. */
    FakeTree bend(String key, String taken) {
        bent.put(key, taken);
        return this;
    }

    /** The key will not open for writing. */
    FakeTree lock(String key) {
        locked.add(key);
        return this;
    }

    FakeTree beforeWrite(Runnable task) {
        beforeWrite = task;
        return this;
    }

    @Override
    public void probe(String key) throws IOException {
        if (locked.contains(key)) {
            throw new IOException("Read-only file system");
        }
        super.probe(key);
    }

    @Override
    public void write(String key, String value) throws IOException {
        beforeWrite.run();
        if (key.equals(broken)) {
            throw new IOException("Invalid argument");
        }
        writes.add(key);
        // Once: what is written to take it back is taken as it is.
        String taken = bent.remove(key);
        super.write(key, taken == null ? value : taken);
    }

    private void file(String name, String text) {
        try {
            Path file = proc.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
