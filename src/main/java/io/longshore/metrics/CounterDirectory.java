package io.longshore.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where counter files stand: {@code BASE/PID/loops}, the base being the first of these that can be written:
 *
 * <ol>
 *   <li>{@code /run/longshore}, for root and for a service that was given it (systemd's {@code RuntimeDirectory=});
 *   <li>{@code $XDG_RUNTIME_DIR/longshore};
 *   <li>{@code longshore-UID} in the temporary folder.
 * </ol>
 *
 * <p>Where everybody may create names, as in the temporary folder, the base gets mode 0700, and one that is a link or
 * belongs to somebody else is not used.
 */
public final class CounterDirectory {
    /** The name of the loops' counter file in its directory. */
    static final String LOOPS = "loops";
    /** The name of the file of ports beside it. */
    static final String PORTS = "ports";

    private CounterDirectory() {}

    /** The places to look for counter files of this user, the best first. */
    public static List<Path> bases() {
        return bases(System.getenv(), Path.of(System.getProperty("java.io.tmpdir")), ownUid());
    }

    static List<Path> bases(Map<String, String> environment, Path temporary, long uid) {
        List<Path> bases = new ArrayList<>();
        bases.add(Path.of("/run/longshore"));
        String runtime = environment.get("XDG_RUNTIME_DIR");
        // The XDG specification: a path that is not absolute is invalid and to be ignored.
        if (runtime != null && runtime.startsWith("/")) {
            bases.add(Path.of(runtime, "longshore"));
        }
        bases.add(temporary.resolve("longshore-" + uid));
        return bases;
    }

    /** Makes {@code BASE/PID} for this process in the first base that can be written, and clears away the dead. */
    static Path make(List<Path> bases) throws IOException {
        IOException failure = new IOException("no directory can be made for the counter file");
        for (Path base : bases) {
            try {
                makeBase(base);
                removeStale(base);
                Path directory =
                        base.resolve(Long.toString(ProcessHandle.current().pid()));
                makePrivate(directory, "rwxr-x---");
                return directory;
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    /** The directories below {@code base} that hold a counter file, in the order of their pids. */
    public static List<Path> list(Path base) {
        try (Stream<Path> children = Files.list(base)) {
            return children.filter(child -> child.getFileName().toString().matches("[0-9]{1,10}"))
                    .filter(CounterDirectory::holdsCounters)
                    .sorted(Comparator.comparingLong(
                            child -> Long.parseLong(child.getFileName().toString())))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            // Not there, or not ours to read: nothing to see either way.
            return List.of();
        }
    }

    /** Whether this directory itself holds a counter file. */
    public static boolean holdsCounters(Path directory) {
        // A FIFO or a link that somebody left under this name is none; opening it could block or lead elsewhere.
        return Files.isRegularFile(directory.resolve(LOOPS), LinkOption.NOFOLLOW_LINKS);
    }

    /** Removes the directories of processes that died without doing it themselves. */
    static void removeStale(Path base) {
        for (Path directory : list(base)) {
            try {
                CounterSnapshot snapshot = CounterSnapshot.read(directory);
                if (!snapshot.isRunning()) {
                    remove(directory);
                }
            } catch (IOException e) {
                // Unreadable, of a later layout, or just being removed by somebody else. Leave what we do not know.
                continue;
            }
        }
    }

    /** Removes the counter files and their directory, the latter only if nothing else is in it. */
    static void remove(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(PORTS));
        Files.deleteIfExists(directory.resolve(LOOPS));
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // Another file of the same process stands in it, and its owner will try again.
            return;
        }
    }

    private static void makeBase(Path base) throws IOException {
        Path parent = base.toAbsolutePath().getParent();
        boolean isParentOpen =
                parent != null && Files.getPosixFilePermissions(parent).contains(PosixFilePermission.OTHERS_WRITE);
        if (isParentOpen) {
            makePrivate(base, "rwx------");
        } else if (!Files.isDirectory(base)) {
            // A parent that is missing (/run/user/UID) is the system's to make: then this is no place for us.
            makePrivate(base, "rwxr-xr-x");
        }
    }

    /** Makes a directory of our own, or finds it made; refuses a link and somebody else's. */
    static void makePrivate(Path directory, String permissions) throws IOException {
        Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
        FileAttribute<Set<PosixFilePermission>> attribute = PosixFilePermissions.asFileAttribute(set);
        try {
            Files.createDirectory(directory, attribute);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(directory + " is not a directory", e);
            }
            if (uid(directory) != ownUid()) {
                throw new IOException(directory + " belongs to another user", e);
            }
        }
    }

    private static long ownUid() {
        try {
            // The owner of /proc/self is the effective user, and asking for it needs no native code.
            return uid(Path.of("/proc/self/stat"));
        } catch (IOException e) {
            return -1;
        }
    }

    private static long uid(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) & 0xffff_ffffL;
    }
}
