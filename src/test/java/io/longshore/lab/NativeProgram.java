package io.longshore.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The C programs of {@code native}: {@code make native} puts them into {@code target/native}; what is missing there, or
 * older than its sources, is compiled here, so that a test can be run from an IDE alone.
 */
public final class NativeProgram {
    private NativeProgram() {}

    /** The executable made of {@code native/NAME.c}. */
    public static synchronized Path named(String name) {
        Path sources = ChildProcess.projectFolder().resolve("native");
        Path program = ChildProcess.projectFolder().resolve("target/native").resolve(name);
        try {
            if (!Files.isExecutable(program)
                    || Files.getLastModifiedTime(program).compareTo(newest(sources)) < 0) {
                compile(sources.resolve(name + ".c"), program);
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot build " + program, e);
        }
    }

    private static void compile(Path source, Path program) throws IOException {
        Files.createDirectories(program.getParent());
        // Compiled aside and moved into place: another test JVM may be running the old one, or building it, too.
        Path fresh =
                Files.createTempFile(program.getParent(), program.getFileName().toString(), ".new");
        try {
            ChildProcess.run(
                    List.of("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", fresh.toString(), source.toString()),
                    Map.of(),
                    Await.PATIENCE);
            Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static FileTime newest(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            FileTime newest = FileTime.fromMillis(0);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                FileTime time = Files.getLastModifiedTime(file);
                newest = time.compareTo(newest) > 0 ? time : newest;
            }
            return newest;
        }
    }
}
