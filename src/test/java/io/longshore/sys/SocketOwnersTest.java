package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.net.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;

/** A stranger takes ports of a source address, and is named. */
class SocketOwnersTest {
    private static final String POISONED = "127.77.4.1";
    private static final long OURS = ProcessHandle.current().pid();

    @Test
    void namesTheProcessWhoseSocketsAreOnlyBound() throws IOException {
        assumeTrue(PortFeatures.probe().boundSockets(), "from Linux 6.8 on");
        try (ChildProcess stranger = bind(POISONED, 50)) {
            SocketOwners found = on(POISONED, OURS);
            SocketOwners.Owner owner = found.owners().stream()
                    .filter(each -> each.pid() == stranger.pid())
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("not found among " + found));
            assertEquals(50, owner.sockets());
            assertTrue(owner.command().startsWith("python3"), owner::toString);
            assertEquals(owner.command() + " (pid " + stranger.pid() + "): 50 sockets", owner.toString());
            assertTrue(found.sockets() >= 50, found::toString);

            // The ports are lost on every other address too, so a search for the culprit may have to go on there.
            SocketOwners anywhere = SocketOwners.ofAnyAddress(OURS);
            assertTrue(
                    anywhere.owners().stream().anyMatch(each -> each.pid() == stranger.pid() && each.sockets() == 50),
                    anywhere::toString);
        }
    }

    @Test
    void countsOurOwnSocketsButDoesNotNameUs() throws IOException {
        String address = "127.77.4.2";
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress("127.0.0.1", 0));
            try (SocketChannel client = SocketChannel.open()) {
                client.bind(new InetSocketAddress(address, 0));
                client.connect(listener.getLocalAddress());
                SocketOwners found = on(address, OURS);
                assertTrue(found.sockets() >= 1, found::toString);
                assertTrue(found.owners().stream().noneMatch(owner -> owner.pid() == OURS), found::toString);
                SocketOwners all = on(address, 0);
                assertTrue(all.owners().stream().anyMatch(owner -> owner.pid() == OURS), all::toString);
                // Who closes first keeps the TIME_WAIT.
                client.shutdownOutput();
                listener.accept().close();
            }
        }
        Await.until(() -> on(address, OURS).orphans() > 0, "a socket in TIME_WAIT, which nobody holds");
    }

    private static SocketOwners on(String address, long exceptPid) {
        try {
            Address source = Address.of(InetAddress.getByName(address), 0);
            return SocketOwners.of(source.high(), source.low(), exceptPid);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A process with so many sockets that are bound without a port of their own choice, and never connected. */
    private static ChildProcess bind(String address, int count) {
        String program = "import socket,sys\n"
                + "held=[socket.socket() for i in range(" + count + ")]\n"
                + "[each.bind(('" + address + "',0)) for each in held]\n"
                + "print('bound',flush=True)\n"
                + "sys.stdin.read()\n";
        ChildProcess child = ChildProcess.start("python3", "-c", program);
        assertEquals("bound", child.nextLine(Await.PATIENCE));
        return child;
    }
}
