package io.longshore.load.bench;

import java.util.List;

/** How a report is to be read: a term and what it means, in plain text. */
record Explanation(String term, String meaning) {
    static final List<Explanation> ALL = List.of(
            new Explanation(
                    "Median (min - max)",
                    "Every target was measured once in each round, in turn, so that a machine that grows slower over the"
                            + " minutes is slow for all of them. A cell has the median of the rounds and their extremes."),
            new Explanation(
                    "Ratio",
                    "Always Longshore's value divided by the peer's, from runs of the same round only; then the median of"
                            + " those. Above 1 is better for throughput, bandwidth and handshakes a second, below 1 for"
                            + " everything else. Ratios carry over to other machines far better than the numbers do."),
            new Explanation(
                    "void",
                    "Something other than the proxy limited the speed, as a rule the core that made the load, or the rate"
                            + " that was asked for was not kept. A void rate or latency is struck through and stands in"
                            + " no median and no ratio; what such a run cost the proxy in CPU and memory still counts."),
            new Explanation(
                    "faulty", "A message came back wrong, or a connection failed. Nothing of a faulty run is used."),
            new Explanation(
                    "CPU",
                    "Of the whole process of the proxy, so it includes the compiler's and the collector's threads. It is"
                            + " read at the edges of the measured window."),
            new Explanation(
                    "Headroom of the load",
                    "The load has a core to itself, on which it never sleeps. The share of that core in which it found"
                            + " something to do is the load's core busy: as long as that stays well below 100 %, the"
                            + " load could have asked for more."),
            new Explanation(
                    "Latency",
                    "At a fixed rate from the moment a message was due, not from when it could be sent, so that a proxy"
                            + " that stalls does not also stop the clock. Otherwise from the send."),
            new Explanation("direct", "The same load without any proxy: the zero line. It is no peer."));
}
