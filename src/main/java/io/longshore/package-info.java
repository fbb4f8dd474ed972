/**
 * Longshore, an edge proxy for long-lived upgraded connections.
 *
 * <p>A connection goes through the code in one straight line, and the file names say so:
 *
 * <pre>
 *   Door -> (ProxyHeader) -> HeadParser -> Routes . TrustedProxies -> Upgrade -> Origins -> Dial (SourcePorts)
 *        -> HeadWriter -> Upgrade -> Relay (two HalfPipes) -> CloseReason
 *                    \-> Answer (a refusal, ours or the origin's) -> CloseReason
 * </pre>
 *
 * <p>{@code session.Session} is the one state machine that moves a connection along it; none of the parts knows the next. An
 * established tunnel is no session any more but a record, {@code session.Tunnel}, of which {@code session.Relay} knows the
 * rules.
 *
 * <pre>
 *   package   holds                                                     may import (ours)
 *   cli       serve, check, doctor, sysctl, ports, stat, ws, bench ...  control load origin config sys metrics
 *   control   Server (composition root), LoopThread, PortKeeper         session policy origin net sys config metrics
 *   session   Door, Session, Handshake, Answer; Relay, HalfPipe,        policy origin http net config metrics
 *             Tunnel (a record outside the heap)
 *   policy    Routes, TrustedProxies, ForwardedClient                   http config metrics
 *   origin    Origins, Dial (attempts as values), SourcePorts (the       net config metrics
 *             account of tuples), Lease, SourceAddresses
 *   http      ProxyHeader, Head (flyweight), HeadParser, Upgrade,       -
 *             HeadWriter
 *   net       Engine (the door to the kernel), Loop, Slots, Timers,     sys metrics
 *             Pages, Mailbox; net.uring is the engine on io_uring,
 *             net.nio the one on java.nio's calls, net.socket what
 *             both share
 *   sys       libc through JNA, /proc, sock_diag, sysctl profiles       -
 *   config    Setting, Config (frozen records), ConfigReader            -
 *   metrics   Counter, CloseReason, CounterFile (mapped), AccessLog     -
 *   load      EchoOrigin; load.bench is the side-by-side benchmark     net http sys
 * </pre>
 *
 * <p>Two planes. The data plane ({@code net session http}) never reads a file, never logs, never blocks, and allocates
 * nothing per relayed read; it reads the frozen records of a configuration and nothing else of {@code config}. The control
 * plane never touches a session: it posts to a loop's {@code Mailbox}. {@code ArchitectureTest} holds both tables.
 */
package io.longshore;
