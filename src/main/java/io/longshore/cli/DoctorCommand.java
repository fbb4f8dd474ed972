package io.longshore.cli;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.config.Fault;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code longshore doctor}: everything that would keep this host from the number of tunnels that its ports promise, one
 * line each, with what to do. Nothing on the host is changed: what is tried, is tried on sockets of loopback that are
 * closed again.
 *
 * <p>Exit codes: 0 all is well, 1 something is short of the promise, 2 something will not work (or the file or the
 * command line is wrong).
 */
@Command(
        name = "doctor",
        description = "Tell what would stop this host from reaching what its ports promise, and how to mend it.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:a warning: it works, short of what is promised",
            "2:a failure: it will not work; or the file or the command line is wrong"
        })
public final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Also check the sources, listeners and capacity of this configuration.")
    private Path file;

    @Option(
            names = "--plan",
            paramLabel = "TUNNELS",
            description =
                    "Tell what so many tunnels take (250000, 100k, 1M), to the file's endpoints or to one, and hold"
                            + " the host against it.")
    private String plan;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean isJson;

    @Spec
    private CommandSpec spec;

    private final Supplier<DoctorHost> host;

    /** The command as {@code longshore} runs it. */
    public DoctorCommand() {
        this(DoctorHost::ofThisHost);
    }

    /** @param host asked once, when the command runs */
    DoctorCommand(Supplier<DoctorHost> host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        long tunnels = tunnels();
        Config config = null;
        if (file != null) {
            ConfigReader.Result result = ConfigReader.read(file);
            if (result instanceof ConfigReader.Faulty faulty) {
                return faulty(faulty.faults());
            }
            config = ((ConfigReader.Valid) result).config();
        }
        DoctorHost facts = host.get();
        DoctorNeed need = DoctorNeed.of(config, tunnels, facts);
        List<DoctorFinding> findings = examine(facts, config, need);
        DoctorPlan planned = tunnels == 0 ? null : DoctorPlan.of(facts, need);
        PrintWriter out = spec.commandLine().getOut();
        if (isJson) {
            out.print(DoctorJson.text(findings, planned));
        } else {
            print(out, facts, findings, planned);
        }
        out.flush();
        return DoctorFinding.worst(findings).ordinal();
    }

    /**
     * Every check, in the order of the output.
     *
     * @param config null without a file
     */
    static List<DoctorFinding> examine(DoctorHost host, Config config, DoctorNeed need) {
        DoctorFinding.Sink findings = new DoctorFinding.Sink();
        DoctorKernelChecks.run(host, findings);
        DoctorPortChecks.run(host, config, findings);
        DoctorLimitChecks.run(host, need, findings);
        if (config != null) {
            DoctorModeChecks.run(host, config, findings);
            DoctorOriginChecks.run(host, config, need, findings);
        }
        return findings.all();
    }

    private long tunnels() {
        try {
            return plan == null ? 0 : DoctorPlan.parse(plan);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--plan: " + e.getMessage(), e);
        }
    }

    private int faulty(List<Fault> faults) {
        PrintWriter err = spec.commandLine().getErr();
        faults.forEach(err::println);
        err.flush();
        return Main.USAGE;
    }

    private static void print(PrintWriter out, DoctorHost host, List<DoctorFinding> findings, DoctorPlan planned) {
        if (planned != null) {
            planned.lines(host).forEach(out::println);
            out.println();
        }
        findings.forEach(out::println);
    }
}
