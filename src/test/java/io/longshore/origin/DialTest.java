package io.longshore.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.AddressRange;
import io.longshore.config.Config;
import io.longshore.metrics.CloseReason;
import io.longshore.metrics.DialOutcome;
import io.longshore.metrics.PortRow;
import io.longshore.net.Address;
import io.longshore.net.Errno;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DialTest {
    private static final Address CLIENT = Ranges.address("192.0.2.1");
    private static final List<String> TWO = List.of("10.0.0.1:80", "10.0.0.2:80");
    private static final List<AddressRange> NO_SOURCES = List.of();
    private static final List<AddressRange> FIVE_SOURCES = List.of(Ranges.of("127.0.0.2", "127.0.0.6"));

    @Test
    void beginsWithThePreferredSource() {
        Attempt attempt = dial(TWO, FIVE_SOURCES).next();
        assertEquals("10.0.0.1:80", attempt.endpoint().toString());
        assertEquals(source(FIVE_SOURCES, 0), attempt.source());
        assertEquals(0, attempt.source().port());
        assertEquals(1, attempt.number());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Errno.ECONNREFUSED,
                Errno.ECONNRESET,
                Errno.ETIMEDOUT,
                Errno.EHOSTUNREACH,
                Errno.ENETUNREACH,
                Errno.EACCES,
                Errno.EPERM,
                12345
            })
    void goesToTheNextEndpointAndTriesEachOnce(int errno) {
        Dial dial = dial(TWO, FIVE_SOURCES);
        assertEquals(List.of("1 10.0.0.1:80 r0", "2 10.0.0.2:80 r0"), allFailing(dial, FIVE_SOURCES, errno));
        assertNull(dial.next());
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EADDRNOTAVAIL, Errno.EADDRINUSE})
    void triesThreeSourcesOfAnEndpointThatHasNoTupleLeft(int errno) {
        Dial dial = dial(TWO, FIVE_SOURCES);
        assertEquals(
                List.of(
                        "1 10.0.0.1:80 r0",
                        "2 10.0.0.1:80 r1",
                        "3 10.0.0.1:80 r2",
                        "4 10.0.0.2:80 r0",
                        "5 10.0.0.2:80 r1",
                        "6 10.0.0.2:80 r2"),
                allFailing(dial, FIVE_SOURCES, errno));
        assertEquals(CloseReason.NO_SOURCE_PORT, dial.reasonOf());
    }

    @Test
    void triesNoMoreSourcesThanThereAre() {
        List<AddressRange> sources = List.of(Ranges.of("127.0.0.2", "127.0.0.3"));
        assertEquals(
                List.of("1 10.0.0.1:80 r0", "2 10.0.0.1:80 r1", "3 10.0.0.2:80 r0", "4 10.0.0.2:80 r1"),
                allFailing(dial(TWO, sources), sources, Errno.EADDRNOTAVAIL));
    }

    @Test
    void leavesAnEndpointThatAnswersOnItsSecondSource() {
        Dial dial = dial(TWO, FIVE_SOURCES);
        assertEquals(
                List.of("1 10.0.0.1:80 r0", "2 10.0.0.1:80 r1", "3 10.0.0.2:80 r0"),
                allFailing(dial, FIVE_SOURCES, Errno.EADDRNOTAVAIL, Errno.ECONNREFUSED, Errno.ECONNREFUSED));
        assertEquals(CloseReason.ORIGIN_REFUSED, dial.reasonOf(), "a tuple was found for both endpoints");
    }

    @Test
    void repeatsOnceWhatTheKernelChoseAndFoundInUse() {
        assertEquals(
                List.of("1 10.0.0.1:80 kernel", "2 10.0.0.1:80 kernel", "3 10.0.0.2:80 kernel", "4 10.0.0.2:80 kernel"),
                allFailing(dial(TWO, NO_SOURCES), NO_SOURCES, Errno.EADDRINUSE));
        Dial searched = dial(TWO, NO_SOURCES);
        assertEquals(
                List.of("1 10.0.0.1:80 kernel", "2 10.0.0.2:80 kernel"),
                allFailing(searched, NO_SOURCES, Errno.EADDRNOTAVAIL));
        assertEquals(CloseReason.NO_SOURCE_PORT, searched.reasonOf());
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS})
    void endsAtOnceWhenTheHostIsOutOfSomething(int errno) {
        Dial dial = dial(TWO, FIVE_SOURCES);
        assertEquals(List.of("1 10.0.0.1:80 r0"), allFailing(dial, FIVE_SOURCES, errno));
        assertEquals(CloseReason.NO_DESCRIPTOR, dial.reasonOf());
    }

    @Test
    void makesFortyAttemptsAtMost() {
        List<String> many = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            many.add("10.0.0." + i + ":80");
        }
        assertEquals(
                40,
                allFailing(dial(many, FIVE_SOURCES), FIVE_SOURCES, Errno.ECONNREFUSED)
                        .size());
        List<String> spilled = allFailing(dial(many, FIVE_SOURCES), FIVE_SOURCES, Errno.EADDRNOTAVAIL);
        assertEquals(40, spilled.size());
        assertEquals("40 10.0.0.14:80 r0", spilled.get(39));
    }

    @Test
    void dialsAFamilyWithoutSourcesFromWhereTheKernelLikes() {
        List<String> bothFamilies = List.of("10.0.0.1:80", "[2001:db8::1]:80");
        assertEquals(
                List.of("1 10.0.0.1:80 r0", "2 [2001:db8::1]:80 kernel"),
                allFailing(dial(bothFamilies, FIVE_SOURCES), FIVE_SOURCES, Errno.ECONNREFUSED));
        List<AddressRange> ipv6 = List.of(Ranges.of("2001:db8::10", "2001:db8::13"));
        Dial dial = dial(bothFamilies, ipv6);
        assertNull(dial.next().source());
        dial.failed(-Errno.ECONNREFUSED);
        assertTrue(dial.next().source().hostText().startsWith("2001:db8::1"));
    }

    @Test
    void rotatesTheFirstEndpointPerHandshakeAndPerLoop() {
        List<String> three = List.of("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
        OriginState first = origin(three, NO_SOURCES, 0);
        assertEquals(
                List.of("1 10.0.0.1:80 kernel", "2 10.0.0.2:80 kernel", "3 10.0.0.3:80 kernel"),
                allFailing(dial(first), NO_SOURCES, Errno.ECONNREFUSED));
        assertEquals(
                List.of("1 10.0.0.2:80 kernel", "2 10.0.0.3:80 kernel", "3 10.0.0.1:80 kernel"),
                allFailing(dial(first), NO_SOURCES, Errno.ECONNREFUSED));
        assertEquals("10.0.0.3:80", dial(first).next().endpoint().toString());
        assertEquals("10.0.0.1:80", dial(first).next().endpoint().toString());
        assertEquals(
                "10.0.0.2:80",
                dial(origin(three, NO_SOURCES, 4)).next().endpoint().toString());
    }

    @Test
    void dialsEveryEndpointFromTheSameSource() {
        Dial dial = dial(TWO, FIVE_SOURCES);
        Address source = dial.next().source();
        dial.failed(-Errno.ECONNREFUSED);
        assertEquals(source, dial.next().source(), "ports are shared between destinations, so its place is free there");
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({
        // The last error speaks where nothing else does.
        "ECONNREFUSED ECONNREFUSED, ORIGIN_REFUSED",
        "ETIMEDOUT ECONNREFUSED, ORIGIN_REFUSED",
        "ECONNREFUSED ETIMEDOUT, CONNECT_TIMEOUT",
        "ECONNREFUSED EHOSTUNREACH, ORIGIN_UNREACHABLE",
        "EACCES EPERM, ORIGIN_UNREACHABLE",
        // An endpoint without a tuple may be healthy: that goes first.
        "EADDRNOTAVAIL EADDRINUSE EADDRNOTAVAIL ECONNREFUSED, NO_SOURCE_PORT",
        "ECONNREFUSED EADDRNOTAVAIL EADDRNOTAVAIL EADDRNOTAVAIL, NO_SOURCE_PORT",
        "EADDRNOTAVAIL EADDRNOTAVAIL EADDRNOTAVAIL EMFILE, NO_SOURCE_PORT",
        // But where its next source had one, it does not count.
        "EADDRNOTAVAIL EADDRNOTAVAIL ETIMEDOUT ETIMEDOUT, CONNECT_TIMEOUT",
        "EADDRNOTAVAIL EMFILE, NO_DESCRIPTOR",
        "ECONNREFUSED ENOBUFS, NO_DESCRIPTOR",
    })
    void namesTheMostTellingReason(String errors, CloseReason reason) throws ReflectiveOperationException {
        Dial dial = dial(TWO, FIVE_SOURCES);
        for (String error : errors.split(" ")) {
            assertNotNull(dial.next());
            dial.failed(-Errno.class.getField(error).getInt(null));
        }
        assertNull(dial.next());
        assertEquals(reason, dial.reasonOf());
    }

    @ParameterizedTest
    @CsvSource({
        "0, CONNECTED",
        "-111, REFUSED",
        "-104, REFUSED",
        "-110, TIMED_OUT",
        "-99, ADDRESS_NOT_AVAILABLE",
        "-98, ADDRESS_IN_USE",
        "-24, NO_RESOURCE",
        "-23, NO_RESOURCE",
        "-12, NO_RESOURCE",
        "-105, NO_RESOURCE",
        "-113, UNREACHABLE",
        "-101, UNREACHABLE",
        "-13, UNREACHABLE",
        "-1, UNREACHABLE",
        "-32, UNREACHABLE",
        "-4095, UNREACHABLE",
    })
    void namesTheOutcomeOfAResult(int result, DialOutcome outcome) {
        assertEquals(outcome, Dial.outcomeOf(result));
    }

    @Test
    void findsTheOriginOfARoute() {
        Config config = config(TWO, FIVE_SOURCES);
        Origins origins = new Origins(config, 1, new SourcePorts(config, PortSettings.DEFAULT, PortRow::inMemory), 1);
        OriginState origin = origins.of(new Config.Route("*", "/", "chat", 1, 1, 1));
        assertEquals("chat", origin.name());
        assertEquals(5, origin.connectTimeoutNs());
        assertEquals(30, origin.originHeadTimeoutNs());
        assertEquals("10.0.0.2:80", dial(origin).next().endpoint().toString());
        assertNull(origins.of(new Config.Route("*", "/", "other", 1, 1, 1)));
    }

    @Test
    void refusesAnOriginThatCannotBeDialled() {
        assertThrows(IllegalArgumentException.class, () -> origin(List.of(), NO_SOURCES, 0));
        Config.Origin unresolved = new Config.Origin(
                "chat", List.of(InetSocketAddress.createUnresolved("chat.test", 80)), NO_SOURCES, 5, 30, 2, 5);
        assertThrows(
                IllegalArgumentException.class, () -> new OriginState(unresolved, 0, null, PortSettings.DEFAULT, 1));
    }

    /** Takes every attempt; the n-th fails with the n-th error, the last error repeats. */
    private static List<String> allFailing(Dial dial, List<AddressRange> sources, int... errnos) {
        List<String> attempts = new ArrayList<>();
        Attempt attempt = dial.next();
        while (attempt != null) {
            attempts.add(attempt.number() + " " + attempt.endpoint() + " " + rank(sources, attempt.source()));
            dial.failed(-errnos[Math.min(attempts.size(), errnos.length) - 1]);
            attempt = dial.next();
        }
        assertEquals(attempts.size(), new HashSet<>(attempts).size());
        return attempts;
    }

    private static String rank(List<AddressRange> sources, Address source) {
        if (source == null) {
            return "kernel";
        }
        int rank = 0;
        while (!source(sources, rank).equals(source)) {
            rank++;
        }
        return "r" + rank;
    }

    private static Address source(List<AddressRange> sources, int rank) {
        return Ranges.ranked(new SourceAddresses(sources, true), CLIENT.high(), CLIENT.low(), rank);
    }

    private static Dial dial(List<String> endpoints, List<AddressRange> sources) {
        return dial(origin(endpoints, sources, 0));
    }

    private static Dial dial(OriginState origin) {
        return new Dial(origin, CLIENT.high(), CLIENT.low());
    }

    private static OriginState origin(List<String> endpoints, List<AddressRange> sources, int loop) {
        Config config = config(endpoints, sources);
        SourcePorts ports = new SourcePorts(config, PortSettings.DEFAULT, PortRow::inMemory);
        return new OriginState(config.origins().get("chat"), loop, ports.of("chat"), PortSettings.DEFAULT, 1);
    }

    private static Config.Origin configured(List<String> endpoints, List<AddressRange> sources) {
        return Accounts.origin("chat", endpoints, sources, 2);
    }

    private static Config config(List<String> endpoints, List<AddressRange> sources) {
        return Accounts.config(configured(endpoints, sources));
    }
}
