package io.longshore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.config.SettingPages;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CheckCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void printsEveryFaultOnStandardErrorAndExitsWithTwo() throws IOException {
        Path file = Files.writeString(
                directory.resolve("bad.yaml"),
                "loop: 2\nlisteners:\n  - address: 127.0.0.1\norigins: []\nroutes: [{origin: 1, host: a:80}]\n");

        assertEquals(2, run("-c", file.toString()));
        assertEquals("", out.toString());
        String[] lines = err.toString().split("\n");
        assertEquals(4, lines.length, err.toString());
        assertTrue(lines[0].startsWith(file + ":1:1: loop: is not known"), lines[0]);
        assertTrue(lines[0].endsWith("; did you mean loops?"), lines[0]);
        assertTrue(lines[1].startsWith(file + ":3:14: listeners[0].address: \"127.0.0.1\" has no port"), lines[1]);
        assertTrue(lines[2].startsWith(file + ":4:10: origins: is a list"), lines[2]);
        assertTrue(lines[3].startsWith(file + ":5:28: routes[0].host: \"a:80\" has a port"), lines[3]);
    }

    @Test
    void printsWhatIsInEffectAndExitsWithZero() throws IOException {
        Path file = Files.writeString(
                directory.resolve("good.yaml"),
                "listeners: [{address: 127.0.0.1:1}]\norigins: {a: {endpoints: [127.0.0.1:2]}}\n"
                        + "routes: [{origin: a}]\n");

        assertEquals(0, run("--config", file.toString()));
        assertEquals("", err.toString());
        assertTrue(out.toString().startsWith("# " + file + " is valid."), out.toString());
        assertTrue(out.toString().contains("\n  - address: 127.0.0.1:1\n    head-timeout: 10s\n"), out.toString());
    }

    @Test
    void explainsInThreeForms() {
        assertEquals(0, run("--explain"));
        assertEquals(SettingPages.text(), out.toString());
        out.getBuffer().setLength(0);
        assertEquals(0, run("--explain", "--format", "markdown"));
        assertEquals(SettingPages.markdown(), out.toString());
        out.getBuffer().setLength(0);
        assertEquals(0, run("--explain", "--format=yaml"));
        assertEquals(SettingPages.yaml(), out.toString());
    }

    @Test
    void wantsExactlyOneThingToDo() {
        assertEquals(2, run());
        assertEquals(2, run("--explain", "-c", "x"));
        assertEquals(2, run("-c", "x", "--format", "yaml"));
        assertEquals(2, run("--explain", "--format", "html"));
        assertEquals("", out.toString());
    }

    @Test
    void exitsWithTwoForAFileThatIsNotThere() {
        assertEquals(2, run("-c", directory.resolve("absent.yaml").toString()));
        assertTrue(err.toString().contains("absent.yaml: file: cannot be read: there is no such file"), err.toString());
    }

    private int run(String... arguments) {
        return new CommandLine(new CheckCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
