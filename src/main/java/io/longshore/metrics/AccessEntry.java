package io.longshore.metrics;

/**
 * One connection's line in the access log, still in numbers: made once when the connection has ended, formatted on the
 * log's own thread.
 *
 * <p>Addresses are 128-bit numbers in network order, {@code high} first, IPv4 in its IPv4-mapped form, as in {@code
 * io.longshore.net.Address}.
 *
 * @param clientHigh the client's address, first eight bytes
 * @param clientLow the client's address, last eight bytes
 * @param clientPort the client's port
 * @param route the path of the route; null if none was found
 * @param origin the name of the origin; null if none was chosen
 * @param endpoint the endpoint that was dialled last, as text; null if none was
 * @param sourceHigh our own address towards the endpoint, first eight bytes
 * @param sourceLow our own address towards the endpoint, last eight bytes
 * @param sourcePort our own port towards the endpoint; 0 if it never was known
 * @param status the HTTP status that the client was sent; 0 if none was
 * @param bytesFromClient bytes of the tunnel, from client to origin
 * @param bytesFromOrigin bytes of the tunnel, from origin to client
 * @param durationNs from the accept to the end
 * @param reason why it ended
 * @param trail its last stations, see {@link TrailEvent}
 */
public record AccessEntry(
        long clientHigh,
        long clientLow,
        int clientPort,
        String route,
        String origin,
        String endpoint,
        long sourceHigh,
        long sourceLow,
        int sourcePort,
        int status,
        long bytesFromClient,
        long bytesFromOrigin,
        long durationNs,
        CloseReason reason,
        long trail) {}
