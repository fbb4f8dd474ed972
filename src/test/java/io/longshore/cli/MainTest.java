package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void answersWithUsageWhenThereIsNoCommand() {
        CommandRun run = CommandRun.of();
        assertEquals(2, run.code());
        assertEquals("", run.out());
        assertTrue(run.err().startsWith("longshore: a command is missing"), run.err());
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        CommandRun run = CommandRun.of("wss");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("ws"), run.err());
        assertFalse(run.err().contains("Exception"), run.err());
    }

    @Test
    void printsTheVersionOnStandardOutput() {
        CommandRun run = CommandRun.of("--version");
        assertEquals(0, run.code());
        assertTrue(run.out().startsWith("longshore "), run.out());
        assertTrue(run.out().contains("java " + System.getProperty("java.version")), run.out());
    }

    @Test
    void listsEveryCommandWithADescription() {
        CommandRun run = CommandRun.of("--help");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("ws"), run.out());
        assertTrue(run.out().contains("Talk to a WebSocket"), run.out());
    }

    @Test
    void explainsAFailureByItsRootInOneLine() {
        assertEquals("refused; twice", Main.reason(new ExecutionException(new IOException("refused\n  twice"))));
        assertEquals("outer", Main.reason(new IOException("outer", new ConnectException())));
        assertEquals("ConnectException", Main.reason(new ConnectException()));
        assertEquals("no such file: /x", Main.reason(new NoSuchFileException("/x")));
    }
}
