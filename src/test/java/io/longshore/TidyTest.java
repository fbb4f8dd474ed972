package io.longshore;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The house style as far as a machine can hold it and no other tool here does: what is banned has its replacement beside it.
 *
 * <p>Java is read without its comments, and without the contents of its strings, so that a sentence about a banned call is
 * no fault. What needs types is the linter's business, what needs packages ArchitectureTest's.
 */
final class TidyTest {
    private static final Path PROJECT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final Path MAIN = PROJECT.resolve("src/main/java");
    private static final Path TEST = PROJECT.resolve("src/test/java");
    private static final int LINES_MAX = 450;

    private static final String EVERYWHERE = "(main|test)/.*";
    private static final String IN_MAIN = "main/.*";
    private static final String IN_TESTS = "test/.*";
    private static final String HOT = "main/io/longshore/(net|session|http|tls)/.*";
    private static final String QUIET = "main/io/longshore/(?!cli/|load/|control/|metrics/AccessLog).*";
    private static final String OUTSIDE_CLI = "main/io/longshore/(?!cli/).*";

    /**
     * Something that is not to be written.
     *
     * @param where the files it is about: a pattern for their path below src, without the folder called java
     * @param what the pattern of the code
     * @param instead what to write in its place
     * @param example code that breaks the rule: it proves that the pattern still finds something
     */
    private record Ban(String where, String what, String instead, String example) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Ban> bans() {
        return Stream.of(
                new Ban(
                        EVERYWHERE,
                        "\\bThread\\.sleep\\(|\\bTimeUnit\\.\\w+\\.sleep\\(",
                        "the engine's timers on a loop; elsewhere wait for a state, with a deadline",
                        "Thread.sleep(100);"),
                new Ban(
                        OUTSIDE_CLI,
                        "\\bSystem\\.exit\\(|\\.halt\\(",
                        "an exception or an outcome: the exit code is the command line's to choose",
                        "System.exit(1);"),
                new Ban(
                        EVERYWHERE,
                        "\\.printStackTrace\\(\\)|\\bThread\\.dumpStack\\(",
                        "a CloseReason and its counter for a peer's fault, an AssertionError for ours",
                        "e.printStackTrace();"),
                new Ban(
                        QUIET,
                        "\\bSystem\\.(out|err)\\b",
                        "a counter, or a stream that the caller hands in",
                        "System.out.println(x);"),
                new Ban(
                        HOT,
                        "\\bString\\.(format|join)\\(|\\.formatted\\(",
                        "bytes written into the buffer that goes out",
                        "String.format(a, b);"),
                new Ban(
                        HOT,
                        "\\bsynchronized\\b|\\b(ReentrantLock|StampedLock|LockSupport)\\b",
                        "a message to the loop's Mailbox: what a loop owns, only its thread touches",
                        "synchronized (this) {"),
                new Ban(
                        HOT,
                        "\\.(stream|parallelStream|forEach)\\(|\\bjava\\.util\\.stream\\b",
                        "a loop over an index",
                        "slots.stream().filter(x);"),
                new Ban(
                        HOT,
                        "\\bnew (Integer|Long)\\(|\\b(Map|List|Set|Queue|Deque)<(Integer|Long)\\b",
                        "arrays of the primitive, or Agrona's collections",
                        "Map<Integer, Session> sessions;"),
                new Ban(
                        HOT,
                        "\\bThreadLocal\\b",
                        "a field of the loop: hidden state cannot be handed over",
                        "ThreadLocal<Page> page;"),
                new Ban(
                        EVERYWHERE,
                        "\\bsun\\.misc\\.Unsafe\\b|\\bjdk\\.internal\\.",
                        "org.agrona.UnsafeApi",
                        "sun.misc.Unsafe unsafe;"),
                new Ban(
                        IN_MAIN,
                        "\\bfinalize\\(|\\bCleaner\\.create\\(|\\bSystem\\.runFinalization\\(",
                        "close(), called by the owner",
                        "protected void finalize() {"),
                new Ban(
                        IN_MAIN,
                        "\\bgetBytes\\(\\)|\\btoLowerCase\\(\\)|\\btoUpperCase\\(\\)",
                        "the same with a charset or Locale.ROOT: a machine's locale is no input of ours",
                        "name.toLowerCase();"),
                new Ban(
                        IN_TESTS,
                        "@Disabled\\b",
                        "a test that runs, or none: a skip fails the build in CI",
                        "@Disabled @Test"),
                new Ban(
                        IN_TESTS,
                        "\\bvoid \\w*(?:should|Should)\\w*\\(",
                        "a sentence that asserts: parksWhatTheTargetRefuses()",
                        "void shouldParkBytes() {"),
                new Ban(
                        EVERYWHERE,
                        "\\b(class|record|interface|enum) \\w+(Manager|Helper|Helpers|Util|Utils|Impl)\\b",
                        "the field's own word for what it does",
                        "final class SocketManager {"));
    }

    @ParameterizedTest
    @MethodSource("bans")
    void whatIsBannedIsWrittenNowhere(Ban ban) {
        Pattern where = Pattern.compile(ban.where());
        Pattern what = Pattern.compile(ban.what());
        List<String> faults = new ArrayList<>();
        for (Path root : List.of(MAIN, TEST)) {
            for (Path file : filesUnder(root, ".java")) {
                String shortName = root.getParent().getFileName() + "/" + root.relativize(file);
                if (where.matcher(shortName).matches()) {
                    find(what, codeOf(read(file)), shortName, faults);
                }
            }
        }
        assertNone(faults, "instead: " + ban.instead());
    }

