package io.longshore.load.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What processes and the kernel hold in memory, in bytes; see proc(5). */
final class ProcessMemory {
    private ProcessMemory() {}

    /**
     * Resident memory of a family of processes. What they share with one another, a master and its workers for instance, is
     * counted once: the private pages of each, and the shared ones of whoever has the most.
     */
    static long resident(List<Long> pids) throws IOException {
        long own = 0;
        long shared = 0;
        for (long pid : pids) {
            long resident = 0;
            long ownHere = 0;
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                if (line.startsWith("Rss:")) {
                    resident = kibibytes(line) << 10;
                } else if (line.startsWith("Private_Clean:") || line.startsWith("Private_Dirty:")) {
                    ownHere += kibibytes(line) << 10;
                }
            }
            own += ownHere;
            shared = Math.max(shared, resident - ownHere);
        }
        return own + shared;
    }

    /** The kernel's slab: where sockets, files and what hangs on them are. */
    static long slab() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("Slab:")) {
                return kibibytes(line) << 10;
            }
        }
        throw new IOException("/proc/meminfo tells no Slab");
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
