package io.longshore.metrics;

import java.util.List;

/**
 * What holds for every row of the account of tuples.
 *
 * @param mode how ports are found, by its label
 * @param low the first port
 * @param high the last port
 * @param reserved how many ports between them are never used
 * @param origins the names of the origins; rows name them by their place
 */
public record PortFacts(String mode, int low, int high, int reserved, List<String> origins) {
    /** Copies the names. */
    public PortFacts {
        origins = List.copyOf(origins);
    }
}
