package io.longshore.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How every micro benchmark is run: nanoseconds an operation, one thread, two JVMs of six seconds each. JMH wants the
 * classes, and what it calls in them, public and not final; all of it is ours alone for that.
 *
 * <p>A benchmark's class opens with the one question that it asks and the arithmetic of its bounds; each of its methods
 * carries its {@link Bound}, which the table shows beside the result.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public abstract class MicroBenchmark {
    /** What every benchmark of this project is. */
    protected MicroBenchmark() {}
}
