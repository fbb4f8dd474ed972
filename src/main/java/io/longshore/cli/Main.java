package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The program {@code longshore}: finds the subcommand and turns what came of it into an exit code.
 *
 * <p>Exit codes that hold for every subcommand: 0 it worked, 1 it failed (one line on standard error says why), 2 the
 * command line or the configuration is wrong. A subcommand documents further ones in its own {@code --help}.
 */
@Command(
        name = "longshore",
        description = "An edge proxy for long-lived upgraded connections on Linux.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "LONGSHORE_DEBUG=1 in the environment adds the stack trace to an unexpected failure."})
public final class Main implements Runnable {
    /** It worked. */
    static final int OK = CommandLine.ExitCode.OK;
    /** It failed for a reason that is neither the command line nor the configuration. */
    static final int FAILED = CommandLine.ExitCode.SOFTWARE;
    /** The command line or the configuration is wrong. */
    static final int USAGE = CommandLine.ExitCode.USAGE;

    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] arguments) {
        // JDK 17 still writes standard output in the locale's charset; what passes here is UTF-8 (RFC 6455 section
        // 5.6).
        CommandLine line = commandLine(System.in)
                .setOut(new PrintWriter(System.out, true, UTF_8))
                .setErr(new PrintWriter(System.err, true, UTF_8));
        int code = line.execute(arguments);
        line.getOut().flush();
        line.getErr().flush();
        System.exit(code);
    }

    /** Every subcommand of the program, in the order in which {@code --help} lists them. */
    private static List<Object> subcommands(InputStream input) {
        return List.of(
                new BenchCommand(),
                new ServeCommand(),
                new CheckCommand(),
                new DemoCommand(),
                new DoctorCommand(),
                new PortsCommand(),
                new StatCommand(),
                new SysctlCommand(),
                new WsCommand(input));
    }

    /** The program as a value, so that a test can run it with streams of its own. */
    static CommandLine commandLine(InputStream input) {
        CommandLine line = new CommandLine(new Main());
        for (Object subcommand : subcommands(input)) {
            line.addSubcommand(subcommand);
        }
        return line.setParameterExceptionHandler(Main::explainUsage)
                .setExecutionExceptionHandler(Main::explainFailure)
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int explainUsage(ParameterException fault, String[] arguments) {
        CommandLine line = fault.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        PrintWriter err = line.getErr();
        err.println(name + ": " + oneLine(fault.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(fault, err);
        err.println("Try '" + name + " --help'.");
        err.flush();
        return USAGE;
    }

    private static int explainFailure(Exception failure, CommandLine line, ParseResult result) {
        PrintWriter err = line.getErr();
        err.println(line.getCommandSpec().qualifiedName() + ": " + reason(failure));
        if ("1".equals(System.getenv("LONGSHORE_DEBUG"))) {
            failure.printStackTrace(err);
        }
        err.flush();
        return FAILED;
    }

    /**
     * A failure in one line: what its root cause says, else what it says itself, else its type (the JDK's HTTP client
     * throws a ConnectException without a message).
     */
    static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? failure.getMessage() : root.getMessage();
        if (message == null || message.isBlank()) {
            return root.getClass().getSimpleName();
        }
        // The message of these two is nothing but the path.
        if (root instanceof NoSuchFileException) {
            return "no such file: " + message;
        }
        return root instanceof AccessDeniedException ? "permission denied: " + message : oneLine(message);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
