package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Holds that every row of the table of what the proxy must survive has a live test that says so in its name: {@code row
 * 17: ...}. A row that loses its last test fails here.
 *
 * <p>Not yet: rows 11 and 12 (allowed origins) and 45 (reload), which come with what they are about.
 */
final class HostileRowsTest {
    private static final List<Class<?>> CLASSES = List.of(
            HandshakeRowsTest.class,
            ParsingRowsTest.class,
            RefusalRowsTest.class,
            UpgradeRowsTest.class,
            DialRowsTest.class,
            NetworkRowsTest.class,
            HostRowsTest.class);

    private static final Pattern ROW = Pattern.compile("row ([0-9]+a?): .+");

    @Test
    void everyRowHasATest() {
        List<String> missing = new ArrayList<>(rows());
        missing.removeAll(testsByRow().keySet());
        assertEquals(List.of(), missing, "rows without a test");
    }

    @Test
    void everyTestHasARow() {
        List<String> strangers = new ArrayList<>(testsByRow().keySet());
        strangers.removeAll(rows());
        assertEquals(List.of(), strangers, "tests of rows that there are not");
        for (Class<?> each : CLASSES) {
            for (Method method : tests(each)) {
                DisplayName name = method.getAnnotation(DisplayName.class);
                assertEquals(true, name != null && ROW.matcher(name.value()).matches(), () -> each + " " + method);
            }
        }
    }

    private static List<String> rows() {
        IntStream numbers = IntStream.concat(
                IntStream.concat(IntStream.rangeClosed(1, 10), IntStream.rangeClosed(13, 44)), IntStream.of(46, 47));
        return Stream.concat(numbers.mapToObj(Integer::toString), Stream.of("20a"))
                .toList();
    }

    /** The names of the tests of each row; a disabled one does not count. */
    private static Map<String, List<String>> testsByRow() {
        Map<String, List<String>> byRow = new TreeMap<>();
        for (Class<?> each : CLASSES) {
            for (Method method : tests(each)) {
                DisplayName name = method.getAnnotation(DisplayName.class);
                Matcher matcher = ROW.matcher(name == null ? "" : name.value());
                if (matcher.matches()) {
                    byRow.computeIfAbsent(matcher.group(1), row -> new ArrayList<>())
                            .add(method.getName());
                }
            }
        }
        return byRow;
    }

    private static List<Method> tests(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .filter(method -> !method.isAnnotationPresent(Disabled.class))
                .toList();
    }
}
