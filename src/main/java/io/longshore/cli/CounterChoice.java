package io.longshore.cli;

import io.longshore.metrics.CounterDirectory;
import io.longshore.metrics.CounterSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which process's counter files the arguments of a command mean. */
final class CounterChoice {
    private CounterChoice() {}

    /**
     * The directories that fit. What was named is shown even if its process is dead.
     *
     * @param bases where to look if {@code counters} does not say
     * @param counters the directory of one process, or the one above it; or null
     * @param pid the process; or null
     */
    static List<Path> find(List<Path> bases, Path counters, Long pid) {
        if (counters != null && CounterDirectory.holdsCounters(counters)) {
            return pid == null || isOf(counters, pid) ? List.of(counters) : List.of();
        }
        List<Path> all = new ArrayList<>();
        for (Path base : counters == null ? bases : List.of(counters)) {
            all.addAll(CounterDirectory.list(base));
        }
        if (pid != null) {
            all.removeIf(directory -> !directory.endsWith(Long.toString(pid)));
        }
        // Of what nobody has chosen, the dead are left out, unless they are all there is.
        List<Path> running = all.stream().filter(CounterChoice::isRunning).toList();
        return running.isEmpty() && (pid != null || counters != null) ? all : running;
    }

    private static boolean isOf(Path directory, long pid) {
        try {
            return CounterSnapshot.read(directory).pid() == pid;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isRunning(Path directory) {
        try {
            return CounterSnapshot.read(directory).isRunning();
        } catch (IOException e) {
            // Unreadable is not dead: let the attempt to show it say what is wrong.
            return true;
        }
    }
}
