package io.longshore.live;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.lab.LongshoreProcess;
import io.longshore.metrics.Counter;
import io.longshore.metrics.CounterSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The proxy in a process of its own, where its memory can be told from a test's: started by {@code bin/longshore} with the
 * flags that users get, on this JVM's JDK, from the classes under test.
 *
 * <p>The jar that the launcher asks for is made here: nothing but a manifest that names the class path, so that these
 * tests need no packaging.
 */
final class ProxyProcess implements AutoCloseable {
    private final Path folder;
    private final LongshoreProcess process;

    private ProxyProcess(Path folder, LongshoreProcess process) {
        this.folder = folder;
        this.process = process;
    }

    /** A proxy with this configuration, which leaves out {@code counters}. */
    static ProxyProcess start(String yaml) {
        try {
            Path folder = Files.createTempDirectory("longshore-live");
            Path jar = folder.resolve("longshore.jar");
            writeJar(jar);
            Map<String, String> environment =
                    Map.of("LONGSHORE_JAR", jar.toString(), "LONGSHORE_JAVA", System.getProperty("java.home"));
            return new ProxyProcess(
                    folder, LongshoreProcess.serve(List.of(), environment, "counters: " + folder + "\n" + yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeJar(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "io.longshore.cli.Main");
        attributes.put(
                Attributes.Name.CLASS_PATH,
                Stream.of(System.getProperty("java.class.path").split(":"))
                        .map(entry -> Path.of(entry).toUri().toString())
                        .collect(Collectors.joining(" ")));
        attributes.putValue("Add-Opens", "java.base/sun.nio.ch java.base/jdk.internal.misc java.base/java.io");
        attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream written = new JarOutputStream(out, manifest)) {
            written.finish();
        }
    }

    LongshoreProcess process() {
        return process;
    }

    /** A number over all loops, as it is now. */
    long counter(Counter counter) {
        try {
            return CounterSnapshot.read(folder.resolve(Long.toString(process.pid())))
                    .total(counter);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a number has this value. */
    void await(Counter counter, long value) {
        Await.until(() -> counter(counter) == value, counter.label() + " = " + value);
    }

    /** Its resident memory in bytes after two full collections; the second one finishes what the first only began. */
    long residentBytesAfterCollection() {
        jcmd("GC.run");
        jcmd("GC.run");
        return residentBytes();
    }

    /** Its resident memory in bytes: what the page tables say, not the counters that lag behind them. */
    long residentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
                if (line.startsWith("Rss:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("the kernel tells no Rss");
    }

    /** What the JVM's own tool says about it. */
    List<String> jcmd(String... command) {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        List<String> words = Stream.concat(Stream.of(tool, Long.toString(process.pid())), Stream.of(command))
                .toList();
        return ChildProcess.run(words, Map.of(), Await.PATIENCE);
    }

    @Override
    public void close() {
        process.close();
        removeFolder();
    }

    private void removeFolder() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
