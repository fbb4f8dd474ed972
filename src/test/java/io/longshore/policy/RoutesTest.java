package io.longshore.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.longshore.config.Config;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {
    private static final Routes ROUTES = routes(
            "* / any",
            "* /static/ any-static",
            "example.com / exact",
            "example.com /chat exact-chat",
            "example.com /chat/rooms/ exact-rooms",
            "api.example.com /v1 api-v1",
            "*.example.com / wild",
            "*.example.com /v2 wild-v2",
            "*.eu.example.com /v1 wild-eu-v1",
            "UPPER.Example.ORG. / upper",
            "192.0.2.7 / ipv4",
            "[2001:db8::1] / ipv6",
            "::1 /only ipv6-only");

    @ParameterizedTest(name = "{0} {1} -> {2}")
    @CsvSource({
        // The exact host.
        "example.com, /, exact",
        "EXAMPLE.com, /, exact",
        "example.com., /, exact",
        "example.com:8080, /, exact",
        "example.com.:8080, /, exact",
        "example.com:, /, exact",
        "upper.example.org, /, upper",
        "192.0.2.7, /, ipv4",
        "192.0.2.7:80, /, ipv4",
        // The longest prefix that ends with a segment.
        "example.com, /chat, exact-chat",
        "example.com, /chat/, exact-chat",
        "example.com, /chat/x, exact-chat",
        "example.com, /chat?x=1, exact-chat",
        "example.com, /chatter, exact",
        "example.com, /chat%2Fx, exact",
        "example.com, /Chat, exact",
        "example.com, /chat/rooms, exact-chat",
        "example.com, /chat/rooms?x, exact-chat",
        "example.com, /chat/rooms/, exact-rooms",
        "example.com, /chat/rooms/7, exact-rooms",
        "example.com, /cha, exact",
        "example.com, ?x, exact",
        "example.com, '', exact",
        // Wildcards: one or more labels, the longest suffix first.
        "a.example.com, /, wild",
        "a.b.example.com, /, wild",
        "A.Example.Com:443, /, wild",
        "notexample.com, /, any",
        ".example.com, /, any",
        "a.example.com.evil, /, any",
        "eu.example.com, /v1, wild",
        "x.eu.example.com, /v1, wild-eu-v1",
        // The more specific host has no such path: the less specific one answers.
        "api.example.com, /v1/x, api-v1",
        "api.example.com, /v2, wild-v2",
        "api.example.com, /, wild",
        "x.eu.example.com, /v2, wild-v2",
        "[::1], /elsewhere, any",
        // IPv6 literals are addresses.
        "[2001:db8::1], /, ipv6",
        "[2001:DB8:0:0::1]:8080, /, ipv6",
        "2001:db8::1, /, ipv6",
        "[2001:db8::2], /, any",
        "[::1], /only/x, ipv6-only",
        "[::1, /only, any",
        "[::1]x, /only, any",
        "[::1%25eth0], /only, any",
        // Everything else.
        "other.test, /, any",
        "other.test, /static/app.js, any-static",
        "other.test, /static, any",
        "'', /, any",
        "., /, any",
        ":80, /, any",
        "..., /, any",
    })
    void goesTo(String host, String path, String origin) {
        assertEquals(origin, match(ROUTES, host, path));
    }

    @Test
    void findsNothingWhereNoHostAndNoPathMatch() {
        Routes routes = routes("example.com /chat chat", "*.example.com /chat wild");
        assertNull(match(routes, "other.test", "/chat"));
        assertNull(match(routes, "example.com", "/"));
        assertNull(match(routes, "a.example.com", "/other"));
        assertNull(match(routes, "example.com", ""));
        assertNull(match(routes, "", "/chat"));
        assertNull(match(routes(), "example.com", "/"));
    }

    @Test
    void takesTheFirstInTheFileOfTwoEqualRoutes() {
        assertEquals("first", match(routes("a.test / first", "A.test. / second"), "a.test", "/"));
        assertEquals("first", match(routes("::1 / first", "[0::1] / second"), "[::1]", "/"));
    }

    @Test
    void treatsTheFormsOfATargetWithoutAPathAsTheRoot() {
        Routes routes = routes("* / root", "* /x x");
        assertEquals("root", match(routes, "a.test", ""));
        assertEquals("root", match(routes, "a.test", "?/x"));
        assertNull(match(routes, "a.test", "*"));
    }

    @Test
    void findsEachOfAThousandHosts() {
        List<Config.Route> configured = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            configured.add(route("h" + i + ".test", "/", "exact-" + i));
            configured.add(route("*.h" + i + ".test", "/", "wild-" + i));
        }
        Routes routes = new Routes(configured);
        for (int i = 0; i < 1000; i++) {
            assertEquals("exact-" + i, match(routes, "H" + i + ".test", "/"));
            assertEquals("wild-" + i, match(routes, "a.b.h" + i + ".TEST", "/"));
            assertNull(match(routes, "g" + i + ".test", "/"));
        }
    }

    @Test
    void refusesAHostThatIsNeitherNameNorAddress() {
        assertThrows(IllegalArgumentException.class, () -> routes("[::1::] / broken"));
    }

    private static String match(Routes routes, String host, String path) {
        // Neighbouring bytes that would match if a bound were off by one.
        byte[] hostBytes = host.getBytes(StandardCharsets.US_ASCII);
        byte[] pathBytes = path.getBytes(StandardCharsets.US_ASCII);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[hostBytes.length + pathBytes.length + 3]);
        buffer.putByte(0, (byte) 'x');
        buffer.putBytes(1, hostBytes);
        buffer.putByte(1 + hostBytes.length, (byte) '/');
        buffer.putBytes(2 + hostBytes.length, pathBytes);
        buffer.putByte(2 + hostBytes.length + pathBytes.length, (byte) '/');
        Config.Route route = routes.match(buffer, 1, hostBytes.length, 2 + hostBytes.length, pathBytes.length);
        return route == null ? null : route.origin();
    }

    private static Routes routes(String... lines) {
        List<Config.Route> configured = new ArrayList<>();
        for (String line : lines) {
            String[] parts = line.split(" ");
            configured.add(route(parts[0], parts[1], parts[2]));
        }
        return new Routes(configured);
    }

    private static Config.Route route(String host, String path, String origin) {
        return new Config.Route(host, path, origin, 1, 1, 1);
    }
}
