package io.longshore.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code longshore ws URL}: one WebSocket connection in the hands of an operator or a script, on the JDK's own client, so
 * that what it sees of the proxy is what a peer nobody here wrote would see.
 */
@Command(
        name = "ws",
        description = "Talk to a WebSocket, from the keyboard or from a script.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        footerHeading = "%nEach line of standard input is sent as a text message. Lines that start with a slash:%n%n",
        footer = {
            WsInput.COMMANDS,
            "Text messages arrive as lines on standard output, binary ones as 0x and hexadecimal digits; the"
                    + " handshake, pings, pongs and closes as lines that start with # on standard error. At the end of"
                    + " the input the connection is closed with 1000.",
            ""
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:closed normally (1000, 1001, or a close without a code)",
            "1:unexpected failure",
            "2:the command line, or a line of a script, is wrong",
            "3:the handshake was refused; the HTTP status is printed",
            "4:no connection",
            "5:closed with another code, broken, or ended before the expected messages",
            "6:timeout"
        })
final class WsCommand implements Callable<Integer> {
    static final int REFUSED = 3;
    static final int NOT_CONNECTED = 4;
    static final int ABNORMAL = 5;
    static final int TIMED_OUT = 6;

    static {
        // The JDK's client refuses to send a Host of ours unless told before it is loaded, and an operator needs one to
        // reach a route by an address.
        if (System.getProperty("jdk.httpclient.allowRestrictedHeaders") == null) {
            System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        }
    }

