package io.longshore.cli;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.config.Fault;
import io.longshore.control.Log;
import io.longshore.control.Server;
import io.longshore.origin.PortSettings;
import io.longshore.sys.SystemdNotify;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code longshore serve}: the proxy, from a configuration file to the end of the process.
 *
 * <p>Standard output gets one line, when connections are accepted; a supervisor that speaks sd_notify(3) is told at the
 * same moment. All else goes to standard error.
 */
@Command(
        name = "serve",
        description = "Run the proxy.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nSignals:%n",
        footer = {
            "  SIGTERM  stop accepting, let tunnels live on for drain-timeout, end; a second one ends at once",
            "  SIGINT   end at once",
            "  SIGHUP   logged and ignored"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ended after a signal",
            "1:could not start, or failed",
            "2:the configuration has faults (all are on standard error), or the command line has"
        })
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration; longshore check --explain tells what may stand in it.")
    private Path file;

    @Spec
    private CommandSpec spec;

    ServeCommand() {}

    @Override
    public Integer call() throws IOException {
        ConfigReader.Result result = ConfigReader.read(file);
        if (result instanceof ConfigReader.Faulty faulty) {
            return refuse(faulty);
        }
        return serve(((ConfigReader.Valid) result).config());
    }

    private int refuse(ConfigReader.Faulty faulty) {
        PrintWriter err = spec.commandLine().getErr();
        for (Fault fault : faulty.faults()) {
            err.println(fault);
        }
        err.flush();
        return Main.USAGE;
    }

    private int serve(Config config) throws IOException {
        Server server = Server.start(config);
        Log.info("engine", "name", server.engine(), "reason", server.engineReason());
        PortSettings ports = server.portSettings();
        Log.info(
                "source-ports",
                "mode",
                ports.mode().label(),
                "ports",
                ports.low() + "-" + ports.high(),
                "usable",
                ports.usablePorts());
        new StopSignals(server::drain, server::stop, SystemdNotify::send).install();
        PrintWriter out = spec.commandLine().getOut();
        out.println(server.readyLine());
        out.flush();
        SystemdNotify.send("READY=1");
        boolean isOrderly = server.awaitEnd();
        Log.info("ended");
        return isOrderly ? Main.OK : Main.FAILED;
    }
}
