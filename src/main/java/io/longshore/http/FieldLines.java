package io.longshore.http;

/**
 * The field lines of a head and the empty line that ends it (RFC 9112 section 5), the same for requests and responses.
 *
 * <pre>
 *   LINE_START -token-> NAME -:-> VALUE_START -byte-> VALUE -CR-> LINE_LF -LF-> LINE_START
 *       |                              \---------CR--------------^
 *       \-CR-> HEAD_LF -LF-> complete
 * </pre>
 */
final class FieldLines {
    /** The first state of this machine; the start lines' states are below it. */
    static final int LINE_START = 16;

    private static final int NAME = 17;
    private static final int VALUE_START = 18;
    private static final int VALUE = 19;
    private static final int LINE_LF = 20;
    private static final int HEAD_LF = 21;

    private FieldLines() {}

    /**
     * Takes bytes until the head or the bytes end.
     *
     * @param end how many bytes of the head have arrived
     * @return the length of the complete head, 0 where it needs more, or the code of a fault
     */
    static int advance(Head head, int end, int headersMax) {
        int outcome = 0;
        while (outcome == 0 && head.position < end) {
            // Names and values are the bulk of a head: run through them without asking for the state at each byte.
            if (head.state == VALUE) {
                skipValue(head, end);
            } else if (head.state == NAME) {
                skipName(head, end);
            }
            if (head.position < end) {
                outcome = step(head, head.byteAt(head.position), head.position, headersMax);
                head.position++;
            }
        }
        return outcome;
    }

    private static void skipName(Head head, int end) {
        int position = head.position;
        while (position < end && Octets.isToken(head.byteAt(position))) {
            position++;
        }
        head.position = position;
    }

    private static void skipValue(Head head, int end) {
        int position = head.position;
        int valueEnd = head.valueEnd;
        while (position < end) {
            byte b = head.byteAt(position);
            if (!Octets.isField(b)) {
                break;
            }
            position++;
            if (!Octets.isBlank(b)) {
                valueEnd = position;
            }
        }
        head.valueEnd = valueEnd;
        head.position = position;
    }

    private static int step(Head head, byte b, int position, int headersMax) {
        switch (head.state) {
            case LINE_START:
                return lineStart(head, b, position, headersMax);
            case NAME:
                return name(head, b, position);
            case VALUE_START:
                return valueStart(head, b, position);
            case VALUE:
                return b == Octets.CR ? to(head, LINE_LF) : lineFault(b);
            case LINE_LF:
                if (b != Octets.LF) {
                    return HeadFault.BARE_CR_OR_LF.code();
                }
                head.closeField(head.mark, head.valueEnd);
                return to(head, LINE_START);
            default:
                return b == Octets.LF ? position + 1 : HeadFault.BARE_CR_OR_LF.code();
        }
    }

    private static int lineStart(Head head, byte b, int position, int headersMax) {
        if (Octets.isToken(b)) {
            head.state = NAME;
            return head.openField(position, headersMax) ? 0 : HeadFault.TOO_MANY_HEADERS.code();
        }
        if (b == Octets.CR) {
            return to(head, HEAD_LF);
        }
        if (Octets.isBlank(b)) {
            // Before the first field there is nothing to continue: some parsers would skip the line, some join it.
            return (head.headerCount() > 0 ? HeadFault.OBSOLETE_FOLD : HeadFault.BAD_HEADER_NAME).code();
        }
        return nameFault(b);
    }

    private static int name(Head head, byte b, int position) {
        if (b == ':') {
            head.closeName(position);
            return to(head, VALUE_START);
        }
        if (Octets.isBlank(b)) {
            return HeadFault.SPACE_BEFORE_COLON.code();
        }
        return nameFault(b);
    }

    private static int valueStart(Head head, byte b, int position) {
        if (Octets.isBlank(b)) {
            return 0;
        }
        head.mark = position;
        head.valueEnd = position;
        if (b == Octets.CR) {
            return to(head, LINE_LF);
        }
        if (Octets.isField(b)) {
            head.valueEnd = position + 1;
            return to(head, VALUE);
        }
        return lineFault(b);
    }

    /** The fault of a byte that cannot stand in a name; a CR here means a line without a colon. */
    private static int nameFault(byte b) {
        return Octets.isField(b) || b == Octets.CR ? HeadFault.BAD_HEADER_NAME.code() : lineFault(b);
    }

    private static int lineFault(byte b) {
        return (b == Octets.LF ? HeadFault.BARE_CR_OR_LF : HeadFault.FORBIDDEN_BYTE).code();
    }

    private static int to(Head head, int state) {
        head.state = state;
        return 0;
    }
}
