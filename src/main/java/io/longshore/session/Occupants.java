package io.longshore.session;

import io.longshore.net.Engine;
import java.util.Arrays;

/**
 * Who stands in each slot of one loop, be it the client's or the origin's: a {@link Session} before there is a tunnel, then
 * the {@link Tunnel}'s record. Four bytes a slot:
 *
 * <pre>
 *   0 nobody    n > 0 the tunnel with number n - 1    n < 0 the session with number -n - 1
 * </pre>
 */
final class Occupants {
    private static final int NOBODY = 0;
    private static final int FEW_SESSIONS = 256;

    private final Tunnels tunnels = new Tunnels();
    private int[] bySlot = new int[64];
    /** By number; those of sessions that have gone are used again, the last one first. */
    private Session[] sessions = new Session[FEW_SESSIONS];

    private int[] freeNumbers = new int[FEW_SESSIONS];
    private int freeCount;
    private int numbersUsed;

    // ---- Finding.

    /** The record of the tunnel that this handle belongs to, or 0. */
    long tunnelAt(long handle) {
        return tunnelIn(Engine.slotOf(handle));
    }

    /** The session that this handle belongs to, or null. */
    Session sessionAt(long handle) {
        return sessionIn(Engine.slotOf(handle));
    }

    long tunnelIn(int slot) {
        int occupant = slot < bySlot.length ? bySlot[slot] : NOBODY;
        return occupant > NOBODY ? tunnels.addressOf(occupant - 1) : 0;
    }

    Session sessionIn(int slot) {
        int occupant = slot < bySlot.length ? bySlot[slot] : NOBODY;
        return occupant < NOBODY ? sessions[-occupant - 1] : null;
    }

    /** The session whose handshake's bytes are still under way in a tunnel, or null. */
    Session handshakeOf(long tunnel) {
        int number = Tunnel.handshake(tunnel);
        return number == 0 ? null : sessions[number - 1];
    }

    /** One more than the largest slot that anybody may stand in. */
    int slots() {
        return bySlot.length;
    }

    /** How many sessions there are: of connections that are no tunnels, and of tunnels with bytes of their handshake. */
    int sessions() {
        return numbersUsed - freeCount;
    }

    /** The memory of the tunnels. */
    Tunnels tunnels() {
        return tunnels;
    }

    // ---- Coming and going.

    /** Gives a session its number. */
    void add(Session session) {
        if (freeCount > 0) {
            session.number = freeNumbers[--freeCount];
        } else {
            session.number = numbersUsed++;
            if (session.number == sessions.length) {
                sessions = Arrays.copyOf(sessions, sessions.length * 2);
                freeNumbers = Arrays.copyOf(freeNumbers, sessions.length);
            }
        }
        sessions[session.number] = session;
    }

    /** The session has gone, or its tunnel goes on without it; it stands in no slot any more. */
    void remove(Session session) {
        assert sessions[session.number] == session : "a session was removed twice";
        sessions[session.number] = null;
        freeNumbers[freeCount++] = session.number;
        if (freeCount == numbersUsed) {
            forgetNumbers();
        }
    }

    /** Nobody has a number: what a wave of handshakes has made grow goes. */
    private void forgetNumbers() {
        freeCount = 0;
        numbersUsed = 0;
        if (sessions.length > FEW_SESSIONS) {
            sessions = new Session[FEW_SESSIONS];
            freeNumbers = new int[FEW_SESSIONS];
        }
    }

    /** Completions of this handle go to this session from now on. */
    void enter(long handle, Session session) {
        int slot = Engine.slotOf(handle);
        if (slot >= bySlot.length) {
            bySlot = Arrays.copyOf(bySlot, Math.max(bySlot.length + (bySlot.length >> 1), slot + 1));
        }
        bySlot[slot] = -session.number - 1;
    }

    /**
     * Completions of both handles go to a tunnel from now on, where a session stood before; the session keeps its number
     * until its handshake's bytes have left.
     *
     * @return the tunnel's record, with the handles and the session's number set, and the rest zero
     */
    long establish(long client, long origin, Session session) {
        int number = tunnels.take();
        long tunnel = tunnels.addressOf(number);
        Tunnel.begin(tunnel, client, origin);
        Tunnel.handshake(tunnel, session.number + 1);
        bySlot[Engine.slotOf(client)] = number + 1;
        bySlot[Engine.slotOf(origin)] = number + 1;
        return tunnel;
    }

    /** Completions of this handle go to nobody any more; returns the handle, which is about to be closed. */
    long leave(long handle) {
        bySlot[Engine.slotOf(handle)] = NOBODY;
        return handle;
    }

    /** The tunnel has ended: both of its slots are empty, and its record is somebody else's from now on. */
    void end(long tunnel) {
        int number = bySlot[Engine.slotOf(Tunnel.client(tunnel))] - 1;
        leave(Tunnel.client(tunnel));
        leave(Tunnel.origin(tunnel));
        tunnels.give(number);
    }
}
