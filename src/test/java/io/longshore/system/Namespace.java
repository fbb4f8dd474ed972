package io.longshore.system;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network namespace without a name: it lives as long as a child process of ours, and its devices with it, so that a
 * test run that was killed leaves nothing behind. Nothing outside can be reached from it, and nothing of the host's
 * network is touched.
 */
final class Namespace implements AutoCloseable {
    private final ChildProcess holder;

    private Namespace(ChildProcess holder) {
        this.holder = holder;
    }

    /** Makes one with loopback up. Needs root. */
    static Namespace create() {
        // The word comes from inside: entering earlier would be entering the host's own namespace.
        ChildProcess holder =
                ChildProcess.start("unshare", "--net", "sh", "-c", "ip link set lo up && echo inside && exec cat");
        try {
            if (!holder.nextLine(Await.PATIENCE).equals("inside")) {
                throw new AssertionError("no namespace: " + holder);
            }
            return new Namespace(holder);
        } catch (AssertionError failed) {
            holder.close();
            throw failed;
        }
    }

    /** What to put before a command that is to run inside; it execs. */
    List<String> prefix() {
        return List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--");
    }

    /** Runs a command of words without spaces inside, to its end; returns its output. */
    List<String> run(String command) {
        List<String> all = new ArrayList<>(prefix());
        all.addAll(List.of(command.split(" ")));
        return ChildProcess.run(all, Map.of(), Await.PATIENCE);
    }

    /**
     * A cable to another namespace: a veth pair.
     *
     * @param device its end in this namespace
     * @param address of that end, with the prefix length
     * @param otherDevice its end in the other one
     */
    void cable(String device, String address, Namespace other, String otherDevice, String otherAddress) {
        long there = other.holder.pid();
        run("ip link add " + device + " type veth peer name " + otherDevice + " netns " + there);
        up(device, address);
        other.up(otherDevice, otherAddress);
    }

    /** Makes what leaves through the device slow and what arrives lossy; returns how, in words. */
    String impair(String device) {
        String queue = "tc qdisc add dev " + device + " root ";
        if (hasNetem(device)) {
            run(queue + "netem delay 15ms 5ms loss 3% duplicate 1% reorder 5%");
            return "netem: 15 ms +- 5, 3 % lost, 1 % doubled, 5 % reordered";
        }
        // A kernel without netem: a narrow link with a queue too short for a window of TCP delays and drops its tail,
        // and the packet filter throws away arriving packets at random.
        run(queue + "tbf rate 100mbit burst 16k latency 4ms");
        run("nft add table inet loss");
        run("nft add chain inet loss arriving { type filter hook input priority 0 ; }");
        run("nft add rule inet loss arriving iifname " + device
                + " meta l4proto tcp numgen random mod 1000 < 30 counter drop");
        return "tbf and nft: 100 Mbit/s, a queue of 4 ms, 3 % lost on arrival";
    }

    @Override
    public void close() {
        holder.stop();
    }

    private void up(String device, String address) {
        // One packet a segment: offloading would send 64 KiB through the lossy link in one piece.
        run("ip link set " + device + " gso_max_segs 1");
        run("ip addr add " + address + " dev " + device);
        run("ip link set " + device + " up");
    }

    private boolean hasNetem(String device) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(List.of("tc", "qdisc", "add", "dev", device, "root", "netem", "delay", "1ms"));
        try (ChildProcess tried = ChildProcess.start(command, Map.of())) {
            if (tried.exitCode(Await.PATIENCE) != 0) {
                return false;
            }
        }
        run("tc qdisc del dev " + device + " root");
        return true;
    }
}
