package io.longshore.system;

import static io.longshore.lab.SampleUpgrade.END_OF_HEAD;

import io.longshore.lab.SampleUpgrade;
import io.longshore.lab.SocketLab;

/** A scripted client and a scripted origin, upgraded: from now on they exchange bytes. */
final class Tunnel {
    final SocketLab.Connection client;
    final SocketLab.Connection origin;
    /** What the client had sent when the upgrade was done. */
    final long sentBefore;

    private Tunnel(SocketLab.Connection client, SocketLab.Connection origin) {
        this.client = client;
        this.origin = origin;
        this.sentBefore = client.stat("sent");
    }

    /** Connects to an address and upgrades, answering at the listener. */
    static Tunnel open(SocketLab lab, String address, int port, SocketLab.Connection listener) {
        return open(lab.connect(address, port), listener);
    }

    /** Upgrades a connection that stands; the listener may be another lab's. */
    static Tunnel open(SocketLab.Connection client, SocketLab.Connection listener) {
        client.send(SampleUpgrade.request("/"));
        SocketLab.Connection origin = listener.accept();
        origin.receiveUntil(END_OF_HEAD).ok();
        origin.send(SampleUpgrade.ANSWER).ok();
        String head = client.receiveUntil(END_OF_HEAD).text();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError("not upgraded: " + head);
        }
        return new Tunnel(client, origin);
    }
}
