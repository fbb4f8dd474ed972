package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;

/** What one line of input asks the WebSocket client to do. */
sealed interface WsInput {
    /** The commands, for {@code /help} and {@code --help}. */
    String COMMANDS = """
            /ping [TEXT]            send a ping
            /binary HEX             send bytes as a binary message
            /file PATH              send a file as a binary message (at most 16 MiB)
            /close [CODE [REASON]]  close (1000 if no code is given) and end
            /help                   show this
            //TEXT                  send a text message that starts with a slash
            """;

    /** The largest file that {@code /file} reads: one message is held in memory whole. */
    int FILE_BYTES_MAX = 16 << 20;

    /** Payload of a ping: a control frame carries at most 125 bytes (RFC 6455 section 5.5). */
    int CONTROL_BYTES_MAX = 125;

    /** Send a message. */
    record Message(String text) implements WsInput {}

    /** Send a binary message. */
    record Binary(byte[] bytes) implements WsInput {}

    /** Send a ping. */
    record Ping(byte[] bytes) implements WsInput {}

    /** Send a close frame, then end. */
    record Close(int code, String reason) implements WsInput {}

    /** Show the commands. */
    record Help() implements WsInput {}

    /** The line is no message and no command. */
    record Fault(String why) implements WsInput {}

    /** Reads one line. Only {@code /file} touches anything outside it. */
    static WsInput parse(String line) {
        if (line.isEmpty() || line.charAt(0) != '/') {
            return new Message(line);
        }
        if (line.startsWith("//")) {
            return new Message(line.substring(1));
        }
        int space = line.indexOf(' ');
        String name = space < 0 ? line : line.substring(0, space);
        String argument = space < 0 ? "" : line.substring(space + 1);
        return switch (name) {
            case "/ping" -> ping(argument);
            case "/binary" -> binary(argument);
            case "/file" -> file(argument.strip());
            case "/close" -> close(argument.strip());
            case "/help" -> new Help();
            default -> new Fault("unknown command " + name + " (try /help; a message that starts with / needs two)");
        };
    }

    private static WsInput ping(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return bytes.length <= CONTROL_BYTES_MAX
                ? new Ping(bytes)
                : new Fault("a ping carries at most 125 bytes, these are " + bytes.length);
    }

    private static WsInput binary(String text) {
        String digits = text.replace(" ", "");
        if (digits.startsWith("0x")) {
            digits = digits.substring(2);
        }
        try {
            return new Binary(HexFormat.of().parseHex(digits));
        } catch (IllegalArgumentException e) {
            return new Fault("/binary takes pairs of hexadecimal digits: /binary 00ff10");
        }
    }

    private static WsInput file(String name) {
        try (InputStream stream = Files.newInputStream(Path.of(name))) {
            byte[] bytes = stream.readNBytes(FILE_BYTES_MAX + 1);
            return bytes.length <= FILE_BYTES_MAX ? new Binary(bytes) : new Fault(name + " is larger than 16 MiB");
        } catch (IOException | InvalidPathException e) {
            return new Fault("cannot read '" + name + "': " + Main.reason(e));
        }
    }

    private static WsInput close(String argument) {
        if (argument.isEmpty()) {
            return new Close(1000, "");
        }
        int space = argument.indexOf(' ');
        String code = space < 0 ? argument : argument.substring(0, space);
        String reason = space < 0 ? "" : argument.substring(space + 1).strip();
        if (!code.matches("[1-4][0-9]{3}")) {
            return new Fault("/close takes a code from 1000 to 4999");
        }
        // Two of the 125 bytes of a control frame are the code.
        if (reason.getBytes(UTF_8).length > CONTROL_BYTES_MAX - 2) {
            return new Fault("the reason of a close is at most 123 bytes long");
        }
        return new Close(Integer.parseInt(code), reason);
    }
}
