package io.longshore.live;

import io.longshore.lab.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace of a test's own, with a loopback: the host's ports, routes and sysctls stay as they are. Needs
 * root and {@code ip}.
 */
final class Network implements AutoCloseable {
    private static int networks;

    private final String name;

    private Network(String name) {
        this.name = name;
    }

    /** Makes one. */
    static synchronized Network make() {
        Network network = new Network("longshore-" + ProcessHandle.current().pid() + "-" + networks++);
        ChildProcess.run("ip", "netns", "add", network.name);
        network.run("ip", "link", "set", "lo", "up");
        return network;
    }

    /** Whether this process may make one. */
    static boolean isPossible() {
        boolean hasIp = List.of("/sbin/ip", "/usr/sbin/ip", "/bin/ip", "/usr/bin/ip").stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path)));
        if (!hasIp || !"root".equals(System.getProperty("user.name"))) {
            return false;
        }
        try {
            make().close();
            return true;
        } catch (AssertionError refused) {
            // A container's root may not have CAP_SYS_ADMIN.
            return false;
        }
    }

    /** The words that run a program in here. */
    List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Runs a program in here to its end. */
    void run(String... command) {
        List<String> all = new ArrayList<>(prefix());
        all.addAll(List.of(command));
        ChildProcess.run(all.toArray(new String[0]));
    }

    /** Sets a sysctl of this namespace, such as {@code net/ipv4/ip_local_port_range}. */
    void sysctl(String key, String value) {
        run("sh", "-c", "echo '" + value + "' > /proc/sys/" + key);
    }

    /** Lays a cable to another one: a pair of interfaces called {@code cable}, with an address each (in CIDR notation). */
    void connect(Network other, String address, String otherAddress) {
        String[] pair = {"ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", other.name};
        run(pair);
        run("ip", "address", "add", address, "dev", "cable");
        other.run("ip", "address", "add", otherAddress, "dev", "cable");
        run("ip", "link", "set", "cable", "up");
        other.run("ip", "link", "set", "cable", "up");
    }

    /** Cuts the cable: what is sent from now on is lost without a word. */
    void cut() {
        run("ip", "link", "set", "cable", "down");
    }

    @Override
    public void close() {
        ChildProcess.run("ip", "netns", "delete", name);
    }
}
