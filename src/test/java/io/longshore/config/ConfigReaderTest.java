package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a good file means. */
final class ConfigReaderTest {
    private static final String SMALLEST = """
            listeners:
              - address: 127.0.0.1:8080
            origins:
              chat:
                endpoints: [127.0.0.1:9000]
            routes:
              - origin: chat
            """;

    private static final String FULL = """
            engine: nio
            loops: 2
            cpus: [3, 1]
            drain-timeout: 0s
            parked-bytes-max: 1MiB
            head-bytes-max: 65536
            headers-max: 64
            keepalive-idle: 2m
            user-timeout: 1h
            access-log: "-"
            counters: /tmp/counters
            listeners:
              - address: "[::1]:0"
                head-timeout: 250ms
                trusted-proxies: [10.0.0.0/8, "fd00::/8"]
                proxy-protocol: true
              - address: 0.0.0.0:443
            origins:
              chat:
                endpoints: [127.0.0.1:9000, "[::1]:9000"]
                sources: [127.0.0.2-127.0.0.9, "::2"]
                connect-timeout: 1s
                origin-head-timeout: 2s
              api: {endpoints: ["192.0.2.1:1"]}
            routes:
              - host: Chat.Example.com
                path: /v1
                origin: chat
                idle-timeout: 1m30s
                half-closed-timeout: 1s
                stalled-timeout: 30m
              - {host: "*.example.com", origin: api}
            """;

    @Test
    void fillsInTheDefaults() {
        Config config = valid(SMALLEST);

        assertEquals(Config.EngineChoice.AUTO, config.engine());
        assertEquals(Runtime.getRuntime().availableProcessors(), config.loops());
        assertEquals(List.of(), config.cpus());
        assertEquals(seconds(30), config.drainTimeoutNs());
        assertEquals(256 << 10, config.parkedBytesMax());
        assertEquals(32 << 10, config.headBytesMax());
        assertEquals(128, config.headersMax());
        assertEquals(seconds(60), config.keepaliveIdleNs());
        assertEquals(seconds(90), config.userTimeoutNs());
        assertEquals("", config.accessLog());
        assertEquals(Optional.empty(), config.countersDirectory());
        assertEquals(
                List.of(new Config.Listener(new InetSocketAddress("127.0.0.1", 8080), seconds(10), List.of(), false)),
                config.listeners());
        Config.Origin chat = config.origins().get("chat");
        assertEquals(
                new Config.Origin(
                        "chat",
                        List.of(new InetSocketAddress("127.0.0.1", 9000)),
                        List.of(),
                        seconds(5),
                        seconds(30),
                        10,
                        seconds(5)),
                chat);
        assertEquals(
                List.of(new Config.Route("*", "/", "chat", seconds(100), seconds(60), seconds(60))), config.routes());
    }

