package io.longshore.origin;

import io.longshore.net.Address;

/**
 * One attempt of a {@link Dial}, to be made with a fresh socket: a failed connect leaves a socket in a state that POSIX
 * does not define.
 *
 * @param endpoint where to connect to
 * @param source the address to bind first, with port 0 where the kernel finds the port; null leaves the address to it too
 * @param portRange the value of IP_LOCAL_PORT_RANGE for this socket, {@code high << 16 | low}; 0 leaves it unset
 * @param lease the tuple; the dial gives it back if the attempt fails, else it is the session's
 * @param number counts the attempts of the dial from 1
 */
public record Attempt(Address endpoint, Address source, int portRange, Lease lease, int number) {}
