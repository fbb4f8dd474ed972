/**
 * From a route's origin to a connection: which endpoint, from which source address, and what to try after a failure.
 * Decides only; the sockets are the engine's. May import net, config and metrics.
 */
package io.longshore.origin;
