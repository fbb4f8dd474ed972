package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * The head of one HTTP/1.1 message, as offsets over the bytes it arrived in; nothing is copied, nothing is decoded.
 *
 * <pre>{@code
 *   offset()                                                              offset() + length()
 *   |                                                                                       |
 *   GET /chat?room=1 HTTP/1.1 CRLF Host: example.com:8080 CRLF Upgrade: websocket CRLF CRLF
 *   |   |    |                     |     |          |
 *   |   path query                 |     host       |
 *   |   target ......              |     authority ..
 *   method                         name(0), value(0)
 * }</pre>
 *
 * <p><b>Every offset that a method of this class returns counts from {@link #offset()}</b>, the head's first byte in
 * {@link #buffer()}. So the bytes may move: after they were copied elsewhere, {@link #wrap} is all that is needed, even
 * in the middle of parsing. The buffer stays the caller's; it must stay valid and unchanged while the head is read.
 *
 * <p>Also the parser's memory between two calls: a head that is not complete belongs to one message until
 * {@link #reset()}. Made once, reused for ever.
 */
public final class Head {
    private static final byte[] GET = HeaderNames.ascii("GET");
    private static final byte[] HEAD = HeaderNames.ascii("HEAD");

    // Four numbers a field: name offset and length, value offset and length.
    private static final int STRIDE = 4;

    // ---- The parser's memory: which byte comes next, and what it would mean. States are RequestLine's, StatusLine's
    // and
    // FieldLines' own; they share the one number line that FieldLines.LINE_START divides.
    int state;
    int position;
    int mark;
    int valueEnd;
    /** 0 while parsing; then the length of the complete head, or the code of the fault. */
    int outcome;

    // ---- The start line.
    int methodOffset;
    int methodLength;
    int targetOffset;
    int targetLength;
    int targetAuthorityOffset;
    int targetAuthorityLength;
    int pathOffset;
    int pathLength;
    int queryOffset;
    int queryLength;
    int minorVersion;
    int status;
    int reasonOffset;
    int reasonLength;

    // ---- What HeadChecks derived from the fields.
    int authorityOffset;
    int authorityLength;
    int hostLength;
    long contentLength;
    boolean isChunked;

    private final int[] fields;
    private final int headersMax;
    private final FieldList list = new FieldList();
    private int headerCount;
    private DirectBuffer buffer;
    private int offset;

    /**
     * A head with room for {@code headersMax} fields (16 bytes each).
     *
     * @param headersMax at least as many as the {@link HeadParser} that fills it may find
     */
    public Head(int headersMax) {
        this.headersMax = headersMax;
        fields = new int[headersMax * STRIDE];
        reset();
    }

    /** Forgets the message and lets go of the buffer; the next parse starts afresh. */
    public void reset() {
        buffer = null;
        offset = 0;
        state = 0;
        position = 0;
        mark = 0;
        valueEnd = 0;
        outcome = 0;
        methodOffset = 0;
        methodLength = 0;
        targetOffset = 0;
        targetLength = 0;
        targetAuthorityOffset = 0;
        targetAuthorityLength = 0;
        pathOffset = 0;
        pathLength = 0;
        queryOffset = 0;
        queryLength = 0;
        minorVersion = 0;
        status = 0;
        reasonOffset = 0;
        reasonLength = 0;
        authorityOffset = 0;
        authorityLength = 0;
        hostLength = 0;
        contentLength = -1;
        isChunked = false;
        headerCount = 0;
    }

    /** Says where the same bytes stand now. */
    public void wrap(DirectBuffer newBuffer, int newOffset) {
        buffer = newBuffer;
        offset = newOffset;
    }

    /** Where the bytes stand; null before the first parse. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Where in {@link #buffer()} the head begins. */
    public int offset() {
        return offset;
    }

    /** Bytes of the complete head, its empty last line included (and an empty line before a request); else 0. */
    public int length() {
        return Math.max(outcome, 0);
    }

    /** Whether the head was parsed to its end and found well-formed. */
    public boolean isComplete() {
        return outcome > 0;
    }

    // ---- The request line.

    public int methodOffset() {
        return methodOffset;
    }

    public int methodLength() {
        return methodLength;
    }

    /** Whether the method is GET (methods are case-sensitive). */
    public boolean isGet() {
        return methodIs(GET);
    }

    /** Whether the method is HEAD, whose answer has no body. */
    public boolean isHead() {
        return methodIs(HEAD);
    }

    boolean methodIs(byte[] name) {
        if (methodLength != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (byteAt(methodOffset + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** The request target as it was sent, in whatever form. */
    public int targetOffset() {
        return targetOffset;
    }

    public int targetLength() {
        return targetLength;
    }

    /**
     * The target's path without its query, as literal bytes: it begins with a slash, has no dot segment, and is at
     * least one byte long, also where an absolute-form target has an empty path. Length 0 for {@code *} and
     * authority-form. The target in origin-form is the path followed by the query; the two need not be neighbours.
     */
    public int pathOffset() {
        return pathOffset;
    }

    public int pathLength() {
        return pathLength;
    }

    /** The target's query with its question mark; length 0 where there is none. */
    public int queryOffset() {
        return queryOffset;
    }

    public int queryLength() {
        return queryLength;
    }

    /** Of the message's HTTP version: 0 or 1 (a later 1.x counts as 1.1, RFC 9110 section 2.5). */
    public int minorVersion() {
        return minorVersion;
    }

    /**
     * Who is asked, {@code host[:port]}: the Host field, which an absolute-form target agrees with. Empty in HTTP/1.0.
     */
    public int authorityOffset() {
        return authorityOffset;
    }

    public int authorityLength() {
        return authorityLength;
    }

    /** The authority without its port; an IPv6 address keeps its brackets. Its letters are as sent, in either case. */
    public int hostOffset() {
        return authorityOffset;
    }

    public int hostLength() {
        return hostLength;
    }

    // ---- The status line.

    /** A response's status, 100 to 599. */
    public int status() {
        return status;
    }

    public int reasonOffset() {
        return reasonOffset;
    }

    /** The length of the reason phrase, which may be 0. */
    public int reasonLength() {
        return reasonLength;
    }

    // ---- The fields.

    public int headerCount() {
        return headerCount;
    }

    public int nameOffset(int i) {
        return fields[i * STRIDE];
    }

    public int nameLength(int i) {
        return fields[i * STRIDE + 1];
    }

    /** Where the value starts, the white space before it skipped. */
    public int valueOffset(int i) {
        return fields[i * STRIDE + 2];
    }

    /** The value's length without the white space around it; may be 0. */
    public int valueLength(int i) {
        return fields[i * STRIDE + 3];
    }

    /** Whether the {@code i}-th field has this name, compared without case. */
    public boolean nameIs(int i, byte[] lowerCase) {
        return Octets.equalsIgnoreCase(buffer, offset + nameOffset(i), nameLength(i), lowerCase);
    }

    /** Whether the {@code i}-th field has this value, compared without case. */
    public boolean valueIs(int i, byte[] lowerCase) {
        return Octets.equalsIgnoreCase(buffer, offset + valueOffset(i), valueLength(i), lowerCase);
    }

    /** The first field of this name, or -1. */
    public int find(byte[] lowerCase) {
        return find(lowerCase, 0);
    }

    /** The first field of this name at {@code from} or behind it, or -1. */
    public int find(byte[] lowerCase, int from) {
        for (int i = from; i < headerCount; i++) {
            if (nameIs(i, lowerCase)) {
                return i;
            }
        }
        return -1;
    }

    /** How many fields have this name. */
    public int count(byte[] lowerCase) {
        int count = 0;
        for (int i = find(lowerCase); i >= 0; i = find(lowerCase, i + 1)) {
            count++;
        }
        return count;
    }

    /** Whether the list that all fields of this name make has {@code token} as an element, compared without case. */
    public boolean listHas(byte[] lowerCaseName, byte[] lowerCaseToken) {
        list.of(this, lowerCaseName);
        while (list.next()) {
            if (list.is(lowerCaseToken)) {
                return true;
            }
        }
        return false;
    }

    /** Whether Connection lists {@code token}. */
    public boolean connectionHas(byte[] lowerCaseToken) {
        return listHas(HeaderNames.CONNECTION, lowerCaseToken);
    }

    /** How many elements the list of this name has; the count stops at {@code limit}. */
    int listLength(byte[] lowerCaseName, int limit) {
        int length = 0;
        list.of(this, lowerCaseName);
        while (length < limit && list.next()) {
            length++;
        }
        return length;
    }

    /** Whether Connection nominates the {@code i}-th field as hop-by-hop. */
    boolean connectionNominates(int i) {
        list.of(this, HeaderNames.CONNECTION);
        while (list.next()) {
            if (list.names(i)) {
                return true;
            }
        }
        return false;
    }

    /** The value of Content-Length, or -1 where there is none. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether the body is framed by {@code Transfer-Encoding: chunked}. */
    public boolean isChunked() {
        return isChunked;
    }

    // ---- For the parser.

    byte byteAt(int relativeOffset) {
        return buffer.getByte(offset + relativeOffset);
    }

    /** Opens a field whose name starts here; false where there is no room for one more. */
    boolean openField(int nameOffset, int limit) {
        if (headerCount >= Math.min(limit, headersMax)) {
            return false;
        }
        fields[headerCount * STRIDE] = nameOffset;
        return true;
    }

    void closeName(int nameEnd) {
        fields[headerCount * STRIDE + 1] = nameEnd - fields[headerCount * STRIDE];
    }

    void closeField(int valueOffset, int end) {
        fields[headerCount * STRIDE + 2] = valueOffset;
        fields[headerCount * STRIDE + 3] = end - valueOffset;
        headerCount++;
    }
}
