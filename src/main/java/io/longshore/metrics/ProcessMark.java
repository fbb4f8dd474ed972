package io.longshore.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What tells one process from another that has the same number later: the pid, when the process started, and which pid
 * namespace the number belongs to.
 *
 * <p>The start is counted by the kernel in clock ticks since boot ({@code proc_pid_stat(5)}, field 22), so a jump of
 * the wall clock does not make a stranger of a process.
 *
 * @param pid the process number
 * @param startTicks clock ticks from boot to the start of the process; 0 if it is not known
 * @param pidNamespace the inode of {@code /proc/PID/ns/pid}; 0 if it is not known
 */
record ProcessMark(long pid, long startTicks, long pidNamespace) {
    private static final int STARTTIME_AFTER_COMM = 19;

    static ProcessMark ofThisProcess() {
        long pid = ProcessHandle.current().pid();
        return new ProcessMark(pid, startTicksOf(pid), ownPidNamespace());
    }

    /** Whether the number means something to us at all: another container's pid 1 is not our pid 1. */
    boolean isOurNamespace() {
        return pidNamespace == ownPidNamespace();
    }

    /** Whether the process is alive. A process of another namespace counts as alive: we cannot know. */
    boolean isAlive() {
        if (!isOurNamespace()) {
            return true;
        }
        long ticks = startTicksOf(pid);
        return ticks != 0 && (startTicks == 0 || ticks == startTicks);
    }

    /** The start of a process in ticks since boot, or 0 if there is none, or no {@code /proc}. */
    static long startTicksOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The second field is the command in parentheses, and a command may contain spaces and parentheses itself.
            String[] afterCommand = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(afterCommand[STARTTIME_AFTER_COMM]);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    private static long ownPidNamespace() {
        try {
            String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            return Long.parseLong(link.substring(link.indexOf('[') + 1, link.indexOf(']')));
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
