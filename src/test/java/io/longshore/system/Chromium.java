package io.longshore.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Headless Chromium with one page, {@code page.html}, which plays its scenes and posts its report back to us. */
final class Chromium {
    /** A browser that keeps to itself; it still needs a profile folder and a page. */
    static final List<String> COMMAND = List.of(
            "chromium",
            "--headless",
            // The sandbox refuses to run as root, which a container's tests do; the only page is ours.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            // Nothing but our page may leave this machine, or wait for a network that is not there.
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--no-first-run");

    private Chromium() {}

    /** Opens the page against the origin or proxy at {@code url}; returns the report's lines. */
    static List<String> play(String url, Duration limit) {
        AtomicReference<String> report = new AtomicReference<>();
        Path profile = null;
        HttpServer server = null;
        try {
            profile = Files.createTempDirectory("longshore-chromium");
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/page.html", exchange -> answer(exchange, Files.readAllBytes(page())));
            server.createContext("/report", exchange -> {
                report.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                answer(exchange, new byte[0]);
            });
            server.start();
            String page = "http://127.0.0.1:" + server.getAddress().getPort() + "/page.html?" + url;
            try (ChildProcess browser = ChildProcess.start(command(profile, page), Map.of())) {
                Await.until(
                        () -> report.get() != null || !browser.isAlive(), limit, "a report of the page in " + browser);
                if (report.get() == null) {
                    throw new AssertionError("ended without a report: " + browser);
                }
                return report.get().lines().toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (server != null) {
                server.stop(0);
            }
            delete(profile);
        }
    }

    private static List<String> command(Path profile, String page) {
        // Without a debugging port (of its own choice) a headless browser loads one page, and ends at once.
        return Stream.concat(
                        COMMAND.stream(), Stream.of("--user-data-dir=" + profile, "--remote-debugging-port=0", page))
                .toList();
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Path page() {
        return Path.of(Peers.script("page.html"));
    }

    /** Removes a profile folder, once the last of the browser has let go of it. */
    static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        // A helper process that was just killed may still be leaving a file behind.
        Await.until(() -> deleted(folder.toFile()), "the removal of " + folder);
    }

    private static boolean deleted(File file) {
        File[] inside = file.listFiles();
        if (inside != null) {
            for (File one : inside) {
                deleted(one);
            }
        }
        return file.delete() || !Files.exists(file.toPath(), LinkOption.NOFOLLOW_LINKS);
    }
}
