package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code longshore doctor} inside a network namespace that is spoiled and mended by its own advice. */
@Tag("system")
@Timeout(300)
class DoctorSystemTest {
    private static final String LAUNCHER =
            ChildProcess.projectFolder().resolve("bin/longshore").toString();

    @TempDir
    private Path folder;

    /** A run of the doctor: its exit code and its lines. */
    private record Visit(int code, List<String> lines) {
        String line(String check) {
            return lines.stream()
                    .filter(line -> line.matches("(OK|WARN|FAIL) +" + check + " .*"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + check + " in " + lines));
        }
    }

    @Test
    void seesTheNamespaceAndItsOwnFixesMendIt() throws IOException {
        Path file = Files.writeString(folder.resolve("longshore.yaml"), """
                listeners:
                  - address: 127.0.0.1:8080
                origins:
                  chat:
                    endpoints: [127.0.0.1:9000, "[::1]:9000"]
                    sources: [10.9.0.0/24, "fd00:9::/120"]
                routes:
                  - host: "*"
                    path: /
                    origin: chat
                """);
        try (Namespace inside = Namespace.create()) {
            inside.run("sysctl -q -w net.ipv4.tcp_timestamps=0 net.ipv4.tcp_syncookies=0");
            write(inside, "ip_local_port_range", "20000 20199");
            try (ChildProcess listener = listen(inside, 20_100)) {
                Visit sick = doctor(inside, file);
                assertTrue(listener.isAlive(), listener::toString);
                assertEquals(2, sick.code(), sick.lines()::toString);
                assertTrue(sick.line("port-range").contains("20000 to 20199: 200 ports"), sick.lines()::toString);
                assertTrue(sick.line("port-mode").startsWith("OK"), sick.lines()::toString);
                String sources = sick.line("sources chat");
                assertTrue(sources.startsWith("FAIL"), sources);
                assertTrue(sick.line("listeners").contains("20100"), sick.lines()::toString);
                for (String check : List.of("tcp-timestamps", "syncookies", "listeners", "sources chat")) {
                    follow(inside, sick.line(check));
                }
            }
            write(inside, "ip_local_port_range", "9024 65535");
            Visit well = doctor(inside, file);
            for (String check :
                    List.of("tcp-timestamps", "syncookies", "listeners", "sources chat", "port-range", "port-parity")) {
                assertTrue(well.line(check).startsWith("OK"), well.line(check));
            }
            assertTrue(
                    well.line("reserved-ports").contains("56,512 - 1 in the range = 56,511"), well.lines()::toString);
            String arithmetic = "56,511 ports x (256 sources x 1 endpoint of IPv4 + 256 sources x 1 endpoint of IPv6)";
            assertTrue(
                    well.line("capacity chat").contains(arithmetic + " = 28,933,632 tunnels"), well.lines()::toString);
        }
    }

    /** Runs the commands of a line's fix, as a user would. */
    private static void follow(Namespace inside, String line) {
        String commands = line.substring(line.indexOf("; fix: ") + "; fix: ".length());
        for (String command : commands.split(" && ")) {
            inside.run(command);
        }
    }

    private static Visit doctor(Namespace inside, Path file) {
        List<String> command = new ArrayList<>(inside.prefix());
        command.addAll(List.of(LAUNCHER, "doctor", "-c", file.toString()));
        try (ChildProcess child = ChildProcess.start(command, Map.of())) {
            child.endInput();
            int code = child.exitCode(Await.PATIENCE);
            return new Visit(code, child.linesLeft());
        }
    }

    private static void write(Namespace inside, String key, String value) {
        List<String> command = new ArrayList<>(inside.prefix());
        command.addAll(List.of("sysctl", "-q", "-w", "net.ipv4." + key + "=" + value));
        ChildProcess.run(command, Map.of(), Await.PATIENCE);
    }

    private static ChildProcess listen(Namespace inside, int port) {
        List<String> command = new ArrayList<>(inside.prefix());
        String program = "import socket,sys\n"
                + "listener=socket.create_server(('127.0.0.1'," + port + "))\n"
                + "print('listens',flush=True)\n"
                + "sys.stdin.read()\n";
        command.addAll(List.of("python3", "-c", program));
        ChildProcess child = ChildProcess.start(command, Map.of());
        assertEquals("listens", child.nextLine(Await.PATIENCE));
        return child;
    }
}
