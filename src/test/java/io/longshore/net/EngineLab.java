package io.longshore.net;

/** An engine under test, and plain peers on the other side of the network that know nothing of engines. */
public interface EngineLab extends AutoCloseable {
    /** A result of {@link Peer#receive}: the stream has ended. */
    int ENDED = -1;

    /** A result of {@link Peer#receive} and {@link Peer#send}: the connection was reset. */
    int RESET = -2;

    /** One end of a connection. Nothing here waits. */
    interface Peer {
        /** This end's address and port. */
        Address local();

        /** Bytes taken, 0 for no room, or {@link #RESET}. */
        int send(byte[] bytes, int offset, int length);

        /** Bytes received, 0 for none yet, {@link #ENDED} or {@link #RESET}. */
        int receive(byte[] bytes);

        /** Sends a byte that TCP marks as urgent (MSG_OOB), which receivers drop; nothing where TCP is only simulated. */
        default void sendUrgent() {}

        /** Half-closes. */
        void finish();

        /** Closes with a reset. */
        void reset();

        /** Closes. */
        void close();
    }

    /** A plain listener. */
    interface PeerListener {
        Address address();

        /** The next connection, or null if none has come yet. */
        Peer accept();
    }

    Engine engine();

    /** Connects a peer, with small buffers, to a listener of the engine. */
    Peer connectTo(Address listener);

    /** Listens outside the engine; its connections have small buffers. */
    PeerListener listen();

    /** An address of this host with port 0. */
    Address host();

    /** An address and port of this host where nobody listens. */
    Address refusing();

    /** More bytes than both kernels take for a peer that does not read. */
    int plenty();

    /** Whether the engine moves a flow by itself ({@link Engine#flow}) where much arrives and the target takes it. */
    default boolean movesLargeFlows() {
        return false;
    }

    /** Takes the descriptors away, so that accepting fails with -EMFILE, or gives them back. */
    void starve(boolean on);

    /** Lets time pass without polling the engine. */
    void passTime();

    @Override
    void close();
}
