package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.metrics.CounterFile;
import io.longshore.metrics.PortFacts;
import io.longshore.metrics.PortFile;
import io.longshore.metrics.PortRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PortsCommandTest {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;
    private static final long SOURCE = MAPPED | 0x7f00_0902L;
    private static final long ENDPOINT = MAPPED | 0x7f00_0903L;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new PortsCommand(List.of(folder)))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    /** A process, ourselves, with one row: 20 tuples of which 3 are live, 2 held and 1 foreign. */
    private Path process() throws IOException {
        Path directory = folder.resolve(Long.toString(ProcessHandle.current().pid()));
        CounterFile.create(directory, 1);
        PortFile file = PortFile.create(directory, 1, new PortFacts("window", 40_000, 40_021, 2, List.of("chat")));
        PortRow row = file.next().describe(0, 0, SOURCE, 0, ENDPOINT, 4_711);
        row.setCapacity(20);
        for (int i = 0; i < 5; i++) {
            assertTrue(row.take());
            row.dialed(20_000);
        }
        row.hold();
        row.hold();
        row.setForeign(1);
        return directory;
    }

    @Test
    void showsHowTheNumbersAddUp() throws IOException {
        process();
        assertEquals(Main.OK, run(), err::toString);
        String text = out.toString();
        assertTrue(
                text.contains("mode window, ports 40000-40021: 22 - 2 reserved = 20 per source and endpoint\n"), text);
        assertTrue(text.contains("1 rows x 20 = 20 tuples\n"), text);
        assertTrue(text.contains("127.0.9.2                127.0.9.3:4711 "), text);
        assertTrue(text.contains("  20 = 3 live + 2 held + 1 foreign + 0 blocked + 14 free"), text);
        assertTrue(text.contains("; the kernel has 0 open and 0 closing, -5"), text);
    }

    @Test
    void writesJson() throws IOException {
        Path directory = process();
        assertEquals(
                Main.OK, run("--json", "--counters", directory.resolve("ports").toString()), err::toString);
        String json = out.toString();
        assertTrue(
                json.startsWith("{\"pid\":" + ProcessHandle.current().pid() + ",\"mode\":\"window\",\"low\":40000"),
                json);
        assertTrue(json.contains("\"origin\":\"chat\",\"source\":\"127.0.9.2\",\"endpoint\":\"127.0.9.3:4711\""), json);
        assertTrue(json.contains("\"live\":3,\"held\":2,\"foreign\":1,\"blocked\":0,\"free\":14,\"dials\":5"), json);
        assertTrue(json.endsWith("\"kernel-open\":0,\"kernel-closing\":0,\"difference\":-5}]}\n"), json);
        assertEquals(1, json.lines().count());
    }

    @Test
    void countsAConfigurationsTuplesInTheKernel() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.9.3"));
                Socket client = new Socket()) {
            client.bind(new InetSocketAddress("127.0.9.2", 0));
            client.connect(server.getLocalSocketAddress());
            Path file = Files.writeString(folder.resolve("c.yaml"), """
                    listeners: [{address: "127.0.0.1:8080"}]
                    origins: {chat: {endpoints: ["127.0.9.3:%d"], sources: [127.0.9.2-127.0.9.3]}}
                    routes: [{origin: chat}]
                    """.formatted(server.getLocalPort()));
            assertEquals(Main.OK, run("-c", file.toString(), "--json"), err::toString);
        }
        String json = out.toString();
        assertTrue(json.startsWith("{\"pid\":0,"), json);
        assertTrue(json.contains("\"foreign\":1,"), json);
        assertTrue(json.contains("\"kernel-open\":1,"), json);
        assertTrue(json.contains("\"foreign\":0,"), json);
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertEquals(Main.FAILED, run());
        assertTrue(err.toString().contains("no running proxy was found"), err::toString);
        assertEquals(Main.FAILED, run("--pid", "1"));
        assertTrue(err.toString().contains("no counters of process 1 were found"), err::toString);
        Path directory = process();
        Files.delete(directory.resolve("ports"));
        assertEquals(Main.FAILED, run());
        assertTrue(err.toString().contains("keeps no file of ports"), err::toString);
        Path broken = Files.writeString(folder.resolve("c.yaml"), "loops: many\n");
        assertEquals(Main.USAGE, run("-c", broken.toString()));
        assertTrue(err.toString().contains("c.yaml:1:8: loops"), err::toString);
        assertEquals("", out.toString());
    }
}
