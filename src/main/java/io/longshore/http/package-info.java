/**
 * HTTP/1.1 heads and the WebSocket handshake, over bytes wherever they stand: no I/O, no {@code String}, no allocation
 * per message, and nothing of ours imported.
 *
 * <pre>{@code
 *   balancer's bytes -> ProxyHeader.parse -> who the client is
 *   client's bytes -> HeadParser.request  -> Head -> Upgrade.checkRequest  -> HeadWriter.originRequest   -> origin
 *   origin's bytes -> HeadParser.response -> Head -> Upgrade.checkResponse -> HeadWriter.clientSwitching -> client
 *                                             \----> HeadWriter.clientResponse, BodyFraming -> client (not a 101)
 * }</pre>
 */
package io.longshore.http;
