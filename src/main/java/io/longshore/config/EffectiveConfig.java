package io.longshore.config;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes a configuration as the file that says the same with nothing left to defaults. */
public final class EffectiveConfig {
    private final StringBuilder page = new StringBuilder();

    private EffectiveConfig() {}

    /** The YAML text of {@code config}; reading it gives an equal configuration again. */
    public static String yaml(Config config) {
        return new EffectiveConfig().write(config);
    }

    private String write(Config config) {
        line("", Setting.ENGINE, config.engine().name().toLowerCase(Locale.ROOT));
        line("", Setting.LOOPS, config.loops());
        line("", Setting.CPUS, list(config.cpus()));
        line("", Setting.DRAIN_TIMEOUT, DurationText.format(config.drainTimeoutNs()));
        line("", Setting.PARKED_BYTES_MAX, SizeText.format(config.parkedBytesMax()));
        line("", Setting.HEAD_BYTES_MAX, SizeText.format(config.headBytesMax()));
        line("", Setting.HEADERS_MAX, config.headersMax());
        line("", Setting.KEEPALIVE_IDLE, DurationText.format(config.keepaliveIdleNs()));
        line("", Setting.USER_TIMEOUT, DurationText.format(config.userTimeoutNs()));
        line(
                "",
                Setting.PORT_MODE,
                config.ports().mode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        line(
                "",
                Setting.RING_PORTS,
                config.ports().ringLow() == 0
                        ? "none"
                        : config.ports().ringLow() + "-" + config.ports().ringHigh());
        line("", Setting.ACCESS_LOG, config.accessLog().isEmpty() ? "none" : quoted(config.accessLog()));
        if (config.countersDirectory().isPresent()) {
            line("", Setting.COUNTERS, quoted(config.countersDirectory().get().toString()));
        } else {
            page.append("# ").append(Setting.COUNTERS.key()).append(": ");
            page.append(Setting.COUNTERS.defaultText()).append('\n');
        }
        page.append(Setting.LISTENERS.key()).append(":\n");
        config.listeners().forEach(this::write);
        page.append(Setting.ORIGINS.key()).append(":\n");
        config.origins().values().forEach(this::write);
        page.append(Setting.ROUTES.key()).append(":\n");
        config.routes().forEach(this::write);
        return page.toString();
    }

    private void write(Config.Listener listener) {
        line("  - ", Setting.ADDRESS, quoted(listener.address()));
        line("    ", Setting.HEAD_TIMEOUT, DurationText.format(listener.headTimeoutNs()));
        line("    ", Setting.TRUSTED_PROXIES, quotedList(listener.trustedProxies()));
        line("    ", Setting.PROXY_PROTOCOL, listener.proxyProtocol());
    }

    private void write(Config.Origin origin) {
        page.append("  ").append(quoted(origin.name())).append(":\n");
        String endpoints =
                origin.endpoints().stream().map(EffectiveConfig::quoted).collect(Collectors.joining(", "));
        line("    ", Setting.ENDPOINTS, '[' + endpoints + ']');
        line("    ", Setting.SOURCES, quotedList(origin.sources()));
        line("    ", Setting.CONNECT_TIMEOUT, DurationText.format(origin.connectTimeoutNs()));
        line("    ", Setting.ORIGIN_HEAD_TIMEOUT, DurationText.format(origin.originHeadTimeoutNs()));
        line("    ", Setting.QUEUE, origin.queue());
        line("    ", Setting.QUEUE_TIMEOUT, DurationText.format(origin.queueTimeoutNs()));
    }

    private void write(Config.Route route) {
        line("  - ", Setting.HOST, quoted(route.host()));
        line("    ", Setting.PATH, quoted(route.path()));
        line("    ", Setting.ORIGIN, quoted(route.origin()));
        line("    ", Setting.IDLE_TIMEOUT, DurationText.format(route.idleTimeoutNs()));
        line("    ", Setting.HALF_CLOSED_TIMEOUT, DurationText.format(route.halfClosedTimeoutNs()));
        line("    ", Setting.STALLED_TIMEOUT, DurationText.format(route.stalledTimeoutNs()));
    }

    private void line(String lead, Setting setting, Object value) {
        page.append(lead).append(setting.key()).append(": ").append(value).append('\n');
    }

    private static String list(Collection<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quotedList(Collection<?> values) {
        return list(values.stream().map(value -> quoted(value.toString())).toList());
    }

    private static String quoted(InetSocketAddress address) {
        return quoted(AddressText.format(address));
    }

    /** A double-quoted scalar (YAML 1.2 section 7.3.1), where a plain one would read as something else. */
    private static String quoted(String text) {
        if (text.matches("[A-Za-z0-9/][A-Za-z0-9/._-]*(:[0-9]+)?") && !text.equals("null")) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ' || c >= 127) {
                quoted.append(String.format("\\U%08x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
