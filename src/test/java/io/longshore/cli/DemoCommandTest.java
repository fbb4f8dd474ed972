package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.Config;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DemoCommandTest {
    @Test
    void echoesThroughTheProxyUntilItIsInterrupted() throws Exception {
        try (MainProcess demo = new MainProcess("demo", "--port", "0")) {
            String address = demo.awaitReady();
            for (int i = 0; i < 3; i++) {
                CommandRun run = CommandRun.withInput(
                        "one\n/binary 02\n",
                        "ws",
                        "ws://" + address + "/any/path",
                        "--expect",
                        "2",
                        "--subprotocol",
                        "a");
                assertEquals(0, run.code(), run.err());
                assertEquals("one\n0x02\n", run.out());
                assertTrue(run.err().startsWith("# connected, subprotocol a\n"), run.err());
            }
            demo.signal("INT");
            assertEquals(0, demo.awaitExit(), demo.errors());
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CommandRun run = CommandRun.of("demo", "--port", Integer.toString(taken.getLocalPort()));
            assertEquals(1, run.code());
            assertTrue(run.err().contains(":" + taken.getLocalPort() + " is taken"), run.err());
            assertEquals(1, run.err().lines().count(), run.err());
        }
        assertEquals(2, CommandRun.of("demo", "--port", "70000").code());
    }

    @Test
    void runsOnTheSmallestConfiguration() {
        Config config = DemoCommand.configuration(8080, 9000);
        assertEquals("/127.0.0.1:8080", config.listeners().get(0).address().toString());
        assertEquals(
                "/127.0.0.1:9000",
                config.origins().get("echo").endpoints().get(0).toString());
        assertEquals("-", config.accessLog());
    }
}
