package io.longshore.load.bench;

import io.longshore.sys.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Starts {@code native/load.c} with what a scenario says, and reads what it answers. */
final class LoadProgram {
    /** Establishing 9,000 tunnels takes a second or two; on a busy machine many. */
    private static final long PATIENCE_MS = 60_000;
    /** Descriptors that the load has besides its connections: listeners, epoll, the files of /proc. */
    private static final int SPARE_DESCRIPTORS = 64;

    private final BenchSettings settings;
    private final Path folder;
    private final List<String> prefix;
    private final Children children;

    /**
     * @param folder for what it complains about
     * @param prefix of its command, to have it run in another network; may be empty
     */
    LoadProgram(BenchSettings settings, Path folder, List<String> prefix, Children children) {
        this.settings = settings;
        this.folder = folder;
        this.prefix = List.copyOf(prefix);
        this.children = children;
    }

    /** What happens once the window has begun; the load goes on meanwhile. */
    @FunctionalInterface
    interface InWindow {
        void begun(Child load) throws IOException, InterruptedException;
    }

    /**
     * One measurement.
     *
     * @param options the load's, by their names without the dashes
     * @param proxy what is measured, or null for a load without one
     */
    LoadResult measure(
            Mode mode,
            Map<String, String> options,
            Proxy proxy,
            int originCount,
            int warmMs,
            int windowMs,
            InWindow then)
            throws IOException, InterruptedException {
        Map<String, String> all = new TreeMap<>(options);
        all.put("warm-ms", Integer.toString(warmMs));
        all.put("window-ms", Integer.toString(windowMs));
        if (proxy != null) {
            all.put("watch", proxy.watched());
        }
        boolean isSplit = 2 * connections(options) + SPARE_DESCRIPTORS
                > Limits.ofDescriptors().hard();
        Child origin = isSplit ? origin(originCount) : null;
        try (Child load = client("load", mode, isSplit ? "client" : "both", all, proxy, originCount)) {
            // What it has to do before and after the window is bounded by its own patience, not by the window.
            long patienceMs = PATIENCE_MS + warmMs + windowMs;
            load.awaitLine("window", patienceMs);
            then.begun(load);
            String json = load.awaitLine("result", patienceMs);
            if (!load.hasEnded(PATIENCE_MS) || load.exitCode() != 0) {
                throw new IOException("the load did not end well" + load.logEnd());
            }
            LoadResult result = LoadResult.parse(json);
            // Two processes on one core must not spin, or each would take it from the other.
            return isSplit ? result.ofSleeper() : result;
        } finally {
            if (origin != null) {
                origin.close();
            }
        }
    }

    /** Starts an origin alone; it ends with {@link Child#close()}. */
    Child origin(int originCount) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(settings.load().toString(), "--mode", "hold", "--role", "origin"));
        addOrigin(command, originCount);
        command.addAll(List.of("--load-cpu", Integer.toString(settings.loadCpu())));
        Child origin = Child.talking("the origin", command, folder.resolve("origin.log"), children);
        try {
            origin.awaitLine("listening", PATIENCE_MS);
            return origin;
        } catch (IOException | InterruptedException e) {
            origin.close();
            throw e;
        }
    }

    /**
     * Opens tunnels and leaves them open, beside an origin that runs already. {@link Child#close()} ends them.
     *
     * @param name of its log
     */
    Child hold(String name, int connections, Proxy proxy, int originCount) throws IOException, InterruptedException {
        Map<String, String> options = Map.of("connections", Integer.toString(connections));
        Child load = client(name, Mode.HOLD, "client", options, proxy, originCount);
        try {
            String standing = load.awaitLine("established", PATIENCE_MS).split(" ", 2)[0];
            if (!standing.equals(Integer.toString(connections))) {
                throw new IOException("only " + standing + " of " + connections + " tunnels came to stand");
            }
            load.awaitLine("held", PATIENCE_MS);
            return load;
        } catch (IOException | InterruptedException e) {
            load.close();
            throw e;
        }
    }

    private Child client(String name, Mode mode, String role, Map<String, String> options, Proxy proxy, int originCount)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(settings.load().toString(), "--mode", mode.label(), "--role", role));
        if (proxy != null) {
            command.addAll(List.of("--connect", proxy.endpoint()));
        }
        addOrigin(command, originCount);
        command.addAll(List.of("--client-addresses", settings.clientRange()));
        options.forEach((key, value) -> command.addAll(List.of("--" + key, value)));
        command.addAll(List.of("--proxy-cpu", Integer.toString(settings.proxyCpu())));
        command.addAll(List.of("--load-cpu", Integer.toString(settings.loadCpu())));
        return Child.talking("the load", command, folder.resolve(name + ".log"), children);
    }

    private void addOrigin(List<String> command, int originCount) {
        command.addAll(List.of("--origin-addresses", settings.originRange(originCount)));
        command.addAll(List.of("--origin-port", Integer.toString(settings.port())));
    }

    private static long connections(Map<String, String> options) {
        long sum = 0;
        for (String key : List.of("connections", "hold", "parallel")) {
            sum += Long.parseLong(options.getOrDefault(key, "0"));
        }
        return sum;
    }
}
