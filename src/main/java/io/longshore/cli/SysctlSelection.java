package io.longshore.cli;

import io.longshore.sys.SysctlProfile;
import io.longshore.sys.SysctlProfiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which profiles a subcommand of {@code longshore sysctl} is about. */
final class SysctlSelection {
    @Parameters(
            paramLabel = "PROFILE",
            arity = "0..*",
            description = "A name from 'longshore sysctl list' (ports, 60-longshore-ports), or a size (100k, 1m): the"
                    + " profiles made for it and the base ones of the rest. Without any: ports, queues, memory and"
                    + " conntrack.")
    private final List<String> names = new ArrayList<>();

    @Option(
            names = "--profiles",
            paramLabel = "DIR",
            description = "Take the profiles from the *.conf files of this folder instead of Longshore's own.")
    private Path folder;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    SysctlProfiles available() throws IOException {
        try {
            return folder == null ? SysctlProfiles.shipped() : SysctlProfiles.in(folder);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    List<SysctlProfile> selected() throws IOException {
        try {
            return available().select(names);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
