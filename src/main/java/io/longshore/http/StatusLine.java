package io.longshore.http;

/**
 * The status line (RFC 9112 section 4), byte by byte: {@code HTTP/1.x SP 3DIGIT SP [reason] CRLF}. The space behind the
 * status may be missing where there is no reason, as many servers have it.
 */
final class StatusLine {
    private static final int VERSION = 0;
    private static final int STATUS = 1;
    private static final int REASON_SP = 2;
    private static final int REASON = 3;
    private static final int LINE_LF = 4;

    private StatusLine() {}

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
            case VERSION -> version(head, b, position);
            case STATUS -> status(head, b, position);
            case REASON_SP -> reasonSpace(head, b, position);
            case REASON -> reason(head, b, position);
            default -> b == Octets.LF ? to(head, FieldLines.LINE_START) : HeadFault.BARE_CR_OR_LF.code();
        };
    }

    private static int version(Head head, byte b, int index) {
        if (index < HeaderNames.HTTP_1.length) {
            return b == HeaderNames.HTTP_1[index] ? 0 : lineFault(b);
        }
        if (index == HeaderNames.HTTP_1.length && Octets.isDigit(b)) {
            head.minorVersion = b == '0' ? 0 : 1;
            return 0;
        }
        if (index > HeaderNames.HTTP_1.length && b == Octets.SP) {
            head.mark = index + 1;
            return to(head, STATUS);
        }
        return lineFault(b);
    }

    private static int status(Head head, byte b, int position) {
        int index = position - head.mark;
        boolean isValid = index == 0 ? b >= '1' && b <= '5' : Octets.isDigit(b);
        if (!isValid) {
            return lineFault(b);
        }
        head.status = head.status * 10 + (b - '0');
        return index == 2 ? to(head, REASON_SP) : 0;
    }

    private static int reasonSpace(Head head, byte b, int position) {
        if (b == Octets.SP) {
            head.reasonOffset = position + 1;
            return to(head, REASON);
        }
        return b == Octets.CR ? to(head, LINE_LF) : lineFault(b);
    }

    private static int reason(Head head, byte b, int position) {
        if (Octets.isField(b)) {
            return 0;
        }
        if (b == Octets.CR) {
            head.reasonLength = position - head.reasonOffset;
            return to(head, LINE_LF);
        }
        return lineFault(b);
    }

    private static int lineFault(byte b) {
        return (b == Octets.LF ? HeadFault.BARE_CR_OR_LF : HeadFault.BAD_STATUS_LINE).code();
    }

    private static int to(Head head, int state) {
        head.state = state;
        return 0;
    }
}
