package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A network namespace with nothing but loopback and a local port range of its own: the host's settings are never touched. A
 * shell holds it until its input ends; other programs enter it by its pid.
 *
 * <p>TIME_WAIT is switched off in it. Whether a proxy ends its origin connections with a FIN or a reset is not the question
 * here, and on a few thousand ports it would drown the one that is: what finding a free port costs.
 */
final class PrivateNetwork implements AutoCloseable {
    private static final long READY_MS = 10_000;
    private static final String SCRIPT = "ip link set lo up && echo \"$1\" >/proc/sys/net/ipv4/ip_local_port_range"
            + " && echo 0 >/proc/sys/net/ipv4/tcp_max_tw_buckets && echo ready && read -r end";

    private final Child holder;

    private PrivateNetwork(Child holder) {
        this.holder = holder;
    }

    /** @throws IOException where this may not be done, without root for instance; the message says so */
    static PrivateNetwork open(String localPorts, Path log, Children children)
            throws IOException, InterruptedException {
        List<String> command = List.of("unshare", "--net", "sh", "-c", SCRIPT, "network", localPorts.replace('-', ' '));
        Child holder = Child.talking("a network namespace (it needs root)", command, log, children);
        try {
            holder.awaitLine("ready", READY_MS);
            return new PrivateNetwork(holder);
        } catch (IOException | InterruptedException e) {
            holder.close();
            throw e;
        }
    }

    /** What to put before a command to have it run inside. */
    List<String> prefix() {
        return List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net");
    }

    @Override
    public void close() {
        holder.close();
    }
}
