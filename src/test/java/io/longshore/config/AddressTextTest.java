package io.longshore.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[2001:db8::1]:1", "[::]:0"
            })
    void readsAndWritesEndpoints(String text) {
        assertEquals(text, AddressText.format(AddressText.parseEndpoint(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1 | has no port",
                "[::1] | has no port",
                "[::1]8080 | has no port",
                "::1:8080 | needs brackets",
                "127.0.0.1: | no port from 0 to 65535",
                "127.0.0.1:65536 | no port from 0 to 65535",
                "127.0.0.1:080 | no port from 0 to 65535",
                "127.0.0.1:+80 | no port from 0 to 65535",
                "127.0.0.1:80x | no port from 0 to 65535",
                "[127.0.0.1]:80 | brackets, which are for IPv6",
                "[::1:80 | no closing bracket",
                "localhost:80 | names are not looked up",
                "localhost | names are not looked up",
                ":80 | is no IPv4 address",
                "[:]:80 | is no IPv6 address",
                "[fe80::1%lo]:80 | zones are not supported",
                "[::ffff:127.0.0.1]:80 | did you mean 127.0.0.1?",
            })
    void saysWhatIsWrongWithAnEndpoint(String text, String expected) {
        String message = assertThrows(WrongText.class, () -> AddressText.parseEndpoint(text))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @ParameterizedTest
    @CsvSource({
        "0:0:0:0:0:0:0:1, ::1",
        "::, ::",
        "1::, 1::",
        "2001:0db8:0000:0000:0001:0000:0000:0001, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "ABCD::, abcd::",
    })
    void writesIpv6AsRfc5952Says(String text, String written) {
        assertEquals(written, AddressText.format(AddressText.parseIp(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":",
                ":::",
                "1:::2",
                "::1::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "12345::",
                "g::",
                ":1",
                "1:",
                "::1.2.3",
                "::1.2.3.4.5",
                "1.2.3.4::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3.4:5",
                "::\u0661"
            })
    void refusesWhatIsNoIpv6Address(String text) {
        assertThrows(WrongText.class, () -> AddressText.parseIp(text));
    }

    @Test
    void readsBackEveryAddressItWrites() throws UnknownHostException {
        Random random = new Random(20261122);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            // Addresses with many zero groups are where the shortening can go wrong.
            for (int j = 0; j < bytes.length; j += 2) {
                if (random.nextInt(3) > 0) {
                    bytes[j] = 0;
                    bytes[j + 1] = 0;
                }
            }
            InetAddress address = InetAddress.getByAddress(bytes);
            assertArrayEquals(
                    address.getAddress(),
                    AddressText.parseIp(AddressText.format(address)).getAddress());
        }
    }
}
