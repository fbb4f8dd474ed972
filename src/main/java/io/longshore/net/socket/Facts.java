package io.longshore.net.socket;

/**
 * What happened inside a call of the owner and is told at the end of the cycle, because no callback may run inside a
 * call: a ring of (handle, kind, value) in arrays that grow to the largest number that ever waited.
 */
public final class Facts {
    /** The kernel took bytes; how many stands in the socket. */
    public static final int SENT = 0;
    /** A dial ended at once; the value is its result. */
    public static final int CONNECTED = 1;
    /** A send failed; the value is the result. */
    public static final int BROKEN = 2;
    /** There is more to read, and it is this connection's turn again. */
    public static final int READ = 3;

    private long[] handles = new long[256];
    private int[] kinds = new int[256];
    private int[] values = new int[256];
    private int first;
    private int count;

    public void add(long handle, int kind, int value) {
        if (count == handles.length) {
            grow();
        }
        int at = first + count & handles.length - 1;
        handles[at] = handle;
        kinds[at] = kind;
        values[at] = value;
        count++;
    }

    public int count() {
        return count;
    }

    public long handle() {
        return handles[first];
    }

    public int kind() {
        return kinds[first];
    }

    public int value() {
        return values[first];
    }

    public void removeFirst() {
        first = first + 1 & handles.length - 1;
        count--;
    }

    private void grow() {
        int length = handles.length;
        long[] newHandles = new long[length * 2];
        int[] newKinds = new int[length * 2];
        int[] newValues = new int[length * 2];
        for (int i = 0; i < count; i++) {
            int from = first + i & length - 1;
            newHandles[i] = handles[from];
            newKinds[i] = kinds[from];
            newValues[i] = values[from];
        }
        handles = newHandles;
        kinds = newKinds;
        values = newValues;
        first = 0;
    }
}
