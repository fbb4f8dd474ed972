package io.longshore.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds descriptors that a test has left open: taken before, held after.
 *
 * <p>Files are counted and not judged: the JVM opens jars and libraries whenever it loads a class. Everything else
 * (sockets, pipes, eventpolls, eventfds, rings) must be gone again.
 */
public final class LeakCheck {
    /** What a descriptor of this process is. */
    public enum Kind {
        SOCKET,
        PIPE,
        EVENTPOLL,
        EVENTFD,
        IO_URING,
        FILE,
        OTHER
    }

    // By link target. A socket's or pipe's names it ("socket:[4711]"); "anon_inode:[eventpoll]" only counts.
    private final Map<String, Integer> before;

    private LeakCheck(Map<String, Integer> before) {
        this.before = before;
    }

    /** Notes what is open now. */
    public static LeakCheck before() {
        warmUp();
        return new LeakCheck(open("self"));
    }

    /** How many descriptors of this process are of a kind, now. */
    public static int count(Kind kind) {
        return count(open("self"), kind);
    }

    /** How many descriptors of another process of ours are of a kind, now. */
    public static int count(long pid, Kind kind) {
        return count(open(Long.toString(pid)), kind);
    }

    private static int count(Map<String, Integer> open, Kind kind) {
        return open.entrySet().stream()
                .filter(entry -> kindOf(entry.getKey()) == kind)
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** Waits until everything that was opened since {@link #before()} is closed; fails with the list of what is not. */
    public void nothingLeft() {
        nothingLeft(Await.PATIENCE);
    }

    /** {@link #nothingLeft()} with a deadline. */
    public void nothingLeft(Duration timeout) {
        try {
            Await.until(() -> left().isEmpty(), timeout, "");
        } catch (AssertionError late) {
            List<String> left = left();
            if (!left.isEmpty()) {
                throw new AssertionError(left.size() + " left open: " + left, late);
            }
        }
    }

    private List<String> left() {
        List<String> left = new ArrayList<>();
        open("self").forEach((target, count) -> {
            int more = count - before.getOrDefault(target, 0);
            if (more > 0 && kindOf(target) != Kind.FILE) {
                left.add(more == 1 ? target + endpoints(target) : more + " x " + target);
            }
        });
        return left;
    }

    private static Map<String, Integer> open(String process) {
        Map<String, Integer> open = new TreeMap<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc", process, "fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    open.merge(Files.readSymbolicLink(descriptor).toString(), 1, Integer::sum);
                } catch (NoSuchFileException closed) {
                    // Another thread closed it between the listing and the look: it is not open.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open;
    }

    private static Kind kindOf(String target) {
        if (target.startsWith("socket:")) {
            return Kind.SOCKET;
        } else if (target.startsWith("pipe:")) {
            return Kind.PIPE;
        } else if (target.startsWith("/")) {
            return Kind.FILE;
        }
        return switch (target) {
            case "anon_inode:[eventpoll]" -> Kind.EVENTPOLL;
            case "anon_inode:[eventfd]" -> Kind.EVENTFD;
            case "anon_inode:[io_uring]" -> Kind.IO_URING;
            default -> Kind.OTHER;
        };
    }

    /** The kernel's line of a TCP socket: addresses in hex, and the state (01 established, 06 TIME_WAIT, 08 CLOSE_WAIT). */
    private static String endpoints(String target) {
        if (kindOf(target) != Kind.SOCKET) {
            return "";
        }
        String inode = target.replaceAll("\\D", "");
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] words = line.strip().split("\\s+");
                    if (words.length > 9 && words[9].equals(inode)) {
                        return " " + words[1] + "-" + words[2] + " state " + words[3];
                    }
                }
            } catch (IOException e) {
                return " (" + e + ")";
            }
        }
        return " (in no TCP table: never bound, or a Unix socket)";
    }

    /** The JDK keeps a few descriptors for good the first time that it uses a channel: they are no leak of a test's. */
    private static void warmUp() {
        try {
            SocketChannel.open().close();
            Pipe pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
