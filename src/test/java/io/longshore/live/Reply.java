package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/**
 * A response that was followed by the end of its connection.
 *
 * @param statusLine the first line
 * @param fields the header lines as they came
 * @param body all behind the head, with its chunks if it has some
 */
record Reply(String statusLine, List<String> fields, String body) {
    static Reply parse(String text) {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new AssertionError("no response: \"" + text + "\"");
        }
        List<String> lines = List.of(text.substring(0, end).split("\r\n"));
        return new Reply(lines.get(0), lines.subList(1, lines.size()), text.substring(end + 4));
    }

    int status() {
        return Integer.parseInt(statusLine.split(" ")[1]);
    }

    /** The value of a field, several joined by a comma, null without it. */
    String field(String name) {
        String value = null;
        for (String line : fields) {
            int colon = line.indexOf(':');
            if (line.substring(0, colon).equalsIgnoreCase(name)) {
                String more = line.substring(colon + 1).strip();
                value = value == null ? more : value + ", " + more;
            }
        }
        return value;
    }

    /** Holds that this is a refusal of the proxy's own: the status, a body of the length that it says, and the close. */
    Reply refuses(String expected) {
        assertEquals("HTTP/1.1 " + expected, statusLine, this::toString);
        assertEquals(Integer.toString(body.length()), field("Content-Length"), this::toString);
        String connection = expected.startsWith("426") ? "upgrade, close" : "close";
        assertEquals(connection, field("Connection"), this::toString);
        return this;
    }
}
