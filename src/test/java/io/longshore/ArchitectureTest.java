package io.longshore;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.File;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which package may know which, and what may be touched in one place only.
 *
 * <p>The rules read the compiled main classes, so an import that is used nowhere is the linter's business, and a constant
 * that the compiler has copied is nobody's. A rule about a package that does not exist yet holds; a package that stands
 * in no row of the table fails.
 */
final class ArchitectureTest {
    private static final String ROOT = "io.longshore";

    /** Each package with those of ours that it may import. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("cli", Set.of("control", "load", "origin", "config", "sys", "metrics")),
            Map.entry("control", Set.of("session", "policy", "origin", "net", "sys", "config", "metrics")),
            // The frozen records of config: the limits and timeouts that a session keeps to.
            Map.entry("session", Set.of("policy", "origin", "tls", "http", "net", "config", "metrics")),
            Map.entry("policy", Set.of("http", "config", "metrics")),
            Map.entry("origin", Set.of("net", "config", "metrics")),
            Map.entry("tls", Set.of()),
            Map.entry("http", Set.of()),
            Map.entry("net", Set.of("sys", "metrics")),
            Map.entry("sys", Set.of()),
            Map.entry("config", Set.of()),
            Map.entry("metrics", Set.of()),
            Map.entry("load", Set.of("net", "http", "sys")));

    /** The engines on real sockets, and what they share. */
    private static final String[] ENGINES = {tree("net.nio"), tree("net.uring"), tree("net.socket")};

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    static Stream<String> packages() {
        return MAY_IMPORT.keySet().stream().sorted();
    }

