package io.longshore.net.nio;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/**
 * Makes a SocketChannel of a raw descriptor, as the JDK does for a socket that it has accepted.
 *
 * <p>Why not let the JDK open the socket: its bind and connect answer three different errnos with one exception and no
 * number, and a failed connect closes its channel. A descriptor that was opened, bound and connected through libc tells
 * its errno, and the JDK's selector is still what watches it. To the JDK such a channel is connected from the start; while
 * the connect is under way it is watched for OP_WRITE, which the kernel reports when the connect has ended (connect(2),
 * EINPROGRESS), and SO_ERROR tells how.
 *
 * <p>Needs {@code --add-opens java.base/sun.nio.ch}, which the jar's manifest carries.
 */
final class RawChannels {
    private static final SelectorProvider PROVIDER = SelectorProvider.provider();
    // The channel wants a remote address; nobody asks it, and a shared one costs no memory.
    private static final SocketAddress ANY_PEER = new InetSocketAddress(0);
    private static final MethodHandle NEW_CHANNEL;
    private static final MethodHandle SET_LOCAL_ADDRESS;
    private static final MethodHandle NEW_DESCRIPTOR;
    private static final MethodHandle DESCRIPTOR_OF;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Class<?> channel = Class.forName("sun.nio.ch.SocketChannelImpl");
            MethodHandles.Lookup inside = MethodHandles.privateLookupIn(channel, lookup);
            NEW_CHANNEL = inside.findConstructor(
                            channel,
                            MethodType.methodType(
                                    void.class,
                                    SelectorProvider.class,
                                    ProtocolFamily.class,
                                    FileDescriptor.class,
                                    SocketAddress.class))
                    .asType(MethodType.methodType(
                            SocketChannel.class,
                            SelectorProvider.class,
                            ProtocolFamily.class,
                            FileDescriptor.class,
                            SocketAddress.class));
            SET_LOCAL_ADDRESS = inside.findSetter(channel, "localAddress", SocketAddress.class)
                    .asType(MethodType.methodType(void.class, SocketChannel.class, SocketAddress.class));
            NEW_DESCRIPTOR = inside.findStatic(
                    Class.forName("sun.nio.ch.IOUtil"),
                    "newFD",
                    MethodType.methodType(FileDescriptor.class, int.class));
            Class<?> selectable = Class.forName("sun.nio.ch.SelChImpl");
            DESCRIPTOR_OF = inside.findVirtual(selectable, "getFDVal", MethodType.methodType(int.class))
                    .asType(MethodType.methodType(int.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private RawChannels() {}

    /**
     * A non-blocking channel over this descriptor, which it owns from now on. If this throws, the descriptor is still the
     * caller's.
     */
    static SocketChannel wrap(int fd, boolean ipv6) throws IOException {
        ProtocolFamily family = ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        SocketChannel channel;
        try {
            FileDescriptor descriptor = (FileDescriptor) NEW_DESCRIPTOR.invokeExact(fd);
            channel = (SocketChannel) NEW_CHANNEL.invokeExact(PROVIDER, family, descriptor, ANY_PEER);
            // Four objects of 96 bytes together, which the constructor made to be asked for; we ask the kernel instead.
            SET_LOCAL_ADDRESS.invokeExact(channel, (SocketAddress) null);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("the JDK's constructor throws IOException at most", e);
        }
        channel.configureBlocking(false);
        return channel;
    }

    /** The descriptor of one of the JDK's own channels. */
    static int descriptorOf(Object channel) {
        try {
            return (int) DESCRIPTOR_OF.invokeExact(channel);
        } catch (Throwable e) {
            throw new AssertionError("a getter throws nothing", e);
        }
    }
}
