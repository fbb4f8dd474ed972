package io.longshore.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a configuration file: YAML 1.2, strictly, and tells every fault at once.
 *
 * <p>Nothing is looked up and nothing is opened besides the file itself, so that {@code longshore check} says the same
 * on a build machine as on the server.
 */
public final class ConfigReader {
    /** The longest file, in bytes. */
    public static final int FILE_BYTES_MAX = 1 << 20;

    private static final int LOOPS_MAX = 1024;

    private ConfigReader() {}

    /** What reading a file gives. */
    public sealed interface Result permits Valid, Faulty {}

    /**
     * The file can be used.
     *
     * @param config what it says, with the defaults filled in
     */
    public record Valid(Config config) implements Result {}

    /**
     * The file cannot be used.
     *
     * @param faults all that is wrong with it, at least one, in the file's order
     */
    public record Faulty(List<Fault> faults) implements Result {}

    /** Reads {@code file}. A file that cannot be read is a fault too, without line and column. */
    public static Result read(Path file) {
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(FILE_BYTES_MAX + 1);
        } catch (IOException e) {
            return new Faulty(List.of(new Fault(file.toString(), 0, 0, "file", "cannot be read: " + reason(e))));
        }
        return parse(file.toString(), bytes);
    }

    /** Reads the bytes of a file that faults call {@code file}. */
    public static Result parse(String file, byte[] bytes) {
        Faults faults = new Faults(file);
        if (bytes.length > FILE_BYTES_MAX) {
            String allowed = "; allowed: at most " + SizeText.format(FILE_BYTES_MAX);
            faults.add(Position.START, "file", "is longer than a configuration can be" + allowed);
            return new Faulty(faults.inOrder());
        }
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult decoded = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes), text, true);
        text.flip();
        if (decoded.isError()) {
            faults.add(Position.behind(text, text.length()), "file", "is not in UTF-8 from here on");
            return new Faulty(faults.inOrder());
        }
        return parse(text.toString(), faults, file);
    }

    /** Reads the text of a file that faults call {@code file}. */
    public static Result parse(String file, String text) {
        return parse(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Result parse(String text, Faults faults, String file) {
        String unmarked = text.startsWith("\ufeff") ? text.substring(1) : text;
        // YAML 1.2 section 5.4 makes every line break a line feed anyway; the parser miscounts a last lone CR.
        YamlNode root = YamlTree.read(file, unmarked.replace("\r\n", "\n").replace('\r', '\n'), faults);
        Section top = new Binder(faults).bind(root);
        ConfigCheck.run(top, faults);
        return faults.isEmpty() ? new Valid(build(top)) : new Faulty(faults.inOrder());
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private static Config build(Section top) {
        List<Integer> cpus = values(top, Setting.CPUS, Integer.class);
        Map<String, Config.Origin> origins = new LinkedHashMap<>();
        top.sections(Setting.ORIGINS).forEach(section -> origins.put(section.name(), origin(section)));
        return new Config(
                Config.EngineChoice.valueOf(top.text(Setting.ENGINE).toUpperCase(Locale.ROOT)),
                loops(top.number(Setting.LOOPS), cpus),
                cpus,
                top.sections(Setting.LISTENERS).stream()
                        .map(ConfigReader::listener)
                        .toList(),
                origins,
                top.sections(Setting.ROUTES).stream().map(ConfigReader::route).toList(),
                top.nanos(Setting.DRAIN_TIMEOUT),
                top.number(Setting.PARKED_BYTES_MAX),
                top.number(Setting.HEAD_BYTES_MAX),
                top.number(Setting.HEADERS_MAX),
                top.text(Setting.ACCESS_LOG),
                values(top, Setting.COUNTERS, Path.class).stream().findFirst(),
                top.nanos(Setting.KEEPALIVE_IDLE),
                top.nanos(Setting.USER_TIMEOUT),
                ports(top));
    }

    private static Config.Ports ports(Section top) {
        String mode = top.text(Setting.PORT_MODE).toUpperCase(Locale.ROOT).replace('-', '_');
        SettingType.Ports ring = (SettingType.Ports) top.value(Setting.RING_PORTS);
        return new Config.Ports(Config.PortChoice.valueOf(mode), ring.low(), ring.high());
    }

    private static int loops(int given, List<Integer> cpus) {
        if (given != SettingType.AUTO) {
            return given;
        }
        return cpus.isEmpty() ? Math.min(Runtime.getRuntime().availableProcessors(), LOOPS_MAX) : cpus.size();
    }

    private static Config.Listener listener(Section section) {
        return new Config.Listener(
                (InetSocketAddress) section.value(Setting.ADDRESS),
                section.nanos(Setting.HEAD_TIMEOUT),
                values(section, Setting.TRUSTED_PROXIES, AddressRange.class),
                section.isOn(Setting.PROXY_PROTOCOL));
    }

    private static Config.Origin origin(Section section) {
        return new Config.Origin(
                section.name(),
                values(section, Setting.ENDPOINTS, InetSocketAddress.class),
                values(section, Setting.SOURCES, AddressRange.class),
                section.nanos(Setting.CONNECT_TIMEOUT),
                section.nanos(Setting.ORIGIN_HEAD_TIMEOUT),
                section.number(Setting.QUEUE),
                section.nanos(Setting.QUEUE_TIMEOUT));
    }

    private static Config.Route route(Section section) {
        return new Config.Route(
                section.text(Setting.HOST),
                section.text(Setting.PATH),
                section.text(Setting.ORIGIN),
                section.nanos(Setting.IDLE_TIMEOUT),
                section.nanos(Setting.HALF_CLOSED_TIMEOUT),
                section.nanos(Setting.STALLED_TIMEOUT));
    }

    private static <T> List<T> values(Section section, Setting setting, Class<T> type) {
        return section.entries(setting).stream()
                .map(found -> type.cast(found.value()))
                .toList();
    }
}
