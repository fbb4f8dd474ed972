package io.longshore.net.nio;

import io.longshore.sys.ErrorText;
import io.longshore.sys.Kernel;
import java.io.IOException;

/**
 * The error number behind an exception of the JDK's channels, which carries nothing but a text: strerror(3)'s, in the
 * language of the process. Compared with what that function says here, it needs no locale to be right.
 */
final class NioErrors {
    /** What breaks an established connection; tcp(7), ip(7). The first is the answer to a text that nobody knows. */
    private static final int[] ERRNOS = {
        Kernel.ECONNRESET, Kernel.EPIPE, Kernel.ETIMEDOUT, Kernel.EHOSTUNREACH, Kernel.ENETUNREACH
    };

    private static final String[] TEXTS = new String[ERRNOS.length];

    static {
        for (int i = 0; i < ERRNOS.length; i++) {
            TEXTS[i] = ErrorText.of(ERRNOS[i]);
        }
    }

    private NioErrors() {}

    /** The error number, positive. A reset that was read has a text of the JDK's own, "Connection reset". */
    static int of(IOException e) {
        String text = e.getMessage();
        for (int i = 0; i < ERRNOS.length; i++) {
            if (TEXTS[i].equals(text)) {
                return ERRNOS[i];
            }
        }
        return ERRNOS[0];
    }
}
