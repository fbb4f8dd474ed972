package io.longshore.cli;

import java.io.PrintWriter;
import java.util.HexFormat;

/**
 * What the WebSocket client shows. Messages go to standard output as they arrive, piece by piece, so a message of any
 * size takes no memory here; everything about the connection goes to standard error.
 *
 * <p>Called from the client's own thread and from the one that reads the input, hence the locks.
 */
final class WsPrinter {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean isInteractive;
    private final boolean isQuiet;
    /** Whether a message has begun on standard output and its line has not ended. Guarded by this. */
    private boolean isInMessage;

    WsPrinter(PrintWriter out, PrintWriter err, boolean isInteractive, boolean isQuiet) {
        this.out = out;
        this.err = err;
        this.isInteractive = isInteractive;
        this.isQuiet = isQuiet;
    }

    /** A piece of a text message. */
    synchronized void text(CharSequence piece, boolean isLast) {
        begin("");
        out.append(piece);
        end(isLast);
    }

    /** A piece of a binary message. */
    synchronized void binary(byte[] piece, boolean isLast) {
        begin("0x");
        out.append(HexFormat.of().formatHex(piece));
        end(isLast);
    }

    /** Something about the connection that is no failure. */
    synchronized void note(String text) {
        if (!isQuiet) {
            failure(text);
        }
    }

    /** Why it failed. */
    synchronized void failure(String text) {
        if (isInteractive) {
            // The prompt stands on this line already.
            err.print('\r');
        }
        err.println("# " + text);
        err.flush();
    }

    /** Asks for the next line, if there is a person to ask. */
    synchronized void prompt() {
        if (isInteractive && !isInMessage) {
            out.print("> ");
            out.flush();
        }
    }

    private void begin(String prefix) {
        if (!isInMessage) {
            isInMessage = true;
            out.append(isInteractive ? "\r< " : "").append(prefix);
        }
    }

    private void end(boolean isLast) {
        if (isLast) {
            isInMessage = false;
            out.println();
            prompt();
        }
        out.flush();
    }
}
