package io.longshore.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code bin/longshore serve} as a child process: a black box that prints its ready line, obeys signals and exits.
 *
 * <p>{@link #close()} asks it to stop, and fails unless it does so with exit code 0 and without having complained about
 * itself; a test that ends it on purpose looks at {@link #exitCode()} before.
 */
public final class LongshoreProcess implements AutoCloseable {
    private static final Path LAUNCHER = ChildProcess.projectFolder().resolve("bin/longshore");

    private final ChildProcess child;
    private final Path configuration;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final Map<String, String> labels = new HashMap<>();
    private final String readyLine;

    private LongshoreProcess(ChildProcess child, Path configuration) {
        this.child = child;
        this.configuration = configuration;
        this.readyLine = child.nextLine(Await.PATIENCE);
        String[] words = readyLine.split(" ");
        if (!words[0].equals("ready")) {
            throw new AssertionError("\"" + readyLine + "\" is no ready line: " + child);
        }
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals > 0) {
                labels.put(words[i].substring(0, equals), words[i].substring(equals + 1));
            } else {
                for (String address : words[i].split(",")) {
                    addresses.add(parse(address));
                }
            }
        }
    }

    /** Starts a proxy with this configuration file's text, and waits until it is ready. */
    public static LongshoreProcess serve(String yaml) {
        return serve(List.of(), Map.of(), yaml);
    }

    /**
     * {@link #serve(String)} through another program.
     *
     * @param prefix such as {@code ip netns exec NAME}; it must exec, so that signals reach the proxy
     * @param environment variables to add
     */
    public static LongshoreProcess serve(List<String> prefix, Map<String, String> environment, String yaml) {
        Path configuration = write(EngineUnderTest.in(yaml));
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(launcher(), "serve", "-c", configuration.toString()));
        ChildProcess child = ChildProcess.start(command, environment);
        try {
            return new LongshoreProcess(child, configuration);
        } catch (AssertionError notReady) {
            child.close();
            throw notReady;
        }
    }

    /** Starts any command of {@code bin/longshore}, for those that are to end by themselves. */
    public static ChildProcess start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher()));
        command.addAll(List.of(arguments));
        return ChildProcess.start(command, Map.of());
    }

    /** A configuration file with this text in the temporary folder; deleted when the JVM ends, at the latest. */
    public static Path write(String yaml) {
        try {
            Path file = Files.createTempFile("longshore-test", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The smallest configuration: one listener on a free loopback port, one origin endpoint, one route. */
    public static String configuration(InetSocketAddress origin) {
        return configuration("127.0.0.1:0", origin.getAddress().getHostAddress() + ":" + origin.getPort());
    }

    /** The same with the listener's and the origin's address as they are written in the file. */
    public static String configuration(String listener, String endpoint) {
        return """
                loops: 2
                drain-timeout: 1s
                listeners:
                  - address: %s
                origins:
                  origin:
                    endpoints: [%s]
                routes:
                  - host: "*"
                    path: /
                    origin: origin
                """.formatted(listener, endpoint);
    }

    /** What it listens on, in the configuration's order, with the real port where that asked for 0. */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** The port of the first listener. */
    public int port() {
        return addresses.get(0).getPort();
    }

    /** A word of the ready line: engine, loops or pid. */
    public String label(String name) {
        return labels.get(name);
    }

    public String readyLine() {
        return readyLine;
    }

    public long pid() {
        return child.pid();
    }

    public boolean isAlive() {
        return child.isAlive();
    }

    /** What it has logged so far. */
    public String errors() {
        return child.errors();
    }

    /** Sends a signal: TERM, INT or HUP. */
    public void signal(String name) {
        ChildProcess.run("kill", "-" + name, Long.toString(child.pid()));
    }

    /** Waits for the end; the exit code, 128 + n if signal n ended it. */
    public int exitCode() {
        return child.exitCode(Await.PATIENCE);
    }

    @Override
    public void close() {
        try {
            if (child.isAlive()) {
                signal("TERM");
            }
            int exit = child.exitCode(Duration.ofSeconds(60));
            String log = child.errors();
            if (exit != 0 || log.contains("Exception") || log.contains("level=error")) {
                throw new AssertionError("exit code " + exit + " of " + child);
            }
        } finally {
            child.close();
            configuration.toFile().delete();
        }
    }

    @Override
    public String toString() {
        return readyLine + "\n" + child;
    }

    private static String launcher() {
        if (!Files.isExecutable(LAUNCHER)) {
            throw new AssertionError(LAUNCHER + " is missing");
        }
        return LAUNCHER.toString();
    }

    private static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
        return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
    }
}
