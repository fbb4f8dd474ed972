package io.longshore.sim;

/** One client's visit: what it wants, what the origin will answer, and what became of it. */
final class Exchange {
    final int number;
    final Script client;
    final Script origin;
    final HandshakeScript handshake;
    /** From the client to the origin. */
    final Flow up;
    /** From the origin to the client. */
    final Flow down;

    SimSocket clientSocket;
    SimSocket originSocket;
    /** How many connections brought this request to an origin. */
    int requestsSeen;
    /** The last byte of the origin's head has been written. */
    boolean verdictSent;
    /** The status that the client was sent, 0 if it saw none. */
    int clientStatus;
    /** Body of a refusal that the client has seen. */
    int bodyReceived;

    boolean bodyEnded;

    Exchange(SimWorld world, int number, Script client, Script origin, HandshakeScript handshake) {
        this.number = number;
        this.client = client;
        this.origin = origin;
        this.handshake = handshake;
        up = new Flow(world, "exchange " + number + " up", 2L * number + world.seed * 1_000_003L);
        down = new Flow(world, "exchange " + number + " down", 2L * number + 1 + world.seed * 1_000_003L);
    }

    /** Whether nothing was planned, or drawn by the network, that could end this exchange badly once it is a tunnel. */
    boolean isPolite() {
        return client.isPolite() && origin.isPolite() && !breaksDown(clientSocket) && !breaksDown(originSocket);
    }

    /** Whether a tunnel was established, as far as the client knows. */
    boolean isTunnel() {
        return clientStatus == 101;
    }

    private static boolean breaksDown(SimSocket socket) {
        return socket != null && socket.connection.isBreakingDown();
    }

    @Override
    public String toString() {
        return "exchange " + number + " " + handshake + ", client " + client.mishap + '@' + client.mishapAt + ' '
                + client.reader + ", origin " + origin.mishap + '@' + origin.mishapAt + ' ' + origin.reader
                + ", status "
                + clientStatus + ", " + up + ", " + down;
    }
}
