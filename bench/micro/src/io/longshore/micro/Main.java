package io.longshore.micro;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the micro benchmarks, with what they allocate beside the time that they take; {@code make bench-micro}.
 *
 * <p>Arguments: those of JMH, so a pattern narrows the benchmarks down, and {@code -h} lists the others. Prints a
 * table that grows as the results come; JMH's own account of the run goes to {@code jmh.log}. A run of everything,
 * without arguments, is kept as a file of its own below the results' folder; anything else only as {@code last.md},
 * beside the log.
 */
public final class Main {
    private static final Path RESULTS = Path.of("bench/results/micro");
    private static final Path SCRATCH = Path.of("target/micro");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private Main() {}

    /** Started in the project's folder. */
    public static void main(String[] arguments) throws IOException {
        try {
            CommandLineOptions asked = new CommandLineOptions(arguments);
            if (asked.shouldHelp() || asked.shouldList() || asked.shouldListProfilers()) {
                org.openjdk.jmh.Main.main(arguments);
                return;
            }
            run(asked, arguments);
        } catch (NoBenchmarksException e) {
            System.err.println("bench-micro: no benchmark matches; MICRO_ARGS=-l lists them");
            System.exit(1);
        } catch (CommandLineOptionException | RunnerException e) {
            System.err.println("bench-micro: " + e.getMessage());
            System.err.println("bench-micro: " + SCRATCH.resolve("jmh.log") + " tells more");
            System.exit(1);
        }
    }

    private static void run(CommandLineOptions asked, String[] arguments) throws IOException, RunnerException {
        Path log = SCRATCH.resolve("jmh.log");
        Instant start = Instant.now();
        List<String> flags = flags();
        String environment = Environment.describe(flags, arguments);
        try (PrintStream jmhOutput = new PrintStream(log.toFile(), "UTF-8")) {
            ResultTable table = new ResultTable(
                    System.out, OutputFormatFactory.createFormatInstance(jmhOutput, VerboseMode.NORMAL));
            Options options = new OptionsBuilder()
                    .parent(asked)
                    .addProfiler(GCProfiler.class)
                    .shouldFailOnError(true)
                    .jvmArgs(flags.toArray(new String[0]))
                    .build();
            System.out.println(environment);
            new Runner(options, table).run();
            Path file =
                    arguments.length == 0 ? RESULTS.resolve(STAMP.format(start) + ".md") : SCRATCH.resolve("last.md");
            Files.createDirectories(file.getParent());
            Files.writeString(file, "# Micro benchmarks\n\n" + environment + "\n" + table.text());
            System.out.println("\n" + file);
        }
    }

    /** The JVM's flags that bear on these numbers, as bin/longshore and the jar's manifest give them to a proxy. */
    private static List<String> flags() {
        List<String> flags = new ArrayList<>(List.of(
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED"));
        int release = Runtime.version().feature();
        if (release >= 23) {
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        if (release >= 25) {
            flags.add("-XX:+UseCompactObjectHeaders");
        }
        return flags;
    }
}