    @Test
    void readsEverySetting() {
        Config config = valid(FULL);

        assertEquals(Config.EngineChoice.NIO, config.engine());
        assertEquals(2, config.loops());
        assertEquals(List.of(3, 1), config.cpus());
        assertEquals(0, config.drainTimeoutNs());
        assertEquals(1 << 20, config.parkedBytesMax());
        assertEquals(64 << 10, config.headBytesMax());
        assertEquals(64, config.headersMax());
        assertEquals(seconds(120), config.keepaliveIdleNs());
        assertEquals(seconds(3600), config.userTimeoutNs());
        assertEquals("-", config.accessLog());
        assertEquals(Optional.of(Path.of("/tmp/counters")), config.countersDirectory());
        Config.Listener first = config.listeners().get(0);
        assertEquals(new InetSocketAddress("::1", 0), first.address());
        assertEquals(TimeUnit.MILLISECONDS.toNanos(250), first.headTimeoutNs());
        assertEquals(List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("fd00::/8")), first.trustedProxies());
        assertTrue(first.proxyProtocol());
        assertFalse(config.listeners().get(1).proxyProtocol());
        assertEquals(List.of("chat", "api"), List.copyOf(config.origins().keySet()));
        Config.Origin chat = config.origins().get("chat");
        assertEquals(
                List.of(new InetSocketAddress("127.0.0.1", 9000), new InetSocketAddress("::1", 9000)),
                chat.endpoints());
        assertEquals(List.of(AddressRange.parse("127.0.0.2-127.0.0.9"), AddressRange.parse("::2")), chat.sources());
        assertEquals(seconds(1), chat.connectTimeoutNs());
        assertEquals(seconds(2), chat.originHeadTimeoutNs());
        assertEquals(
                new Config.Route("chat.example.com", "/v1", "chat", seconds(90), seconds(1), seconds(1800)),
                config.routes().get(0));
        assertEquals("*.example.com", config.routes().get(1).host());
    }

    @Test
    void readsItsOwnEffectiveFormBack() {
        for (String text :
                List.of(SMALLEST, FULL, SMALLEST + "access-log: \"a\\\\b \\\"c\\\" \\u00e9\\U0001f600\\t\"\n")) {
            Config config = valid(text);
            assertEquals(config, valid(EffectiveConfig.yaml(config)), () -> EffectiveConfig.yaml(config));
        }
    }

    @Test
    void leavesNoSettingOutOfTheEffectiveForm() {
        String yaml = EffectiveConfig.yaml(valid(FULL));
        for (Setting setting : Setting.values()) {
            assertTrue(yaml.matches("(?s).*(^|\\n)[ -]*" + setting.key() + ":.*"), setting.path());
        }
    }

    @Test
    void makesOneLoopForEachListedCpu() {
        assertEquals(3, valid("cpus: [0, 1, 2]\n" + SMALLEST).loops());
    }

    @Test
    void takesJsonWindowsLineEndsAndAByteOrderMark() {
        Config config = valid(SMALLEST);

        assertEquals(config, valid(SMALLEST.replace("\n", "\r\n")));
        assertEquals(config, valid("\ufeff" + SMALLEST));
        assertEquals(config, valid("%YAML 1.2\n---\n" + SMALLEST + "...\n"));
        assertEquals(
                config,
                valid("{\"listeners\": [{\"address\": \"127.0.0.1:8080\"}],"
                        + "\"origins\": {\"chat\": {\"endpoints\": [\"127.0.0.1:9000\"]}},"
                        + "\"routes\": [{\"origin\": \"chat\"}]}"));
    }

    @Test
    void readsAFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("longshore.yaml"), SMALLEST);

        ConfigReader.Valid result = assertInstanceOf(ConfigReader.Valid.class, ConfigReader.read(file));
        assertEquals(valid(SMALLEST), result.config());
    }

    @Test
    void saysThatAFileCannotBeRead(@TempDir Path directory) {
        Path file = directory.resolve("absent.yaml");

        ConfigReader.Faulty result = assertInstanceOf(ConfigReader.Faulty.class, ConfigReader.read(file));
        assertEquals(
                List.of(file + ": file: cannot be read: there is no such file"),
                result.faults().stream().map(Fault::toString).toList());
        assertInstanceOf(ConfigReader.Faulty.class, ConfigReader.read(directory));
    }

    @Test
    void boundsTheFile(@TempDir Path directory) throws IOException {
        byte[] padded = (SMALLEST + "#" + "x".repeat(ConfigReader.FILE_BYTES_MAX)).getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("long.yaml"), padded);

        ConfigReader.Faulty result = assertInstanceOf(ConfigReader.Faulty.class, ConfigReader.read(file));
        assertTrue(result.faults().get(0).message().contains("at most 1MiB"));
        byte[] longest = Arrays.copyOf(padded, ConfigReader.FILE_BYTES_MAX);
        assertInstanceOf(ConfigReader.Valid.class, ConfigReader.parse("longest.yaml", longest));
    }

    @Test
    void freezesTheConfiguration() {
        Config config = valid(FULL);

        assertThrows(UnsupportedOperationException.class, () -> config.origins().clear());
        assertThrows(UnsupportedOperationException.class, () -> config.routes().clear());
        assertThrows(
                UnsupportedOperationException.class,
                () -> config.origins().get("chat").sources().clear());
    }

    private static Config valid(String text) {
        ConfigReader.Result result = ConfigReader.parse("test.yaml", text);
        return assertInstanceOf(ConfigReader.Valid.class, result, result::toString)
                .config();
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
