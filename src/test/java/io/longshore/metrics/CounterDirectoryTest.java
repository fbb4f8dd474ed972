package io.longshore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CounterDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void looksInRunThenTheUsersRuntimeDirectoryThenTheTemporaryFolder() {
        assertEquals(
                List.of(Path.of("/run/longshore"), Path.of("/run/user/5/longshore"), Path.of("/tmp/longshore-5")),
                CounterDirectory.bases(Map.of("XDG_RUNTIME_DIR", "/run/user/5"), Path.of("/tmp"), 5));
        assertEquals(
                List.of(Path.of("/run/longshore"), Path.of("/tmp/longshore-5")),
                CounterDirectory.bases(Map.of("XDG_RUNTIME_DIR", "relative"), Path.of("/tmp"), 5));
    }

    @Test
    void takesTheFirstBaseThatCanBeMade() throws IOException {
        Path noParent = folder.resolve("missing/longshore");
        Path isAFile = Files.writeString(folder.resolve("file"), "");
        Path good = folder.resolve("good");

        Path made = CounterDirectory.make(List.of(noParent, isAFile, good, folder.resolve("later")));

        assertEquals(good.resolve(Long.toString(ProcessHandle.current().pid())), made);
        assertFalse(Files.exists(folder.resolve("later")));
    }

    @Test
    void saysWhatWasTriedWhereNothingCanBeMade() {
        List<Path> bases = List.of(folder.resolve("a/b"), folder.resolve("c/d"));
        IOException e = assertThrows(IOException.class, () -> CounterDirectory.make(bases));
        assertEquals(2, e.getSuppressed().length);
    }

    @Test
    void aBaseWhereEverybodyMayWriteIsPrivateAndNeverALink() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path base = folder.resolve("longshore-5");
        CounterDirectory.make(List.of(base));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(base)));

        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(folder.resolve("longshore-6"), elsewhere);
        assertThrows(IOException.class, () -> CounterDirectory.make(List.of(link)));
        assertEquals(List.of(), CounterDirectory.list(elsewhere));
    }

    @Test
    void aLinkOrAFolderUnderTheFilesNameIsNoCounterFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path linked = Files.createDirectory(folder.resolve("1"));
        Files.createSymbolicLink(linked.resolve("loops"), file);
        Files.createDirectories(folder.resolve("2/loops"));

        assertFalse(CounterDirectory.holdsCounters(linked));
        assertFalse(CounterDirectory.holdsCounters(folder.resolve("2")));
        assertEquals(List.of(), CounterDirectory.list(folder));
        assertEquals(List.of(), CounterDirectory.list(folder.resolve("missing")));
    }

    @Test
    void thisProcessIsAliveAndANumberWithoutAProcessIsNot() {
        ProcessMark self = ProcessMark.ofThisProcess();
        assertTrue(self.startTicks() > 0);
        assertTrue(self.isAlive());
        assertFalse(new ProcessMark(4_194_304_000L, 0, self.pidNamespace()).isAlive());
    }
}
