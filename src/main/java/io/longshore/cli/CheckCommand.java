package io.longshore.cli;

import io.longshore.config.ConfigReader;
import io.longshore.config.EffectiveConfig;
import io.longshore.config.Fault;
import io.longshore.config.SettingPages;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code longshore check}: says what is wrong with a configuration file, or what a good one amounts to; with
 * {@code --explain}, what may stand in it. Exit code 0 for a good file, 2 for a bad one. Nothing is started and nothing
 * is looked up.
 */
@Command(
        name = "check",
        description = "Check a configuration file, or explain every setting.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the file can be used", "2:the file has faults, or the command line has"})
public final class CheckCommand implements Callable<Integer> {
    @ArgGroup(multiplicity = "1")
    private Task task;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "With --explain: text (the default), markdown (the README's table), or yaml (an annotated"
                    + " sample file).")
    private Format format;

    @Spec
    private CommandSpec spec;

    /** The pages that {@code --explain} can write. */
    enum Format {
        text,
        markdown,
        yaml
    }

    /** Either of the two things to do. */
    static final class Task {
        @Option(
                names = {"-c", "--config"},
                required = true,
                paramLabel = "FILE",
                description = "Check this file: every fault goes to standard error as file:line:column: key: message;"
                        + " without faults, what is in effect goes to standard output, defaults included.")
        private Path file;

        @Option(
                names = "--explain",
                required = true,
                description = "Print every setting with its type, range, default and reason.")
        private boolean isExplain;
    }

    @Override
    public Integer call() {
        if (!task.isExplain && format != null) {
            throw new ParameterException(spec.commandLine(), "--format goes with --explain");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (task.isExplain) {
            out.print(page(format == null ? Format.text : format));
            out.flush();
            return CommandLine.ExitCode.OK;
        }
        ConfigReader.Result result = ConfigReader.read(task.file);
        if (result instanceof ConfigReader.Valid valid) {
            out.println("# " + task.file + " is valid. In effect, defaults included:");
            out.print(EffectiveConfig.yaml(valid.config()));
            out.flush();
            return CommandLine.ExitCode.OK;
        }
        PrintWriter err = spec.commandLine().getErr();
        for (Fault fault : ((ConfigReader.Faulty) result).faults()) {
            err.println(fault);
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    private static String page(Format format) {
        return switch (format) {
            case text -> SettingPages.text();
            case markdown -> SettingPages.markdown();
            case yaml -> SettingPages.yaml();
        };
    }
}