    @ParameterizedTest
    @MethodSource("bans")
    void everyBanFindsItsExampleButNotASentenceAboutIt(Ban ban) {
        Pattern what = Pattern.compile(ban.what());
        assertTrue(what.matcher(codeOf(ban.example())).find(), "the ban no longer finds its example");
        for (String sentence : List.of("// %s\n", "/* %s */", "String s = \"%s\";", "String s = \"\"\"\n  %s\"\"\";")) {
            String code = codeOf(String.format(sentence, ban.example()));
            assertFalse(what.matcher(code).find(), "found in " + code);
        }
    }

    @Test
    void thePlacesOfBansAreTheOnesMeant() {
        assertTrue("main/io/longshore/net/nio/NioEngine.java".matches(HOT));
        assertTrue("main/io/longshore/session/Session.java".matches(HOT));
        assertFalse("main/io/longshore/cli/Main.java".matches(OUTSIDE_CLI));
        assertTrue("main/io/longshore/control/Server.java".matches(OUTSIDE_CLI));
        assertFalse("main/io/longshore/metrics/AccessLog.java".matches(QUIET));
        assertTrue("main/io/longshore/metrics/CounterFile.java".matches(QUIET));
        assertFalse("test/io/longshore/net/PagesTest.java".matches(IN_MAIN));
        assertTrue(
                Files.exists(MAIN.resolve("io/longshore/net/Engine.java")),
                "the sources are where they are looked for");
    }

    @Test
    void noFileHidesASecondClass() {
        List<String> faults = new ArrayList<>();
        for (Path file : filesUnder(PROJECT.resolve("src/main"), ".java")) {
            long lines = read(file).lines().count();
            if (lines > LINES_MAX) {
                faults.add(PROJECT.relativize(file) + ": " + lines + " lines");
            }
        }
        assertNone(faults, "at most " + LINES_MAX + " lines: look for the second class hiding in it");
    }

    @Test
    void everySysctlKeySaysWhyItIsSet() {
        List<String> faults = new ArrayList<>();
        for (Path file : filesUnder(PROJECT.resolve("sysctl"), ".conf")) {
            for (int line : uncommentedKeys(read(file))) {
                faults.add(PROJECT.relativize(file) + ":" + line);
            }
        }
        assertNone(faults, "a comment in the line above says what the key costs and what it buys");
    }

    @Test
    void uncommentedSysctlKeysAreFound() {
        String conf = "# The widest range.\nnet.a = 1\nnet.b = 2\n\n; Why.\n-net.c = 3\n# Far above.\n\nnet.d=4\n";
        assertEquals(List.of(3, 9), uncommentedKeys(conf));
    }

    @Test
    void nothingNamesTheMachineItWasWrittenOn() {
        // In two pieces, so that this file does not find itself.
        Pattern places = Pattern.compile("/ro" + "ot/|/ho" + "me/[a-z]|/wo" + "rk/(main|wt|shared)|\\.m" + "2/rep|"
                + "(repo\\.mav" + "en|registry\\.npm" + "js|deb\\.deb" + "ian)\\.org");
        List<String> faults = new ArrayList<>();
        for (String top : List.of("Makefile", "README.md", ".ci", "bin", "docs", "src", "native", "sysctl", "bench")) {
            for (Path file : filesUnder(PROJECT.resolve(top), "")) {
                boolean isCorpus = file.toString().contains("Inputs/");
                if (!isCorpus && !file.toString().contains("node_modules")) {
                    find(places, read(file), PROJECT.relativize(file).toString(), faults);
                }
            }
        }
        assertNone(faults, "a path below the project, a variable, or nothing");
    }

    private static List<Integer> uncommentedKeys(String conf) {
        List<Integer> faults = new ArrayList<>();
        String[] lines = conf.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            boolean isKey = !line.isEmpty() && !isComment(line);
            if (isKey && (i == 0 || !isComment(lines[i - 1].strip()))) {
                faults.add(i + 1);
            }
        }
        return faults;
    }

    private static boolean isComment(String line) {
        return line.startsWith("#") || line.startsWith(";");
    }

    private static void find(Pattern what, String text, String file, List<String> faults) {
        Matcher matcher = what.matcher(text);
        while (matcher.find()) {
            long line = 1
                    + text.substring(0, matcher.start())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            faults.add(file + ":" + line + ": " + matcher.group());
        }
    }

    private static void assertNone(List<String> faults, String instead) {
        assertEquals("", String.join("\n", faults), instead);
    }

    /** Java without comments and without what stands in quotes; the lines keep their numbers. */
    private static String codeOf(String java) {
        // In this order at every place: a text block, a string, a character, a comment to the end of the line, a
        // comment.
        Pattern skipped = Pattern.compile(
                "\"\"\".*?(?<!\\\\)\"\"\"|\"(?:[^\"\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\n]|\\\\.)+'|//[^\n]*|/\\*.*?\\*/",
                Pattern.DOTALL);
        return skipped.matcher(java)
                .replaceAll(part -> "\n".repeat((int)
                        part.group().chars().filter(c -> c == '\n').count()));
    }

    private static List<Path> filesUnder(Path folder, String suffix) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            // Every byte is a character here: a corpus or a picture is no reason to fail.
            return Files.readString(file, ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
