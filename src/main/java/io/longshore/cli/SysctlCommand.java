package io.longshore.cli;

import io.longshore.sys.SysctlChange;
import io.longshore.sys.SysctlHarm;
import io.longshore.sys.SysctlHost;
import io.longshore.sys.SysctlPlan;
import io.longshore.sys.SysctlProfile;
import io.longshore.sys.SysctlProfiles;
import io.longshore.sys.SysctlTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code longshore sysctl}: compares the kernel's settings with the profiles that come with Longshore, applies them as a
 * whole or not at all, and takes them back.
 *
 * <p>Keys of the whole host are left alone in any network namespace but the first; keys that this kernel does not have are
 * reported and left out.
 */
@Command(
        name = "sysctl",
        description = "Compare the kernel's settings with Longshore's profiles; apply them, or take them back.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Profiles are files in the format of sysctl.d(5); each key says why, the kernel's default, how to see it bind,"
                    + " and the risk.",
            "Exit codes are in the --help of each command."
        })
public final class SysctlCommand implements Runnable {
    /** Something is neither as it was nor as it should be. */
    private static final int UNRESTORED = 3;

    private static final String EXIT_CODES = "%nExit codes:%n";

    private final SysctlTree tree;

    @Spec
    private CommandSpec spec;

    /** On the running kernel. */
    public SysctlCommand() {
        this(new SysctlTree());
    }

    /** @param tree the settings to work on */
    SysctlCommand(SysctlTree tree) {
        this.tree = tree;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: list, show, diff, verify, apply, rollback");
    }

    @Command(
            name = "list",
            description = "List the profiles, and the names that stand for several.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = EXIT_CODES,
            exitCodeList = {"0:listed", "2:wrong arguments"})
    int list(@Mixin SysctlSelection selection) throws IOException {
        SysctlProfiles profiles = selection.available();
        List<SysctlProfile> base = profiles.select(List.of());
        PrintWriter out = out();
        for (SysctlProfile profile : profiles.all()) {
            String size = profile.tunnels() == 0 ? "any size" : "up to " + profile.tunnels() + " tunnels";
            out.printf(
                    "%-16s %s %-28s %-22s %d keys%n",
                    profile.shortName(),
                    base.contains(profile) ? "*" : " ",
                    profile.name(),
                    size,
                    profile.entries().size());
        }
        out.println("* what is meant without a name");
        for (String size : profiles.sizes()) {
            List<String> names = profiles.select(List.of(size)).stream()
                    .map(SysctlProfile::shortName)
                    .toList();
            out.println(size + " stands for " + String.join(", ", names));
        }
        out.flush();
        return Main.OK;
    }

    @Command(
            name = "show",
            description = "Print profiles as they are, comments included.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = EXIT_CODES,
            exitCodeList = {"0:printed", "2:no such profile"})
    int show(@Mixin SysctlSelection selection) throws IOException {
        PrintWriter out = out();
        for (SysctlProfile profile : selection.selected()) {
            out.println("# " + profile.name() + ".conf");
            out.println(profile.text().stripTrailing());
            out.println();
        }
        out.flush();
        return Main.OK;
    }

    @Command(
            name = "diff",
            description = "Show what applying would change in the running kernel, with effect and risk of each key, and"
                    + " settings found here that do harm. Writes nothing.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = EXIT_CODES,
            exitCodeList = {"0:shown, whatever the differences", "1:the kernel cannot be read", "2:wrong arguments"})
    int diff(
            @Mixin SysctlSelection selection,
            @Option(names = "--json", description = "One JSON object instead of text.") boolean isJson)
            throws IOException {
        report(plan(selection), isJson, true);
        return Main.OK;
    }

