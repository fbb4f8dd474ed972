package io.longshore.net.nio;

import io.longshore.net.Address;
import io.longshore.net.socket.Dialer;
import io.longshore.sys.Kernel;
import io.longshore.sys.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;

/** A listening socket of one loop; its connections inherit its options. */
final class NioListener {
    final ServerSocketChannel channel;
    final int fd;
    long handle;
    SelectionKey key;

    private NioListener(ServerSocketChannel channel) {
        this.channel = channel;
        this.fd = RawChannels.descriptorOf(channel);
    }

    /**
     * Binds with SO_REUSEPORT, so that each loop has a socket of its own and the kernel spreads connections by a hash of
     * the tuple; socket(7). An IPv6 listener takes IPv6 clients only, so that an address is always of the family it
     * looks like.
     *
     * @throws IOException with the address and the reason in its message
     */
    static NioListener open(Address address, int backlog, Sockets sockets, Dialer dialer) throws IOException {
        // With the family named, an IPv4 listener is an AF_INET socket, not an AF_INET6 one that maps addresses.
        ServerSocketChannel channel =
                ServerSocketChannel.open(address.isIpv4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            NioListener listener = new NioListener(channel);
            if (!address.isIpv4()) {
                sockets.setOption(listener.fd, Kernel.IPPROTO_IPV6, Kernel.IPV6_V6ONLY, 1);
            }
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            dialer.tune(listener.fd);
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(address.toInetAddress(), address.port()), backlog);
            return listener;
        } catch (IOException e) {
            channel.close();
            // The JDK's text does not say what it is about. No cause: whoever prints a root cause wants this one.
            throw new IOException("cannot listen on " + address + ": " + e.getMessage());
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is freed whatever close(2) answers.
            assert !channel.isOpen();
        }
    }
}
