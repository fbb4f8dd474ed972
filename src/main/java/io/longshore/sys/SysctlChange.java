package io.longshore.sys;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies a plan as a whole or not at all, and takes it back.
 *
 * <p>In this order: every key is opened for writing; what it holds is saved and synced to the disk; then each key is written
 * and read back. Whatever goes wrong after the first write undoes all of them at once. A process that is killed in between
 * leaves the saved file, from which {@link #rollback} restores the rest; so does a second apply, which never replaces a value
 * that was saved first.
 */
public final class SysctlChange {
    private final SysctlTree tree;
    private final SysctlHost host;
    private final Path root;

    /** @param root the folder that {@code etc} and {@code var} are in; the settings themselves are always the kernel's */
    public SysctlChange(SysctlTree tree, SysctlHost host, Path root) {
        this.tree = tree;
        this.host = host;
        this.root = root;
    }

    /**
     * What was done.
     *
     * @param keys with the value that is in force now
     * @param files that were written or removed
     * @param remarks what the caller ought to read
     */
    public record Done(Map<String, String> keys, List<Path> files, List<String> remarks) {}

    /** Nothing was changed, or all of it was changed back. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        private Refused(String why) {
            super(why);
        }
    }

    /** It failed, and not everything could be changed back: the saved file is kept for another rollback. */
    public static final class Unrestored extends IOException {
        private static final long serialVersionUID = 1;

        private Unrestored(String why) {
            super(why);
        }
    }

    /**
     * Puts the plan in force.
     *
     * @param isPersisted also install it below {@code etc/sysctl.d}
     * @throws Refused if it was not done; everything is as before
     * @throws Unrestored if it was not done, and something is not as before
     */
    public Done apply(SysctlPlan plan, boolean isPersisted) throws IOException {
        if (!plan.allRefusals().isEmpty()) {
            throw new Refused(String.join("; ", plan.allRefusals()));
        }
        List<SysctlPlan.Step> changes = plan.of(SysctlPlan.Kind.CHANGE);
        Map<Path, byte[]> files = isPersisted ? SysctlFiles.wanted(root, plan) : Map.of();
        if (changes.isEmpty() && files.isEmpty()) {
            return new Done(Map.of(), List.of(), List.of());
        }
        for (SysctlPlan.Step step : changes) {
            try {
                tree.probe(step.key());
            } catch (IOException e) {
                throw new Refused(step.key() + " cannot be written: " + reason(e));
            }
        }
        FileChannel lock = lock();
        try {
            return applyLocked(changes, files);
        } finally {
            lock.close();
        }
    }

    /**
     * Restores what the first apply found. Where nothing was saved there is nothing to do, so a second rollback does nothing.
     *
     * @throws Unrestored if something could not be restored; the saved file is kept
     */
    public Done rollback() throws IOException {
        if (!Files.exists(SysctlSaved.file(root, host))) {
            return new Done(Map.of(), List.of(), List.of());
        }
        FileChannel lock = lock();
        try {
            return rollbackLocked();
        } finally {
            lock.close();
        }
    }

    private Done applyLocked(List<SysctlPlan.Step> changes, Map<Path, byte[]> files) throws IOException {
        SysctlSaved previous = SysctlSaved.load(root, host);
        SysctlSaved saved = previous == null
                ? SysctlSaved.empty(host)
                : new SysctlSaved(host.bootId(), previous.values(), previous.files());
        for (SysctlPlan.Step step : changes) {
            if (!tree.read(step.key()).equals(step.before())) {
                throw new Refused(step.key() + " was changed by somebody else just now");
            }
            saved.values().putIfAbsent(step.key(), step.before());
        }
        for (Path file : files.keySet()) {
            if (!saved.files().containsKey(file)) {
                saved.files().put(file, SysctlFiles.contentOrNull(file));
            }
        }
        Map<String, String> undoKeys = new LinkedHashMap<>();
        Map<Path, byte[]> undoFiles = new LinkedHashMap<>();
        saved.store(root, host);
        try {
            Map<String, String> written = new LinkedHashMap<>();
            for (SysctlPlan.Step step : changes) {
                undoKeys.put(step.key(), step.before());
                set(step.key(), step.after());
                written.put(step.key(), step.after());
            }
            for (Map.Entry<Path, byte[]> file : files.entrySet()) {
                undoFiles.put(file.getKey(), SysctlFiles.contentOrNull(file.getKey()));
                SysctlFiles.replace(file.getKey(), file.getValue());
            }
            return new Done(written, List.copyOf(files.keySet()), List.of());
        } catch (IOException failure) {
            List<String> left = restore(undoKeys, undoFiles, new LinkedHashMap<>());
            if (!left.isEmpty()) {
                throw new Unrestored(reason(failure) + "; and this could not be undone: " + String.join("; ", left));
            }
            if (previous == null) {
                SysctlSaved.forget(root, host);
            } else {
                previous.store(root, host);
            }
            throw new Refused(reason(failure));
        }
    }

    private Done rollbackLocked() throws IOException {
        SysctlSaved saved = SysctlSaved.load(root, host);
        if (saved == null) {
            SysctlSaved.forget(root, host);
            return new Done(Map.of(), List.of(), List.of());
        }
        Map<String, String> restored = new LinkedHashMap<>();
        List<String> remarks = new ArrayList<>();
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> value : saved.values().entrySet()) {
            if (tree.exists(value.getKey())) {
                values.put(value.getKey(), value.getValue());
            } else {
                // A module was unloaded; when it comes back it brings its own default.
                remarks.add(value.getKey() + " is gone from this kernel");
            }
        }
        List<Path> files = saved.files().entrySet().stream()
                .filter(file -> !Arrays.equals(file.getValue(), SysctlFiles.contentOrNull(file.getKey())))
                .map(Map.Entry::getKey)
                .toList();
        List<String> left = restore(values, saved.files(), restored);
        if (!left.isEmpty()) {
            throw new Unrestored("could not be restored: " + String.join("; ", left));
        }
        SysctlSaved.forget(root, host);
        return new Done(restored, files, remarks);
    }

    /**
     * Gives keys and files what they had, the last written first, going on past what fails.
     *
     * @param restored receives the keys that had another value
     * @return what failed
     */
    private List<String> restore(Map<String, String> values, Map<Path, byte[]> files, Map<String, String> restored) {
        List<String> left = new ArrayList<>();
        for (Map.Entry<Path, byte[]> file : reversed(files)) {
            try {
                SysctlFiles.replace(file.getKey(), file.getValue());
            } catch (IOException e) {
                left.add(file.getKey() + ": " + reason(e));
            }
        }
        for (Map.Entry<String, String> value : reversed(values)) {
            try {
                if (!tree.read(value.getKey()).equals(value.getValue())) {
                    set(value.getKey(), value.getValue());
                    restored.put(value.getKey(), value.getValue());
                }
            } catch (IOException e) {
                left.add(value.getKey() + ": " + reason(e));
            }
        }
        return left;
    }

    private void set(String key, String value) throws IOException {
        try {
            tree.write(key, value);
        } catch (IOException e) {
            throw new IOException(key + " = " + value + ": " + reason(e), e);
        }
        String now = tree.read(key);
        if (!now.equals(value)) {
            throw new IOException(key + " = " + value + ": the kernel made it " + now);
        }
    }

    private static <K, V> List<Map.Entry<K, V>> reversed(Map<K, V> map) {
        List<Map.Entry<K, V>> entries = new ArrayList<>(map.entrySet());
        Collections.reverse(entries);
        return entries;
    }

    private static String reason(IOException failure) {
        String message = failure.getMessage() == null ? "failed" : failure.getMessage();
        return failure instanceof AccessDeniedException ? message + ": permission denied" : message;
    }

    /**
     * One change at a time on this machine: two that save and write at once would save each other's values. Closing the
     * channel gives the lock back, and so does the end of the process.
     */
    private FileChannel lock() throws IOException {
        Path folder = SysctlSaved.folder(root);
        Files.createDirectories(folder);
        FileChannel file =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (file.tryLock() == null) {
            file.close();
            throw new Refused("another longshore sysctl is at work: " + folder.resolve("lock"));
        }
        return file;
    }
}
