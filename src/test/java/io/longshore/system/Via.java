package io.longshore.system;

import io.longshore.lab.LongshoreProcess;

/**
 * How a client of a system test reaches its origin. Every scenario also runs without the proxy: what fails there is the
 * test's or the peers' own fault, and what passes only there is ours.
 */
enum Via {
    /** Straight: the control. */
    DIRECT {
        @Override
        Way to(int originPort) {
            return new Way(originPort, null);
        }
    },
    /** Through {@code bin/longshore serve}. */
    PROXY {
        @Override
        Way to(int originPort) {
            String yaml = LongshoreProcess.configuration("127.0.0.1:0", "127.0.0.1:" + originPort);
            LongshoreProcess proxy = LongshoreProcess.serve(yaml);
            return new Way(proxy.port(), proxy);
        }
    };

    /** The way to an origin that listens on this port of 127.0.0.1. */
    abstract Way to(int originPort);

    /**
     * A way that stands. Closing it stops the proxy, and fails if that does not stop cleanly.
     *
     * @param port where the client is to connect, on 127.0.0.1
     * @param proxy the proxy in between, or null
     */
    record Way(int port, LongshoreProcess proxy) implements AutoCloseable {
        @Override
        public void close() {
            if (proxy != null) {
                proxy.close();
            }
        }
    }
}
