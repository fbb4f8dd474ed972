package io.longshore.origin;

import io.longshore.net.Address;

/**
 * One attempt of a {@link Dial}, to be made with a fresh socket: a failed connect leaves a socket in a state that POSIX
 * does not define, and {@code java.nio} closes it.
 *
 * @param endpoint where to connect to
 * @param source the address to bind first, with port 0; null leaves the choice to the kernel
 * @param number counts the attempts of the dial from 1
 */
public record Attempt(Address endpoint, Address source, int number) {}
