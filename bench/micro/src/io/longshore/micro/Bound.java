package io.longshore.micro;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an operation should cost at most by arithmetic, before anybody has measured: nanoseconds on a core of about 3
 * GHz. A result far above it asks for an explanation, one far below it for a look at whether the work was done.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Bound {
    /** Nanoseconds an operation. */
    double value();
}
