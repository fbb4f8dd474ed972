/**
 * The side-by-side benchmark: scenarios in, one interleaved run over the proxy and its peers, a report out.
 *
 * <p>The load itself is a C program ({@code native/load.c}); this package starts it and the proxies, and reckons.
 */
package io.longshore.load.bench;
