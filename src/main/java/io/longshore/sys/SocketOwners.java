package io.longshore.sys;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.agrona.collections.LongHashSet;

/**
 * Who, apart from one process, holds local ports of a source address: the culprits, when the kernel finds no free port
 * though our own books are far from full. One bound socket of a stranger, connected or not, takes its port from every
 * connection of that address; one on the wildcard takes it from all addresses.
 *
 * <p>Counted are sockets whose own port lies in the range of automatic ports: a server that listens below it harms nobody.
 * Sockets that are only bound are seen from Linux 6.8 on.
 *
 * @param owners the processes with such sockets, the one with most of them first
 * @param sockets how many such sockets there are in the whole, those of the excepted process included
 * @param orphans how many of them no process holds any more: TIME_WAIT, and closed ones whose last bytes are on the way
 * @param isComplete false if a process could not be looked into (that takes root, or CAP_SYS_PTRACE), or a bound was met
 */
public record SocketOwners(List<Owner> owners, int sockets, int orphans, boolean isComplete) {
    /** Sockets remembered: those of five full source addresses, 4 MiB. */
    private static final int INODES_MAX = 1 << 18;
    /** Descriptors looked at: each is a readlink(2). */
    private static final int DESCRIPTORS_MAX = 4 << 20;

    private static final long MAPPED_WILDCARD_LOW = 0x0000_ffff_0000_0000L;
    private static final String SOCKET = "socket:[";

    /**
     * A process with sockets on the address.
     *
     * @param pid its number
     * @param command its name, as {@code /proc/PID/comm} has it; empty if it has just ended
     * @param sockets how many descriptors of such sockets it has
     */
    public record Owner(long pid, String command, int sockets) {
        /** {@code curl (pid 4711): 3 sockets}. */
        @Override
        public String toString() {
            return (command.isEmpty() ? "a process" : command) + " (pid " + pid + "): " + sockets
                    + (sockets == 1 ? " socket" : " sockets");
        }
    }

    /**
     * Looks for them. It reads every process's folder of descriptors: milliseconds on a quiet host, seconds where others
     * have a million. Not for a loop's thread.
     *
     * @param high the first eight bytes of the source address
     * @param low the last eight bytes, in the form of {@link SocketTable}
     * @param exceptPid a process that is not looked into, usually our own; 0 for none
     */
    public static SocketOwners of(long high, long low, long exceptPid) {
        Proc proc = Proc.ofThisHost();
        return of(proc, new SocketTable(), PortRange.read(proc), high, low, exceptPid);
    }

    /**
     * The same for sockets of any address: where the kernel keeps one record of a port for all addresses, a stranger's bound
     * port is passed over for ours too (seen on Linux 6.18 with binds to other addresses of loopback).
     */
    public static SocketOwners ofAnyAddress(long exceptPid) {
        Proc proc = Proc.ofThisHost();
        PortRange range = PortRange.read(proc);
        return of(proc, new SocketTable(), new Search(range, 0, 0, true), exceptPid);
    }

    static SocketOwners of(Proc proc, SocketTable table, PortRange range, long high, long low, long exceptPid) {
        return of(proc, table, new Search(range, high, low, false), exceptPid);
    }

    private static SocketOwners of(Proc proc, SocketTable table, Search search, long exceptPid) {
        boolean isComplete = table.visit(SocketTable.ALL_MASK, search) >= 0 && search.held.size() < INODES_MAX;
        List<Owner> owners = new ArrayList<>();
        int budget = DESCRIPTORS_MAX;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc.root(), "[0-9]*")) {
            for (Path process : processes) {
                long pid = pidOf(process);
                if (pid == exceptPid || pid < 0 || search.held.isEmpty()) {
                    continue;
                }
                int[] found = descriptors(process, search.held, budget);
                isComplete &= found != null;
                if (found != null) {
                    budget -= found[1];
                    if (found[0] > 0) {
                        String name = proc.text(pid + "/comm");
                        owners.add(new Owner(pid, name == null ? "" : name, found[0]));
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            isComplete = false;
        }
        owners.sort(Comparator.comparingInt(Owner::sockets).reversed().thenComparingLong(Owner::pid));
        return new SocketOwners(List.copyOf(owners), search.sockets, search.orphans, isComplete);
    }

    private static long pidOf(Path process) {
        try {
            return Long.parseLong(process.getFileName().toString());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** How many of a process's descriptors are wanted sockets, and how many it has; null if we may not see them all. */
    private static int[] descriptors(Path process, LongHashSet wanted, int budget) {
        int found = 0;
        int seen = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (++seen > budget) {
                    return null;
                }
                found += wanted.contains(inodeOf(descriptor)) ? 1 : 0;
            }
        } catch (IOException | DirectoryIteratorException e) {
            // A process that has ended meanwhile holds nothing; one of somebody else's may.
            return Files.exists(process) ? null : new int[] {0, seen};
        }
        return new int[] {found, seen};
    }

    /** The inode of the socket that the link of a descriptor names; -1 if it names something else, or nothing by now. */
    private static long inodeOf(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith(SOCKET) ? Long.parseLong(target, SOCKET.length(), target.length() - 1, 10) : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private static final class Search implements SocketTable.Visitor {
        private final PortRange range;
        private final long high;
        private final long low;
        private final boolean isAny;
        private final LongHashSet held = new LongHashSet();
        private int sockets;
        private int orphans;

        private Search(PortRange range, long high, long low, boolean isAny) {
            this.isAny = isAny;
            this.range = range;
            this.high = high;
            this.low = low;
        }

        @Override
        public void begin() {
            held.clear();
            sockets = 0;
            orphans = 0;
        }

        @Override
        public void socket(
                int state,
                long localHigh,
                long localLow,
                int localPort,
                long remoteHigh,
                long remoteLow,
                int remotePort,
                long inode,
                int uid) {
            boolean isOurs = localHigh == high && localLow == low;
            boolean isWildcard = localHigh == 0 && (localLow == 0 || localLow == MAPPED_WILDCARD_LOW);
            if ((!isAny && !isOurs && !isWildcard) || !range.isUsable(localPort)) {
                return;
            }
            sockets++;
            if (inode == 0) {
                orphans++;
            } else if (held.size() < INODES_MAX) {
                held.add(inode);
            }
        }
    }
}