    @Command(
            name = "verify",
            description =
                    "Check that the running kernel is as the profiles say: that applying them would change nothing."
                            + " Writes nothing.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Keys that this kernel lacks, and in a network namespace the keys of the whole host, are reported and count"
                        + " for neither side. Harmful settings are pointed out; what no profile sets is no drift."
            },
            exitCodeListHeading = EXIT_CODES,
            exitCodeList = {
                "0:everything that can be checked is as the profiles say",
                "1:something differs or cannot be read",
                "2:wrong arguments"
            })
    int verify(
            @Mixin SysctlSelection selection,
            @Option(names = "--json", description = "One JSON object instead of text.") boolean isJson)
            throws IOException {
        SysctlPlan plan = plan(selection);
        report(plan, isJson, false);
        boolean isDrifted = !plan.of(SysctlPlan.Kind.CHANGE).isEmpty()
                || !plan.allRefusals().isEmpty();
        return isDrifted ? Main.FAILED : Main.OK;
    }

    @Command(
            name = "apply",
            description = "Put profiles in force: all of their keys, or none. What they replace is saved first, for"
                    + " rollback.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Refused as a whole: values that the kernel would refuse or clamp, values that this machine's memory cannot"
                        + " hold, keys that cannot be written. Limits that are higher already stay. Ports that local"
                        + " services listen on are reserved before the range is widened."
            },
            exitCodeListHeading = EXIT_CODES,
            exitCodeList = {
                "0:in force (it may have been before)",
                "1:not applied, and everything is as before",
                "2:wrong arguments; nothing was touched",
                "3:not applied, and something could not be changed back: see the message, then 'rollback'"
            })
    int apply(
            @Mixin SysctlSelection selection,
            @Mixin Root root,
            @Option(names = "--persist", description = "Also install them below /etc/sysctl.d, for the next boot.")
                    boolean isPersisted)
            throws IOException {
        SysctlPlan plan = plan(selection);
        SysctlChange change = new SysctlChange(tree, plan.host(), root.path);
        try {
            SysctlChange.Done done = change.apply(plan, isPersisted);
            SysctlReport.skipped(plan, out());
            tell(done, "wrote ", "nothing to write: everything is as the profiles say");
            return Main.OK;
        } catch (SysctlChange.Refused e) {
            return failed("nothing was applied: " + e.getMessage(), Main.FAILED);
        } catch (SysctlChange.Unrestored e) {
            return failed(e.getMessage(), UNRESTORED);
        }
    }

    @Command(
            name = "rollback",
            description =
                    "Restore what was there before the first apply, also after a killed one. A second rollback does"
                            + " nothing.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = EXIT_CODES,
            exitCodeList = {
                "0:everything is as before the first apply",
                "1:what was saved cannot be read",
                "2:wrong arguments",
                "3:something could not be restored; what was saved is kept for another try"
            })
    int rollback(@Mixin Root root) throws IOException {
        try {
            tell(new SysctlChange(tree, SysctlHost.of(tree), root.path).rollback(), "restored ", "nothing to restore");
            return Main.OK;
        } catch (SysctlChange.Unrestored e) {
            return failed(e.getMessage(), UNRESTORED);
        }
    }

    /** Where files are kept. */
    static final class Root {
        @Option(
                names = "--root",
                paramLabel = "DIR",
                defaultValue = "/",
                description = "Keep files below DIR: DIR/etc/sysctl.d and DIR/var/lib/longshore/sysctl. The settings"
                        + " themselves are the running kernel's all the same.")
        private Path path;
    }

    private SysctlPlan plan(SysctlSelection selection) throws IOException {
        return SysctlPlan.of(tree, SysctlHost.of(tree), selection.selected());
    }

    private void report(SysctlPlan plan, boolean isJson, boolean isFull) throws IOException {
        List<SysctlHarm> harms = SysctlHarm.found(tree, plan.host());
        PrintWriter out = out();
        if (isJson) {
            SysctlReport.json(plan, harms, out);
        } else {
            SysctlReport.text(plan, harms, isFull, out);
        }
        out.flush();
    }

    private void tell(SysctlChange.Done done, String verb, String nothing) {
        PrintWriter out = out();
        done.keys().forEach((key, value) -> out.println(verb + key + " = " + value));
        done.files().forEach(file -> out.println(verb + file));
        done.remarks().forEach(out::println);
        if (done.keys().isEmpty() && done.files().isEmpty()) {
            out.println(nothing);
        }
        out.flush();
    }

    private int failed(String what, int code) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("longshore sysctl: " + what);
        err.flush();
        return code;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