    @Test
    void everyPackageStandsInTheTable() {
        assertTrue(CLASSES.contain("io.longshore.net.Engine"), "the main classes are not on the class path");
        Set<String> unknown = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            String below = type.getPackageName().substring(ROOT.length());
            String first = below.isEmpty() ? "" : below.substring(1).split("\\.", 2)[0];
            if (!first.isEmpty() && !MAY_IMPORT.containsKey(first)) {
                unknown.add(type.getPackageName());
            }
        }
        assertEquals(Set.of(), unknown, "packages without a row in the table");
    }

    @ParameterizedTest
    @MethodSource("packages")
    void importsOnlyWhatItsRowAllows(String from) {
        String[] forbidden = packages()
                .filter(to -> !to.equals(from) && !MAY_IMPORT.get(from).contains(to))
                .map(ArchitectureTest::tree)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(tree(from))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void onlyWhoComposesAProcessKnowsAnEngineByName() {
        // Everybody else gets an Engine handed in, or the simulated one could not take its place.
        onlyIn(resideInAnyPackage(tree("net.nio"), tree("control"), tree("load")), resideInAPackage(tree("net.nio")));
        onlyIn(resideInAnyPackage(tree("net.uring"), tree("control")), resideInAPackage(tree("net.uring")));
        onlyIn(resideInAnyPackage(ENGINES), resideInAPackage(tree("net.socket")));
    }

    @Test
    void foreignCodeIsReachedThroughSysAlone() {
        onlyIn(resideInAPackage(tree("sys")), resideInAPackage("com.sun.jna.."));
    }

    @Test
    void theSocketsOfTheJdkBelongToTheNioEngine() {
        // load and cli are peers of the proxy, not part of it: an echo origin, a load generator and a WebSocket client
        // may
        // take whatever socket suits them. FileChannel lives beside the sockets in java.nio.channels and is not meant.
        DescribedPredicate<JavaClass> sockets = assignableTo(SelectableChannel.class)
                .or(assignableTo(Selector.class))
                .or(assignableTo(SelectionKey.class))
                .or(assignableTo(SelectorProvider.class))
                .or(assignableTo(AsynchronousChannel.class))
                .or(assignableTo(Socket.class))
                .or(assignableTo(ServerSocket.class))
                .or(assignableTo(DatagramSocket.class));
        onlyIn(resideInAnyPackage(tree("net.nio"), tree("load"), tree("cli")), sockets);
    }

    @Test
    void timeIsReadBehindTheEngine() {
        // The simulator's clock is the only one that a simulated session may see. The control plane lives in real time,
        // a
        // line of the access log carries the wall clock, and a counter file the moment of its birth.
        DescribedPredicate<JavaClass> readers = resideInAnyPackage(tree("control"), tree("cli"), tree("load"))
                .or(resideInAnyPackage(ENGINES))
                .or(is("metrics.AccessLog"))
                .or(is("metrics.CounterFile"));
        onlyInCalls(
                readers,
                "read a clock",
                access -> calls(access, System.class, "nanoTime")
                        || calls(access, System.class, "currentTimeMillis")
                        || calls(access, Clock.class, "system")
                        || calls(access, Clock.class, "systemUTC")
                        || calls(access, Clock.class, "systemDefaultZone")
                        || (access.getTargetOwner().getPackageName().startsWith("java.time")
                                && access.getTarget().getName().equals("now")));
    }

    @Test
    void chanceIsDrawnBehindTheEngine() {
        // A run of the simulator is one seed: chance from anywhere else would make it unrepeatable.
        DescribedPredicate<JavaClass> drawers =
                resideInAnyPackage(tree("control"), tree("cli"), tree("load")).or(resideInAnyPackage(ENGINES));
        onlyIn(
                drawers,
                resideInAPackage("java.util.random..")
                        .or(assignableTo(Random.class))
                        .or(assignableTo(SplittableRandom.class))
                        .or(assignableTo(SecureRandom.class)));
        onlyInCalls(
                drawers,
                "draw lots",
                access -> calls(access, Math.class, "random") || calls(access, UUID.class, "randomUUID"));
    }

    @Test
    void queuesBetweenThreadsAreTheMailboxAndTheAccessLog() {
        onlyIn(is("net.Mailbox").or(is("metrics.AccessLog")), resideInAPackage("org.jctools.."));
    }

    @Test
    void theTlsOfTheJdkIsKnownToTlsAlone() {
        onlyIn(resideInAPackage(tree("tls")), resideInAPackage("javax.net.ssl.."));
    }

    @Test
    void threadsAreMadeWhereTheProcessIsComposed() {
        DescribedPredicate<JavaClass> makers =
                resideInAPackage(tree("cli")).or(is("control.Server")).or(is("metrics.AccessLog"));
        onlyInCalls(
                makers,
                "make a thread",
                access -> (access.getTarget().getName().equals("<init>")
                                && access.getTargetOwner().isAssignableTo(Thread.class))
                        // A CompletableFuture is a fine way to wait for a thread, until it takes one from the common
                        // pool.
                        || (access.getTarget().getName().endsWith("Async")
                                && access.getTargetOwner().isAssignableTo(CompletableFuture.class)));
        onlyIn(
                makers,
                assignableTo(ExecutorService.class)
                        .or(assignableTo(Executors.class))
                        .or(assignableTo(Timer.class)));
    }

    @Test
    void theCommandLineAndTheFormatOfTheFileStayAtTheEdge() {
        onlyIn(resideInAPackage(tree("cli")), resideInAPackage("picocli.."));
        DescribedPredicate<JavaClass> bench = resideInAPackage(tree("load.bench"));
        onlyIn(resideInAPackage(tree("config")).or(bench), resideInAPackage("org.snakeyaml.."));
        onlyIn(bench, resideInAnyPackage("com.google.gson..", "org.HdrHistogram.."));
    }

    @Test
    void theDataPlaneOpensNoFilesAndKeepsNoLog() {
        noClasses()
                .that()
                .resideInAnyPackage(tree("net"), tree("session"), tree("http"), tree("tls"))
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.nio.file..", "java.util.logging..", "org.slf4j..")
                        .or(assignableTo(File.class))
                        .or(assignableTo(PrintStream.class)))
                .check(CLASSES);
    }

    /** Only classes of {@code place} may know those of {@code what}. */
    private static void onlyIn(DescribedPredicate<JavaClass> place, DescribedPredicate<? super JavaClass> what) {
        noClasses().that(not(place)).should().dependOnClassesThat(what).check(CLASSES);
    }

    /** Only code in {@code place} may make such a call, or take a method reference to it. */
    private static void onlyInCalls(
            DescribedPredicate<JavaClass> place, String description, Predicate<JavaAccess<?>> what) {
        noClasses()
                .that(not(place))
                .should()
                .accessTargetWhere(describe(description, what))
                .check(CLASSES);
    }

    private static boolean calls(JavaAccess<?> access, Class<?> owner, String method) {
        return access.getTarget().getName().equals(method)
                && access.getTargetOwner().isEquivalentTo(owner);
    }

    /** The class of this name with what is nested in it. It need not exist yet. */
    private static DescribedPredicate<JavaClass> is(String name) {
        return belongTo(name(ROOT + "." + name));
    }

    private static String tree(String packageName) {
        return ROOT + "." + packageName + "..";
    }
}
