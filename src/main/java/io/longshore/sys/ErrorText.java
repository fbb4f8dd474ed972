package io.longshore.sys;

/** The C library's words for an error number. */
public final class ErrorText {
    private ErrorText() {}

    /**
     * What strerror(3) says, in the language that this process was started in: the very text that the JDK puts into the
     * message of an IOException.
     *
     * @param errno positive
     */
    public static String of(int errno) {
        return Libc.strerror(errno);
    }
}
