package io.longshore.cli;

import io.longshore.config.Config;
import io.longshore.config.ConfigReader;
import io.longshore.control.Server;
import io.longshore.load.EchoOrigin;
import io.longshore.sys.SystemdNotify;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code longshore demo}: a whole proxy to play with, and the origin behind it, in one process on the loopback. What
 * {@code make run} starts.
 */
@Command(
        name = "demo",
        description = "Run an echo origin and the proxy in front of it, to try things out.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ended after a signal", "1:could not start, or failed", "2:the command line is wrong"})
final class DemoCommand implements Callable<Integer> {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int ORIGIN_PORT = 9000;
    private static final int PORT_MAX = 65_535;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Where the proxy listens (default: ${DEFAULT-VALUE}; 0 for any free port).")
    private int port;

    @Spec
    private CommandSpec spec;

    DemoCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (port < 0 || port > PORT_MAX) {
            throw new ParameterException(spec.commandLine(), "--port takes a number from 0 to " + PORT_MAX);
        }
        if (!isFree(port)) {
            throw new IOException(LOOPBACK + ":" + port + " is taken; choose another port with --port");
        }
        try (EchoOrigin origin = EchoOrigin.onSockets()) {
            int originPort = origin.listen(loopback(isFree(ORIGIN_PORT) ? ORIGIN_PORT : 0));
            Thread thread = new Thread(origin::run, "longshore-demo-origin");
            thread.start();
            try {
                return serve(originPort);
            } finally {
                origin.stop();
                thread.join();
            }
        }
    }

    private int serve(int originPort) throws IOException {
        Server server = Server.start(configuration(port, originPort));
        new StopSignals(server::drain, server::stop, SystemdNotify::send).install();
        List<?> addresses = server.addresses();
        explain(spec.commandLine().getOut(), String.valueOf(addresses.get(0)), originPort);
        spec.commandLine().getOut().println(server.readyLine());
        spec.commandLine().getOut().flush();
        SystemdNotify.send("READY=1");
        return server.awaitEnd() ? Main.OK : Main.FAILED;
    }

    private static void explain(PrintWriter out, String address, int originPort) {
        out.println("An echo origin listens on " + LOOPBACK + ":" + originPort + ", Longshore in front of it on "
                + address + ".");
        out.println();
        out.println("  talk to it        bin/longshore ws ws://" + address + "/");
        out.println("  watch it count    bin/longshore stat --watch --pid "
                + ProcessHandle.current().pid());
        out.println("  stop it           Ctrl-C");
        out.println();
        out.println("When a tunnel ends, its access line is shown here.");
    }

    /** The smallest useful configuration, and access lines to look at. */
    static Config configuration(int port, int originPort) {
        String yaml = """
                listeners:
                  - address: 127.0.0.1:%d
                origins:
                  echo:
                    endpoints: ["127.0.0.1:%d"]
                routes:
                  - host: "*"
                    path: /
                    origin: echo
                access-log: "-"
                """.formatted(port, originPort);
        ConfigReader.Result result = ConfigReader.parse("demo", yaml);
        if (result instanceof ConfigReader.Faulty faulty) {
            throw new AssertionError("the demo's own configuration has faults: " + faulty.faults());
        }
        return ((ConfigReader.Valid) result).config();
    }

    /**
     * Whether nobody listens there. A listener of ours would not notice: with SO_REUSEPORT it shares the port with
     * another Longshore of the same user, and each would get half of the connections.
     */
    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName(LOOPBACK))) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static InetSocketAddress loopback(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(LOOPBACK), port);
    }
}
