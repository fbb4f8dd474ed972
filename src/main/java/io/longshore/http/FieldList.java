package io.longshore.http;

import org.agrona.DirectBuffer;

/**
 * Walks the elements of a comma-separated field value (RFC 9110 section 5.6.1) across all lines of that name: the lines
 * of one name are one list, in order. Commas inside a quoted-string do not separate; empty elements are skipped.
 *
 * <p>A cursor, made once and reused: {@code list.of(head, name)}, then {@code while (list.next())}.
 */
final class FieldList {
    private Head head;
    private byte[] name;
    private int header;
    private int position;
    private int end;
    private int elementOffset;
    private int elementLength;

    /** Stands before the first element of the fields named {@code lowerCase}. */
    FieldList of(Head newHead, byte[] lowerCase) {
        head = newHead;
        name = lowerCase;
        header = -1;
        position = 0;
        end = 0;
        return this;
    }

    /** Steps to the next element; false when there is none. */
    boolean next() {
        while (true) {
            while (position >= end) {
                header = head.find(name, header + 1);
                if (header < 0) {
                    header = head.headerCount();
                    return false;
                }
                position = head.valueOffset(header);
                end = position + head.valueLength(header);
            }
            if (element()) {
                return true;
            }
        }
    }

    /** Where the element starts, counted from the head's start. */
    int offset() {
        return elementOffset;
    }

    /** The element's length without the white space around it; at least 1. */
    int length() {
        return elementLength;
    }

    /** Whether the element is {@code lowerCase}, compared without case. */
    boolean is(byte[] lowerCase) {
        return Octets.equalsIgnoreCase(head.buffer(), head.offset() + elementOffset, elementLength, lowerCase);
    }

    /** Whether the element names the {@code i}-th header of the same head. */
    boolean names(int i) {
        DirectBuffer buffer = head.buffer();
        return elementLength == head.nameLength(i)
                && Octets.equalsIgnoreCase(
                        buffer,
                        head.offset() + elementOffset,
                        buffer,
                        head.offset() + head.nameOffset(i),
                        elementLength);
    }

    /**
     * The length of the element's leading token, of which parameters may follow behind a semicolon; -1 where the
     * element does not begin like that.
     */
    int nameLength() {
        int length = 0;
        while (length < elementLength && Octets.isToken(head.byteAt(elementOffset + length))) {
            length++;
        }
        int next = length;
        while (next < elementLength && Octets.isBlank(head.byteAt(elementOffset + next))) {
            next++;
        }
        boolean ends = next == elementLength || head.byteAt(elementOffset + next) == ';';
        return length > 0 && ends ? length : -1;
    }

    /** Takes the bytes up to the next comma outside of quotes; false where there is nothing but white space. */
    private boolean element() {
        boolean quoted = false;
        int from = position;
        while (position < end) {
            byte b = head.byteAt(position);
            if (b == ',' && !quoted) {
                break;
            }
            if (b == '"') {
                quoted = !quoted;
            } else if (b == '\\' && quoted) {
                // A quoted-pair: what follows is a byte of the string, even a quote.
                position++;
            }
            position++;
        }
        int to = Math.min(position, end);
        position = to + 1;
        while (from < to && Octets.isBlank(head.byteAt(from))) {
            from++;
        }
        while (to > from && Octets.isBlank(head.byteAt(to - 1))) {
            to--;
        }
        elementOffset = from;
        elementLength = to - from;
        return elementLength > 0;
    }
}