    @Parameters(paramLabel = "URL", description = "ws://HOST[:PORT][/PATH] or wss://...")
    private URI url;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "Add a header to the handshake (repeatable; Host too).")
    private List<String> headers = new ArrayList<>();

    @Option(
            names = "--subprotocol",
            paramLabel = "NAME",
            split = ",",
            description = "Offer a subprotocol (repeatable, the preferred one first).")
    private List<String> subprotocols = new ArrayList<>();

    @Option(
            names = "--send",
            paramLabel = "TEXT",
            description = "Send this, wait for the replies, close (repeatable; implies --no-input).")
    private List<String> messages = new ArrayList<>();

    @Option(
            names = "--expect",
            paramLabel = "N",
            description = "Close only when N messages have arrived (default: as many as --send sends).")
    private Integer expected;

    @Option(names = "--binary", description = "Send messages as binary: the UTF-8 bytes of the text.")
    private boolean isBinary;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationText.class,
            description = "How long the handshake, each send, the wait for expected messages and the close may take"
                    + " (default: ${DEFAULT-VALUE}; also 0.5s, 1m30s).")
    private Duration timeout;

    @Option(names = "--quiet", description = "No # lines, except for the reason of a failure.")
    private boolean isQuiet;

    @Option(names = "--no-input", description = "Do not read standard input: print what arrives until the peer closes.")
    private boolean withoutInput;

    @Spec
    private CommandSpec spec;

    private final InputStream input;

    /** A command that reads its lines from {@code input}. */
    WsCommand(InputStream input) {
        this.input = input;
    }

    @Override
    public Integer call() throws InterruptedException {
        checkArguments();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        boolean isInteractive = messages.isEmpty() && !withoutInput && Terminal.isInteractive();
        WsPrinter printer = new WsPrinter(out, err, isInteractive, isQuiet);
        int awaited = expected != null ? expected : messages.size();
        WsConversation conversation = new WsConversation(printer, timeout, isBinary, awaited);
        WebSocket socket;
        try {
            socket = open(conversation);
        } catch (ExecutionException e) {
            return explain(e.getCause(), printer);
        } catch (TimeoutException e) {
            printer.failure("timeout: no answer to the handshake within " + text(timeout));
            return TIMED_OUT;
        }
        if (!messages.isEmpty()) {
            return conversation.sendAll(socket, messages);
        }
        return withoutInput ? conversation.listen(socket) : conversation.talk(socket, input, isInteractive);
    }

    private void checkArguments() {
        String scheme = url.getScheme();
        if (!"ws".equalsIgnoreCase(scheme) && !"wss".equalsIgnoreCase(scheme)) {
            throw new ParameterException(spec.commandLine(), "'" + url + "' is not a ws:// or wss:// URL");
        }
        if (url.getHost() == null) {
            throw new ParameterException(spec.commandLine(), "'" + url + "' names no host");
        }
        if (url.getFragment() != null) {
            // RFC 6455 section 3: a fragment has no meaning here.
            throw new ParameterException(spec.commandLine(), "a WebSocket URL has no #fragment");
        }
        if (expected != null && expected < 0) {
            throw new ParameterException(spec.commandLine(), "--expect takes a number from 0");
        }
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new ParameterException(spec.commandLine(), "--timeout takes a duration above 0, at most 24h");
        }
    }

    private WebSocket open(WsConversation conversation)
            throws ExecutionException, InterruptedException, TimeoutException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
        WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(timeout);
        try {
            for (String header : headers) {
                int colon = header.indexOf(':');
                if (colon <= 0) {
                    throw new ParameterException(
                            spec.commandLine(), "--header takes 'Name: value', not '" + header + "'");
                }
                builder.header(
                        header.substring(0, colon).strip(),
                        header.substring(colon + 1).strip());
            }
            if (!subprotocols.isEmpty()) {
                List<String> others = subprotocols.subList(1, subprotocols.size());
                builder.subprotocols(subprotocols.get(0), others.toArray(String[]::new));
            }
            // The builder's own timeout covers the handshake; the second one is the net below it, so it waits longer.
            return builder.buildAsync(url, conversation).get(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), Main.reason(e));
        }
    }

    private int explain(Throwable cause, WsPrinter printer) {
        if (cause instanceof WebSocketHandshakeException refused && refused.getResponse() != null) {
            explainRefusal(refused, printer);
            return REFUSED;
        }
        if (cause instanceof HttpTimeoutException) {
            printer.failure("timeout: no answer to the handshake within " + text(timeout));
            return TIMED_OUT;
        }
        if (cause instanceof IllegalArgumentException) {
            // A header that the client sets itself, a subprotocol that is no token.
            throw new ParameterException(spec.commandLine(), Main.reason(cause));
        }
        String why = Main.reason(cause);
        printer.failure("cannot connect to " + url.getAuthority() + ("ConnectException".equals(why) ? "" : ": " + why));
        return NOT_CONNECTED;
    }

    private static void explainRefusal(WebSocketHandshakeException refused, WsPrinter printer) {
        HttpResponse<?> response = refused.getResponse();
        int status = response.statusCode();
        if (status == 101) {
            printer.failure("handshake failed: the answer is a 101, but " + Main.reason(refused));
            return;
        }
        printer.failure("handshake refused: " + status + HttpStatus.reasonOf(status));
        for (String name : List.of("Location", "Retry-After", "Sec-WebSocket-Version", "WWW-Authenticate")) {
            response.headers().firstValue(name).ifPresent(value -> printer.note(name + ": " + value));
        }
        if (response.body() instanceof String body && !body.isBlank()) {
            String line = body.strip().lines().findFirst().orElse("");
            printer.note(line.length() <= 200 ? line : line.substring(0, 200) + "...");
        }
    }

    /** A duration as the command line takes it: {@code 1m30s}. */
    static String text(Duration duration) {
        return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    /** Durations in the configuration's manner; what stands before the T of ISO 8601 (days) is not of use here. */
    static final class DurationText implements ITypeConverter<Duration> {
        DurationText() {}

        @Override
        public Duration convert(String text) {
            try {
                return text.endsWith("ms")
                        ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                        : Duration.parse("PT" + text);
            } catch (DateTimeParseException | NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a duration such as 10s, 1m30s or 500ms");
            }
        }
    }
}
