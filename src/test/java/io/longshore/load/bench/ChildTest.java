package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ChildTest {
    private static final long PATIENCE_MS = 30_000;

    @TempDir
    private Path folder;

    private final Children children = new Children(task -> {
        Thread thread = new Thread(task, "child-test");
        thread.setDaemon(true);
        return thread;
    });

    @AfterEach
    void leaveNothingBehind() {
        children.endAll();
    }

    @Test
    void whatItSaysIsReadUpToTheWordThatIsWaitedFor() throws IOException, InterruptedException {
        try (Child child = talking("echo windows; echo window; echo 'result {1}'")) {
            assertEquals("", child.awaitLine("window", PATIENCE_MS));
            assertEquals("{1}", child.awaitLine("result", PATIENCE_MS));
        }
    }

    @Test
    void anEarlyEndIsToldWithTheLastWordsOfItsLog() {
        IOException failure = assertThrows(IOException.class, () -> {
            try (Child child = talking("echo 'no room' >&2; exit 3")) {
                child.awaitLine("window", PATIENCE_MS);
            }
        });
        assertEquals("the shell ended with exit code 3: no room", failure.getMessage());
    }

    @Test
    void silenceHasADeadline() throws IOException, InterruptedException {
        try (Child child = talking("read line")) {
            IOException failure = assertThrows(IOException.class, () -> child.awaitLine("window", 10));
            assertEquals("the shell said nothing for 10 ms", failure.getMessage());
        }
    }

    @Test
    void whoEndsWithItsInputIsGivenTheTimeTo() throws IOException, InterruptedException {
        Child child = talking("echo ready; read line; exit 7");
        child.awaitLine("ready", PATIENCE_MS);
        child.close();
        assertEquals(7, child.exitCode());
    }

    @Test
    void whatAChildHasStartedEndsWithIt() throws IOException, InterruptedException {
        Child child = talking("sleep 1000 & echo $!; trap '' TERM; wait");
        ProcessHandle grandchild =
                ProcessHandle.of(Long.parseLong(child.nextLine(PATIENCE_MS))).orElseThrow();
        assertEquals(2, child.pids().size());
        children.endAll();
        assertFalse(grandchild.isAlive());
        assertFalse(child.isAlive());
        assertThrows(IOException.class, () -> talking("true"));
        assertTrue(child.hasEnded(0));
    }

    private Child talking(String script) throws IOException {
        return Child.talking("the shell", List.of("sh", "-c", script), folder.resolve("log"), children);
    }
}
