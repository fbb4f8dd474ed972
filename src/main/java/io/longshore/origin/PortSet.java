package io.longshore.origin;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A set of port numbers that many threads change at once; an eighth of a kibibyte for every 1,024 ports that are used. */
final class PortSet {
    private static final int CHUNK_PORTS = 1024;

    private final AtomicReferenceArray<AtomicLongArray> chunks = new AtomicReferenceArray<>(65536 / CHUNK_PORTS);

    void add(int port) {
        AtomicLongArray chunk = chunks.get(port / CHUNK_PORTS);
        if (chunk == null) {
            chunks.compareAndSet(port / CHUNK_PORTS, null, new AtomicLongArray(CHUNK_PORTS / Long.SIZE));
            chunk = chunks.get(port / CHUNK_PORTS);
        }
        chunk.getAndUpdate(port % CHUNK_PORTS / Long.SIZE, word -> word | 1L << port);
    }

    void remove(int port) {
        AtomicLongArray chunk = chunks.get(port / CHUNK_PORTS);
        if (chunk != null) {
            chunk.getAndUpdate(port % CHUNK_PORTS / Long.SIZE, word -> word & ~(1L << port));
        }
    }

    boolean contains(int port) {
        AtomicLongArray chunk = chunks.get(port / CHUNK_PORTS);
        return chunk != null && (chunk.get(port % CHUNK_PORTS / Long.SIZE) >>> port & 1) != 0;
    }
}
