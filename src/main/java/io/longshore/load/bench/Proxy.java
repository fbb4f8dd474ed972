package io.longshore.load.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A target that runs: pinned to the proxy's CPU, listening on an address of its own. */
final class Proxy implements AutoCloseable {
    private static final long READY_MS = 30_000;
    private static final long LOOK_MS = 20;
    /** The launcher has a JVM's C library give back what it keeps every five seconds. */
    private static final long SETTLED_MS = 7_000;

    private static final long SETTLED_WITHOUT_JVM_MS = 500;
    private static final long SETTLE_LOOK_MS = 250;

    private final Target target;
    private final Child child;
    private final String address;
    private final int port;

    private Proxy(Target target, Child child, String address, int port) {
        this.target = target;
        this.child = child;
        this.address = address;
        this.port = port;
    }

    /**
     * Starts a target and waits until it listens.
     *
     * @param folder for its configuration and its log
     * @param origins the endpoints that it is to dial
     * @param prefix of the command, to have it run in another network; may be empty
     */
    static Proxy start(
            Target target,
            BenchSettings settings,
            int port,
            List<String> origins,
            Path folder,
            List<String> prefix,
            Children children)
            throws IOException, InterruptedException {
        Path config = writeConfig(target, settings, port, origins, folder);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("taskset", "-c", Integer.toString(settings.proxyCpu())));
        command.addAll(Target.filled(target.command(), braces(settings, config)));
        Child child = Child.silent(target.name(), command, folder.resolve(target.name() + ".log"), children);
        Proxy proxy = new Proxy(target, child, settings.proxyAddress(), port);
        try {
            proxy.awaitListening();
            return proxy;
        } catch (IOException | InterruptedException e) {
            proxy.close();
            throw e;
        }
    }

    /** Writes the target's configuration into {@code folder/NAME/}; returns the file. */
    static Path writeConfig(Target target, BenchSettings settings, int port, List<String> origins, Path folder)
            throws IOException {
        Path own = Files.createDirectories(folder.toAbsolutePath().resolve(target.name()));
        String text = Template.fill(
                Files.readString(target.template()), settings.proxyAddress(), port, origins, own.toString());
        return Files.writeString(own.resolve(target.template().getFileName().toString()), text);
    }

    /** What stands in the braces of a target's commands. */
    static Map<String, String> braces(BenchSettings settings, Path config) {
        Map<String, String> values = new HashMap<>(settings.programs());
        values.put("config", config.toString());
        values.put("folder", config.getParent().toString());
        return values;
    }

    Target target() {
        return target;
    }

    /** Where clients connect, {@code address:port}. */
    String endpoint() {
        return address + ":" + port;
    }

    /** Its processes, workers included, as the load watches them. */
    String watched() {
        List<String> pids = new ArrayList<>();
        child.pids().forEach(pid -> pids.add(Long.toString(pid)));
        return String.join(",", pids);
    }

    /** The flags that its JVM was given, for the report; empty if it has none. */
    String jvmFlags() {
        if (!target.isJvm()) {
            return "";
        }
        List<String> flags = new ArrayList<>();
        try {
            String[] words = Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"))
                    .split("\0");
            // Behind these are paths, which are this machine's own business.
            for (int i = 1; i < words.length && !words[i].equals("-jar") && !words[i].equals("-cp"); i++) {
                flags.add(words[i]);
            }
        } catch (IOException e) {
            // It has ended; whoever measures it will say so.
        }
        return String.join(" ", flags);
    }

    long resident() throws IOException {
        return ProcessMemory.resident(child.pids());
    }

    /**
     * Resident memory once it falls no more, after a collection if this is a JVM.
     *
     * @param isHasty whether the first number will do
     * @param notes where it is told that a JVM's heap could not be collected
     */
    long settled(boolean isHasty, List<String> notes) throws IOException, InterruptedException {
        if (target.isJvm() && !collect()) {
            String note = target.name() + ": its JDK has no jcmd to ask for a collection with;"
                    + " its memory is what it happened to be";
            if (!notes.contains(note)) {
                notes.add(note);
            }
        }
        long steps = isHasty ? 1 : (target.isJvm() ? SETTLED_MS : SETTLED_WITHOUT_JVM_MS) / SETTLE_LOOK_MS;
        long lowest = Long.MAX_VALUE;
        long stepsSinceLower = 0;
        while (stepsSinceLower < steps) {
            if (child.hasEnded(SETTLE_LOOK_MS)) {
                throw new IOException(target.name() + " ended" + child.logEnd());
            }
            long now = resident();
            // A page more or less is no news: it would keep us here for ever.
            stepsSinceLower = now < lowest - lowest / 1000 ? 1 : stepsSinceLower + 1;
            lowest = Math.min(lowest, now);
        }
        return lowest;
    }

    /** Has the JVM collect all of its heap; false if there is nothing to ask it with. */
    private boolean collect() throws IOException, InterruptedException {
        Path java = Path.of("/proc/" + child.pid() + "/exe").toRealPath();
        Path jcmd = java.resolveSibling("jcmd");
        if (!Files.isExecutable(jcmd)) {
            return false;
        }
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(child.pid()), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor() == 0;
    }

    private void awaitListening() throws IOException, InterruptedException {
        long looks = READY_MS / LOOK_MS;
        while (!isListening()) {
            if (child.hasEnded(LOOK_MS)) {
                throw new IOException(
                        target.name() + " ended at once, with exit code " + child.exitCode() + child.logEnd());
            }
            if (--looks == 0) {
                throw new IOException(target.name() + " does not listen on " + endpoint() + child.logEnd());
            }
        }
    }

    /**
     * Whether somebody listens there, in the network that the process is in: in its own view of /proc/net/tcp listeners come
     * first, as {@code 0: 0100007F:1F90 00000000:0000 0A}, the address as the bytes lie in memory.
     */
    private boolean isListening() {
        String wanted = inProc(address) + String.format(Locale.ROOT, ":%04X", port);
        try (BufferedReader lines = Files.newBufferedReader(Path.of("/proc/" + child.pid() + "/net/tcp"))) {
            lines.readLine();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.strip().split("\\s+");
                if (!words[3].equals("0A")) {
                    return false;
                }
                if (words[1].equals(wanted)) {
                    return true;
                }
            }
        } catch (IOException e) {
            // It has not begun yet or has ended already: whoever waits looks at that too.
        }
        return false;
    }

    private static String inProc(String address) {
        String[] parts = address.split("\\.");
        StringBuilder hex = new StringBuilder();
        boolean isLittle = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < parts.length; i++) {
            int part = Integer.parseInt(parts[isLittle ? parts.length - 1 - i : i]);
            hex.append(HexFormat.of().withUpperCase().toHexDigits((byte) part));
        }
        return hex.toString();
    }

    @Override
    public void close() {
        child.close();
    }
}
