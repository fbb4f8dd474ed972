package io.longshore.http;

/**
 * The request line (RFC 9112 section 3), byte by byte: {@code method SP target SP HTTP/1.x CRLF}, one empty line before
 * it skipped (section 2.2).
 *
 * <pre>
 *   START -CR-> EMPTY_LINE -LF-> METHOD -SP-> TARGET -SP-> VERSION -CR-> VERSION_LF -LF-> FieldLines.LINE_START
 *     \--------------token------^               \-CR-> TARGET_LF (HTTP/0.9: refused once its LF is there)
 * </pre>
 */
final class RequestLine {
    /** The longest method that is looked at. The longest registered one has 17 bytes (UPDATEREDIRECTREF). */
    static final int METHOD_BYTES_MAX = 32;
    /** The longest target; longer ones do not fit through most origins either (RFC 9112 section 3 asks for 8000). */
    static final int TARGET_BYTES_MAX = 8192;

    private static final int START = 0;
    private static final int EMPTY_LINE = 1;
    private static final int METHOD = 2;
    private static final int TARGET = 3;
    private static final int TARGET_LF = 4;
    private static final int VERSION = 5;
    private static final int VERSION_LF = 6;

    private RequestLine() {}

    /**
     * Takes bytes until the line or the bytes end.
     *
     * @param end how many bytes of the head have arrived
     * @return 0, or the code of a fault
     */
    static int advance(Head head, int end) {
        int fault = 0;
        while (fault == 0 && head.position < end && head.state < FieldLines.LINE_START) {
            fault = step(head, head.byteAt(head.position), head.position);
            head.position++;
        }
        return fault;
    }

    private static int step(Head head, byte b, int position) {
        return switch (head.state) {
            case START -> start(head, b, position);
            case EMPTY_LINE -> emptyLine(head, b, position);
            case METHOD -> method(head, b, position);
            case TARGET -> target(head, b, position);
            case TARGET_LF -> (b == Octets.LF ? HeadFault.BAD_HTTP_VERSION : HeadFault.BARE_CR_OR_LF).code();
            case VERSION -> version(head, b, position - head.mark);
            default -> b == Octets.LF ? to(head, FieldLines.LINE_START) : HeadFault.BARE_CR_OR_LF.code();
        };
    }

    private static int start(Head head, byte b, int position) {
        if (b == Octets.CR) {
            return to(head, EMPTY_LINE);
        }
        head.methodOffset = position;
        head.state = METHOD;
        return method(head, b, position);
    }

    private static int emptyLine(Head head, byte b, int position) {
        if (b != Octets.LF) {
            return HeadFault.BARE_CR_OR_LF.code();
        }
        head.methodOffset = position + 1;
        return to(head, METHOD);
    }

    private static int method(Head head, byte b, int position) {
        int length = position - head.methodOffset;
        if (Octets.isToken(b) && length < METHOD_BYTES_MAX) {
            return 0;
        }
        if (b == Octets.SP && length > 0) {
            head.methodLength = length;
            head.targetOffset = position + 1;
            return to(head, TARGET);
        }
        return (b == Octets.LF ? HeadFault.BARE_CR_OR_LF : HeadFault.BAD_METHOD).code();
    }

    private static int target(Head head, byte b, int position) {
        int length = position - head.targetOffset;
        if (Octets.isTarget(b)) {
            return length < TARGET_BYTES_MAX ? 0 : HeadFault.TARGET_TOO_LONG.code();
        }
        if (length == 0) {
            return HeadFault.BAD_TARGET.code();
        }
        if (b == Octets.SP) {
            head.targetLength = length;
            head.mark = position + 1;
            head.state = VERSION;
            return RequestTarget.parse(head);
        }
        if (b == Octets.CR) {
            return to(head, TARGET_LF);
        }
        return (b == Octets.LF ? HeadFault.BARE_CR_OR_LF : HeadFault.BAD_TARGET).code();
    }

    private static int version(Head head, byte b, int index) {
        if (index < HeaderNames.HTTP_1.length) {
            if (b == HeaderNames.HTTP_1[index]) {
                return 0;
            }
            // What does not even begin like a version is the rest of a target that has a space in it.
            boolean isTarget = index == 0 && Octets.isField(b) && Octets.lower(b) != 'h';
            return (isTarget ? HeadFault.BAD_TARGET : versionFault(b)).code();
        }
        if (index == HeaderNames.HTTP_1.length && Octets.isDigit(b)) {
            head.minorVersion = b == '0' ? 0 : 1;
            return 0;
        }
        if (index > HeaderNames.HTTP_1.length && b == Octets.CR) {
            return to(head, VERSION_LF);
        }
        return versionFault(b).code();
    }

    private static HeadFault versionFault(byte b) {
        return b == Octets.LF ? HeadFault.BARE_CR_OR_LF : HeadFault.BAD_HTTP_VERSION;
    }

    private static int to(Head head, int state) {
        head.state = state;
        return 0;
    }
}
