package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AffinityTest {
    @Test
    void pinsTheCallingThreadAndNoOther() throws IOException {
        String before = allowed();
        // The last CPU that this process may use, which need not be a low one.
        int cpu = Integer.parseInt(before.substring(Math.max(before.lastIndexOf(','), before.lastIndexOf('-')) + 1));
        // On a thread of its own, which takes its pin along when it ends.
        assertEquals(Integer.toString(cpu), onAnotherThread(() -> {
            assertEquals(0, Affinity.pinToCpu(cpu));
            return allowed();
        }));
        assertEquals(before, allowed());
    }

    @Test
    void refusesACpuThatIsNotThere() throws IOException {
        String before = allowed();
        for (int cpu : new int[] {-1, 1_024, Integer.MAX_VALUE, 1_023}) {
            assertEquals(-Kernel.EINVAL, Affinity.pinToCpu(cpu), "CPU " + cpu);
        }
        assertEquals(before, allowed());
    }

    private interface Question {
        String ask() throws IOException;
    }

    private static String onAnotherThread(Question question) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        answer.complete(question.ask());
                    } catch (IOException | AssertionError e) {
                        answer.completeExceptionally(e);
                    }
                })
                .start();
        return answer.join();
    }

    /** Such as {@code 0-1} or {@code 3}; proc_pid_status(5). */
    private static String allowed() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
            if (line.startsWith("Cpus_allowed_list:")) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        throw new AssertionError("no Cpus_allowed_list");
    }
}
