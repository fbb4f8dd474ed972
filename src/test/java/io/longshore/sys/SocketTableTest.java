package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.lab.Await;
import io.longshore.net.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets brought into each state, looked for in the kernel's table in both ways of asking. */
class SocketTableTest {
    /** Nobody else's. */
    private static final String ADDRESS = "127.77.3.9";

    private final SocketTable byNetlink = new SocketTable();
    private final SocketTable byFiles = filesOnly(Path.of("/proc"));
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** What a visit told, of the sockets with one of these local ports. */
    private static final class Seen implements SocketTable.Visitor {
        private final Set<String> lines = new TreeSet<>();
        private final Set<Long> inodes = new TreeSet<>();
        private final Set<Integer> ports;
        private int begun;

        Seen(Integer... ports) {
            this.ports = Set.of(ports);
        }

        @Override
        public void begin() {
            begun++;
            lines.clear();
        }

        @Override
        public void socket(
                int state,
                long localHigh,
                long localLow,
                int localPort,
                long remoteHigh,
                long remoteLow,
                int remotePort,
                long inode,
                int uid) {
            if (ports.contains(localPort)) {
                Address local = new Address(localHigh, localLow, localPort);
                Address remote = new Address(remoteHigh, remoteLow, remotePort);
                lines.add(state + " " + local + " " + remote + " uid=" + uid + (inode == 0 ? " orphan" : " held"));
                inodes.add(inode);
            }
        }
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDRESS, "::1"})
    void tellsListenersAndBothEndsOfAConnection(String address) throws IOException {
        ServerSocketChannel listener = listen(address, 8);
        SocketChannel client = connect(address, listener);
        SocketChannel server = accept(listener);
        expect(SocketTable.LISTEN, local(listener), "held", port(listener));
        expect(SocketTable.ESTABLISHED, local(client) + " " + remote(client), "held", port(client));
        expect(SocketTable.ESTABLISHED, local(server) + " " + remote(server), "held", port(server));
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDRESS, "::1"})
    void tellsAnOrderlyEnd(String address) throws IOException {
        ServerSocketChannel listener = listen(address, 8);
        SocketChannel client = connect(address, listener);
        SocketChannel server = accept(listener);
        String clientTuple = local(client) + " " + remote(client);
        int clientPort = port(client);
        client.shutdownOutput();
        expect(SocketTable.FIN_WAIT2, clientTuple, "held", clientPort);
        expect(SocketTable.CLOSE_WAIT, local(server) + " " + remote(server), "held", port(server));
        server.close();
        client.close();
        expect(SocketTable.TIME_WAIT, clientTuple, "orphan", clientPort);
        assertTrue(seen(byNetlink, SocketTable.mask(SocketTable.ESTABLISHED), clientPort)
                .lines
                .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDRESS, "::1"})
    void tellsEndsThatAFullWindowHoldsUp(String address) throws IOException {
        ServerSocketChannel listener = listen(address, 8);
        SocketChannel client = connect(address, listener);
        SocketChannel server = accept(listener);
        String tuple = local(client) + " " + remote(client);
        fill(client);
        client.shutdownOutput();
        expect(SocketTable.FIN_WAIT1, tuple, "held", port(client));
        server.shutdownOutput();
        expect(SocketTable.CLOSING, tuple, "held", port(client));

        SocketChannel second = connect(address, listener);
        SocketChannel secondServer = accept(listener);
        String secondTuple = local(second) + " " + remote(second);
        fill(second);
        secondServer.shutdownOutput();
        expect(SocketTable.CLOSE_WAIT, secondTuple, "held", port(second));
        second.shutdownOutput();
        expect(SocketTable.LAST_ACK, secondTuple, "held", port(second));
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDRESS, "::1"})
    void tellsAConnectThatNobodyAnswers(String address) throws IOException {
        ServerSocketChannel listener = listen(address, 1);
        List<SocketChannel> clients = new ArrayList<>();
        // Backlog + 1 are taken; the SYN of a later one is dropped, and is sent again after a second.
        for (int i = 0; i < 4; i++) {
            SocketChannel client = SocketChannel.open();
            opened.add(client);
            client.configureBlocking(false);
            client.bind(new InetSocketAddress(address, 0));
            client.connect(listener.getLocalAddress());
            clients.add(client);
        }
        SocketChannel last = clients.get(3);
        String tuple = local(last) + " " + text(listener.getLocalAddress());
        expect(SocketTable.SYN_SENT, tuple, "held", port(last));
    }

    @Test
    void tellsIpv4OfASocketOfEitherFamilyInMappedForm() throws IOException {
        // The JDK's sockets are of AF_INET6 unless asked otherwise, ours of AF_INET.
        ServerSocketChannel listener = listen(ADDRESS, 8);
        Sockets sockets = new Sockets();
        int fd = sockets.open(false);
        opened.add(() -> sockets.close(fd));
        Address server = Address.of((InetSocketAddress) listener.getLocalAddress());
        sockets.connect(fd, server.high(), server.low(), server.port());
        SockAddr local = new SockAddr();
        sockets.localAddress(fd, local);
        Address client = new Address(local.high(), local.low(), local.port());
        assertTrue(client.isIpv4());
        expect(SocketTable.ESTABLISHED, client + " " + server, "held", client.port());
        SocketChannel accepted = accept(listener);
        expect(SocketTable.ESTABLISHED, server + " " + client, "held", port(accepted));
    }

    @Test
    void tellsASocketThatIsOnlyBound() {
        assumeTrue(PortFeatures.probe().boundSockets(), "from Linux 6.8 on");
        Sockets sockets = new Sockets();
        int fd = sockets.open(false);
        opened.add(() -> sockets.close(fd));
        Address wanted = Address.of(new InetSocketAddress(ADDRESS, 0));
        assertEquals(0, sockets.bind(fd, wanted.high(), wanted.low(), 0));
        SockAddr local = new SockAddr();
        sockets.localAddress(fd, local);
        Seen seen = seen(byNetlink, SocketTable.mask(SocketTable.BOUND_INACTIVE), local.port());
        assertEquals(1, seen.lines.size(), seen.lines::toString);
        String expected = SocketTable.CLOSE + " " + wanted.withPort(local.port()) + " 0.0.0.0:0 ";
        assertTrue(seen.lines.iterator().next().startsWith(expected), seen.lines::toString);
        // Whatever else runs on this host may have a connection from the same port of another address.
        String own = " " + wanted.withPort(local.port()) + " ";
        assertTrue(seen(byNetlink, SocketTable.CONNECTED_MASK, local.port()).lines.stream()
                .noneMatch(line -> line.contains(own)));
    }

    @Test
    void theKernelFiltersByRemotePort() throws IOException {
        ServerSocketChannel one = listen(ADDRESS, 8);
        ServerSocketChannel other = listen(ADDRESS, 8);
        SocketChannel toOne = connect(ADDRESS, one);
        SocketChannel toOther = connect(ADDRESS, other);
        for (SocketTable table : List.of(byNetlink, byFiles)) {
            Seen seen = new Seen(port(toOne), port(toOther));
            int count = table.visit(SocketTable.CONNECTED_MASK, port(one), seen);
            assertEquals(1, count);
            assertEquals(1, seen.lines.size());
            assertTrue(seen.lines.iterator().next().contains(local(toOne) + " " + remote(toOne)), seen.lines::toString);
        }
    }

    @Test
    void bothWaysTellTheSameAcrossMoreThanOneBuffer() throws IOException {
        ServerSocketChannel listener = listen(ADDRESS, 1024);
        // 1,500 connections are 3,000 messages of 88 bytes and lines of 150: several buffers of either.
        List<Integer> ports = new ArrayList<>(List.of(port(listener)));
        for (int i = 0; i < 1_500; i++) {
            ports.add(port(connect(ADDRESS, listener)));
            accept(listener);
        }
        Integer[] all = ports.toArray(Integer[]::new);
        int mask = SocketTable.mask(SocketTable.ESTABLISHED, SocketTable.LISTEN);
        Seen netlink = seen(byNetlink, mask, all);
        Seen files = seen(byFiles, mask, all);
        Set<String> ours = new TreeSet<>();
        netlink.lines.stream().filter(line -> line.contains(ADDRESS)).forEach(ours::add);
        assertEquals(3_001, ours.size());
        assertEquals(1, netlink.begun);
        files.lines.removeIf(line -> !line.contains(ADDRESS));
        assertEquals(ours, files.lines);
        assertFalse(netlink.inodes.contains(0L), "a held socket has an inode");
    }

    @Test
    void readsTheFilesWhereNetlinkIsRefused(@TempDir Path proc) throws IOException {
        Files.createDirectories(proc.resolve("net"));
        Files.writeString(proc.resolve("net/tcp"), """
                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 71061 1 0 100
                   1: 0200007F:9C40 0100007F:1F90 06 00000000:00000000 03:00000863 00000000     0        0 0 3 0
                """);
        SocketTable table = filesOnly(proc);
        Seen seen = new Seen(8080, 40_000, 50_000);
        assertEquals(2, table.visit(SocketTable.ALL_MASK, seen), "without a tcp6, as where IPv6 is off");
        Files.writeString(proc.resolve("net/tcp6"), """
                  sl  local_address  remote_address  st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                   0: B80D0120010000000000000002000000:C350 B80D0120000000000000000001000000:01BB 01 0:0 00:0 0 5 0 77 1
                """);
        assertEquals(3, table.visit(SocketTable.ALL_MASK, seen));
        assertEquals(
                Set.of(
                        "10 127.0.0.1:8080 0.0.0.0:0 uid=1000 held",
                        "6 127.0.0.2:40000 127.0.0.1:8080 uid=0 orphan",
                        "1 [2001:db8:0:1::2]:50000 [2001:db8::1]:443 uid=5 held"),
                seen.lines);
        Files.delete(proc.resolve("net/tcp"));
        assertTrue(table.visit(SocketTable.ALL_MASK, seen) < 0, "nothing to ask is an error, not zero sockets");
    }

    @Test
    void whatAVisitorThrowsLeavesNoDescriptorBehind() throws IOException {
        listen(ADDRESS, 8);
        long before = descriptors();
        SocketTable.Visitor broken = new SocketTable.Visitor() {
            @Override
            public void begin() {}

            @Override
            public void socket(int s, long lh, long ll, int lp, long rh, long rl, int rp, long inode, int uid) {
                throw new IllegalStateException("the visitor's own fault");
            }
        };
        for (int i = 0; i < 20; i++) {
            assertThrows(IllegalStateException.class, () -> byNetlink.visit(SocketTable.ALL_MASK, broken));
            assertThrows(IllegalStateException.class, () -> byFiles.visit(SocketTable.ALL_MASK, broken));
        }
        assertTrue(descriptors() < before + 20, "forty visits left " + (descriptors() - before));
    }

    @Test
    void aDisturbedPassIsMadeAgainAndItsSocketsForgotten() {
        int[] passes = new int[1];
        SocketTable.Pass disturbedTwice = (mask, port, visitor) -> {
            visitor.socket(SocketTable.LISTEN, 0, ++passes[0], 80, 0, 0, 0, 1, 0);
            return passes[0] < 3 ? -Kernel.EINTR : 1;
        };
        SocketTable.Pass noFiles = (mask, port, visitor) -> {
            throw new IOException("not to be asked");
        };
        Seen seen = new Seen(80);
        assertEquals(1, new SocketTable(disturbedTwice, noFiles).visit(SocketTable.ALL_MASK, seen));
        assertEquals(3, seen.begun);
        assertEquals(Set.of("10 [::3]:80 [::]:0 uid=0 held"), seen.lines, "only what the last pass told");
    }

    @Test
    void aRefusalOfNetlinkIsNotRepeated() {
        int[] asked = new int[2];
        SocketTable.Pass refused = (mask, port, visitor) -> {
            asked[0]++;
            return -Kernel.EPERM;
        };
        SocketTable table = new SocketTable(refused, (mask, port, visitor) -> ++asked[1]);
        assertEquals(1, table.visit(SocketTable.ALL_MASK, new Seen()));
        assertEquals(1, asked[0]);
        assertEquals(1, asked[1]);
    }

    private static SocketTable filesOnly(Path proc) {
        return new SocketTable((mask, port, visitor) -> -Kernel.EPERM, new ProcTcp(proc)::read);
    }

    private static long descriptors() {
        return Path.of("/proc/self/fd").toFile().list().length;
    }

    /** Both ways of asking tell, sooner or later, this one socket in this state at this local port. */
    private void expect(int state, String tuple, String holder, int port) {
        for (SocketTable table : List.of(byNetlink, byFiles)) {
            int mask = SocketTable.mask(state);
            Await.until(
                    () -> seen(table, mask, port).lines.stream()
                            .anyMatch(line -> line.startsWith(state + " " + tuple + " ") && line.endsWith(holder)),
                    state + " " + tuple + " " + holder);
        }
    }

    private static Seen seen(SocketTable table, int mask, Integer... ports) {
        Seen seen = new Seen(ports);
        int count = table.visit(mask, seen);
        assertTrue(count >= seen.lines.size(), "errno " + -count);
        return seen;
    }

    private ServerSocketChannel listen(String address, int backlog) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        opened.add(listener);
        return listener.bind(new InetSocketAddress(InetAddress.getByName(address), 0), backlog);
    }

    private SocketChannel connect(String from, ServerSocketChannel listener) throws IOException {
        SocketChannel client = SocketChannel.open();
        opened.add(client);
        client.bind(new InetSocketAddress(from, 0));
        client.connect(listener.getLocalAddress());
        return client;
    }

    private SocketChannel accept(ServerSocketChannel listener) throws IOException {
        SocketChannel accepted = listener.accept();
        opened.add(accepted);
        return accepted;
    }

    /** Sends until the peer, who reads nothing, has no window left. */
    private static void fill(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
        int idle = 0;
        while (idle < 3) {
            bytes.clear();
            idle = channel.write(bytes) == 0 ? idle + 1 : 0;
        }
    }

    private static int port(ServerSocketChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private static int port(SocketChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private static String local(ServerSocketChannel channel) throws IOException {
        return text(channel.getLocalAddress());
    }

    private static String local(SocketChannel channel) throws IOException {
        return text(channel.getLocalAddress());
    }

    private static String remote(SocketChannel channel) throws IOException {
        return text(channel.getRemoteAddress());
    }

    private static String text(Object address) {
        return Address.of((InetSocketAddress) address).toString();
    }
}
