package io.longshore.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the faults of one file, up to a bound, and gives them in the file's order. */
final class Faults {
    /** Nobody reads more, and a hostile file of a megabyte has hundreds of thousands. */
    static final int FAULTS_MAX = 200;

    private final String file;
    private final List<Fault> faults = new ArrayList<>();
    private int dropped;
    private boolean isCutShort;

    Faults(String file) {
        this.file = file;
    }

    void add(Position at, String key, String message) {
        if (faults.size() == FAULTS_MAX) {
            dropped++;
            return;
        }
        faults.add(new Fault(file, at.line(), at.column(), key, message));
    }

    /** A fault after which the rest of the file is unknown: what is missing so far may well stand there. */
    void addAndCutShort(Position at, String key, String message) {
        add(at, key, message);
        isCutShort = true;
    }

    /** A fault that holds only if the whole file was seen. */
    void addUnlessCutShort(Position at, String key, String message) {
        if (!isCutShort) {
            add(at, key, message);
        }
    }

    boolean isEmpty() {
        return faults.isEmpty();
    }

    /** All faults by position; if there were too many, the last one says how many are not shown. */
    List<Fault> inOrder() {
        List<Fault> ordered = new ArrayList<>(faults);
        ordered.sort(Comparator.comparingInt(Fault::line).thenComparingInt(Fault::column));
        if (dropped > 0) {
            Fault last = ordered.get(ordered.size() - 1);
            ordered.add(new Fault(file, last.line(), last.column(), "file", dropped + " more faults are not shown"));
        }
        return List.copyOf(ordered);
    }
}
