package io.longshore.load.bench;

import io.longshore.sys.Proc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The machine that a result was made on, as far as it can bear on the numbers; nothing in it names the machine. */
public final class Environment {
    private static final List<String> SYSCTLS = List.of(
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem",
            "net.ipv4.tcp_mem",
            "net.core.rmem_max",
            "net.core.wmem_max",
            "net.core.somaxconn",
            "net.core.netdev_max_backlog",
            "net.core.default_qdisc",
            "net.ipv4.tcp_max_syn_backlog",
            "net.ipv4.tcp_tw_reuse",
            "net.ipv4.tcp_congestion_control",
            "net.ipv4.tcp_timestamps",
            "net.netfilter.nf_conntrack_max",
            "fs.file-max",
            "fs.nr_open",
            "kernel.io_uring_disabled",
            "vm.max_map_count");
    private static final long GIT_SECONDS_MAX = 10;

    private final Path root;
    private final Map<String, String> found = new LinkedHashMap<>();

    private Environment(Path root) {
        this.root = root;
    }

    /**
     * Looks at the kernel, the CPU, the memory, the limits and sysctls of this machine; what it does not have is left out.
     *
     * @param checkout a folder in the sources, whose commit is named if it has one
     * @param told what only the caller knows (JDK of the proxy, the peers' versions, flags), shown after the hardware; a
     *     name that is also looked for has the caller's text
     * @return names and texts in the order to be shown, the caller's to keep
     */
    public static Map<String, String> gather(Path checkout, Map<String, String> told) {
        return gather(Path.of("/"), checkout, told);
    }

    /** The same on a machine whose {@code proc} and {@code sys} stand below {@code root}. */
    static Map<String, String> gather(Path root, Path checkout, Map<String, String> told) {
        Environment environment = new Environment(root);
        environment.machine();
        environment.found.putAll(told);
        environment.commit(checkout);
        environment.limits();
        environment.sysctls();
        // A name keeps the place where it stood first.
        environment.found.putAll(told);
        return environment.found;
    }

    private void machine() {
        sysctl("kernel.osrelease").ifPresent(release -> put("kernel", release));
        lines("etc/os-release")
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .findFirst()
                .ifPresent(line ->
                        put("system", line.substring("PRETTY_NAME=".length()).replace("\"", "")));
        cpu();
        line("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").ifPresent(name -> put("governor", name));
        line("sys/devices/system/clocksource/clocksource0/current_clocksource")
                .ifPresent(name -> put("clock source", name));
        field("proc/meminfo", "MemTotal")
                .map(text -> text.replace(" kB", "").strip())
                .filter(text -> text.matches("\\d{1,15}"))
                .ifPresent(kib ->
                        put("memory", String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(kib) / 1024.0 / 1024.0)));
        line("sys/kernel/mm/transparent_hugepage/enabled").ifPresent(modes -> put("transparent huge pages", modes));
        mitigations();
    }

    private void cpu() {
        field("proc/cpuinfo", "model name")
                .or(() -> field("proc/cpuinfo", "CPU part"))
                .ifPresent(model -> put("CPU", model));
        long count = lines("proc/cpuinfo")
                .filter(line -> line.matches("processor\\s*:.*"))
                .count();
        if (count > 0) {
            put("CPUs", Long.toString(count));
        }
        line("sys/devices/system/cpu/smt/active")
                .ifPresent(active -> put("hyper-threads", active.equals("1") ? "on" : "off"));
        line("sys/devices/system/cpu/isolated").ifPresent(list -> put("isolated CPUs", list));
        field("proc/cpuinfo", "flags")
                .filter(flags -> (" " + flags + " ").contains(" hypervisor "))
                .ifPresent(flags -> put("hypervisor", "yes: this is a virtual machine"));
    }

    private void mitigations() {
        Path folder = root.resolve("sys/devices/system/cpu/vulnerabilities");
        List<String> active = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                line(root.relativize(file).toString())
                        .filter(state -> !state.equals("Not affected"))
                        .ifPresent(state -> active.add(file.getFileName() + ": " + state));
            }
        } catch (IOException e) {
            // A kernel without this folder says nothing about mitigations, and neither do we.
            return;
        }
        put("mitigations", active.isEmpty() ? "none needed" : String.join("; ", active));
    }

    private void commit(Path checkout) {
        git(checkout, "rev-parse", "--short=12", "HEAD").ifPresent(commit -> {
            boolean isChanged = git(checkout, "status", "--porcelain", "--untracked-files=no")
                    .isPresent();
            put("commit", commit + (isChanged ? ", with changes that are not committed" : ""));
        });
    }

    private void limits() {
        lines("proc/self/limits")
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .map(line -> line.split("\\s{2,}"))
                .filter(columns -> columns.length >= 3)
                .ifPresent(columns -> put("RLIMIT_NOFILE", columns[1] + " soft, " + columns[2] + " hard"));
    }

    private void sysctls() {
        SYSCTLS.forEach(key -> sysctl(key).ifPresent(value -> put(key, value)));
    }

    private Optional<String> sysctl(String key) {
        // Not with the reader below: these files give nothing more to a second read(2), whatever the first one asked
        // for.
        String value = new Proc(root.resolve("proc")).text("sys/" + key.replace('.', '/'));
        return Optional.ofNullable(value)
                .map(text -> text.replaceAll("\\s+", " "))
                .filter(text -> !text.isEmpty());
    }

    private void put(String name, String text) {
        found.putIfAbsent(name, text);
    }

    /** The value of the first line that has this name before its colon. */
    private Optional<String> field(String file, String name) {
        return lines(file)
                .filter(line -> line.matches("\\Q" + name + "\\E\\s*:.*"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .filter(value -> !value.isEmpty());
    }

    private Optional<String> line(String file) {
        return lines(file).findFirst().map(String::strip).filter(line -> !line.isEmpty());
    }

    private Stream<String> lines(String file) {
        try {
            return new String(Files.readAllBytes(root.resolve(file)), StandardCharsets.UTF_8).lines();
        } catch (IOException e) {
            // Not on this kernel, or not for us to read: then the report does not speak of it.
            return Stream.empty();
        }
    }

    /** The first line of git's answer; nothing without git, without a repository, or if there is no answer. */
    private static Optional<String> git(Path checkout, String... arguments) {
        List<String> command = new ArrayList<>(List.of("git", "-C", checkout.toString()));
        command.addAll(List.of(arguments));
        Process process = null;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean isDone = process.waitFor(GIT_SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0;
            return isDone ? answer.lines().findFirst() : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }
}
