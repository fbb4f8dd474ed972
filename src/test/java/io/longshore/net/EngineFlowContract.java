package io.longshore.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

/**
 * The part of the contract about flows that an engine may move by itself: whether it does or not, the owner sees the same
 * bytes, in the same order, under the same bounds. Where the lab says that its engine does, it must.
 */
public abstract class EngineFlowContract extends EngineContractBase {
    private EngineLab.Peer source;
    private EngineLab.Peer target;
    private long from;
    private long to;
    /** What the source has sent, and the target has received. */
    private int sent;

    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private final byte[] part = new byte[65_536];

    private void openFlow() {
        source = lab.connectTo(listenerAddress());
        from = nextAccepted();
        target = lab.connectTo(listenerAddress());
        to = nextAccepted();
        recorder.receiver = new Relay(from, to);
        engine.flow(from, to, true);
        engine.receive(from, true);
    }

    /** What the engine has told of, lent or moved. */
    private int arrived() {
        return recorder.receivedBytes(from) + (int) recorder.sum("moved", from);
    }

    private int moved() {
        return (int) recorder.sum("moved", from);
    }

    /** One cycle, before which the source sends what it can, and after which the target may read. */
    private void pump(byte[] bytes, boolean isReading) {
        for (int taken = 1; taken > 0 && sent < bytes.length; ) {
            taken = source.send(bytes, sent, bytes.length - sent);
            assertTrue(taken >= 0, "the source was reset");
            sent += taken;
        }
        cycle();
        if (isReading) {
            drain();
        }
    }

    private int drain() {
        int count = target.receive(part);
        int sum = 0;
        while (count > 0) {
            got.write(part, 0, count);
            sum += count;
            count = target.receive(part);
        }
        assertTrue(count == 0 || count == EngineLab.ENDED, "the target was reset");
        return sum;
    }

    /** Sends all of it through the flow, with a target that reads. */
    private void relay(byte[] bytes) {
        sent = 0;
        int before = got.size();
        pollUntil(
                () -> {
                    pump(bytes, true);
                    return got.size() - before == bytes.length;
                },
                "all bytes at the target");
    }

    /** Sends all of it, at once where there is room. */
    private void sendWhileReading(byte[] bytes) {
        sent = 0;
        pollUntil(
                () -> {
                    sent += source.send(bytes, sent, bytes.length - sent);
                    return sent == bytes.length || drain() < 0;
                },
                "room for the source's bytes");
    }

    /** Sends until nothing is taken any more from a source whose target does not read; returns what was sent. */
    private byte[] stuff(byte[] bytes) {
        sent = 0;
        int[] quiet = new int[1];
        pollUntil(
                () -> {
                    int before = sent + arrived();
                    pump(bytes, false);
                    quiet[0] = sent + arrived() == before ? quiet[0] + 1 : 0;
                    return quiet[0] == 25;
                },
                "the end of the room");
        return slice(bytes, 0, sent);
    }

    /** More than fits into the engine and all buffers, where the owner bounds what he receives. */
    private byte[] muchOf(int stream) {
        return pattern(stream, lab.plenty() * 3 + 4 * engine.receiveBytesMax());
    }

    /** Holds the source where one more read could be too much, as a relay does. */
    private void bound(int max) {
        recorder.reaction = event -> {
            long pending = arrived() - recorder.sum("sent", to);
            assertTrue(pending >= 0, "taken before it was told of");
            assertTrue(pending <= max && engine.parkedBytes() <= max, pending + " bytes wait");
            engine.receive(from, pending + engine.receiveBytesMax() <= max);
            if (event.name().equals("ended") && event.handle() == from) {
                engine.finish(to);
            }
        };
    }

    private void bound() {
        bound(2 * engine.receiveBytesMax());
    }

    // ---- Bytes.

    @Test
    void passesALargeFlowOnInOrder() {
        openFlow();
        byte[] bytes = pattern(30, lab.plenty());
        recorder.reaction = event -> {
            assertTrue(recorder.sum("sent", to) <= arrived(), "taken before it was told of");
            assertTrue(!event.name().equals("moved") || event.number() <= engine.receiveBytesMax());
        };
        relay(bytes);
        assertArrayEquals(bytes, got.toByteArray());
        assertEquals(bytes.length, arrived());
        pollUntil(() -> recorder.sum("sent", to) == bytes.length, "sent of all of it");
        assertEquals(0, engine.parkedBytes());
        if (lab.movesLargeFlows()) {
            assertTrue(moved() > bytes.length / 2, "moved " + moved() + " of " + bytes.length);
        }
    }

    @Test
    void passesOnWhatStandsBehindUrgentData() {
        openFlow();
        relay(pattern(31, lab.plenty()));
        // A splice ends at the mark, and does not go past it.
        source.sendUrgent();
        byte[] bytes = pattern(32, lab.plenty());
        relay(bytes);
        assertEquals(2 * bytes.length, got.size());
    }

    @Test
    void passesOnWhatStandsBetweenUrgentDataAndTheEnd() {
        openFlow();
        relay(pattern(31, lab.plenty()));
        byte[] bytes = pattern(32, 100);
        sendWhileReading(bytes);
        source.sendUrgent();
        sendWhileReading(bytes);
        source.finish();
        int before = lab.plenty();
        pollUntil(
                () -> {
                    cycle();
                    drain();
                    return recorder.count("ended", from) == 1 && got.size() == before + 2 * bytes.length;
                },
                "all bytes, and the end behind them");
    }

    @Test
    void passesSmallMessagesOnBetweenLargeOnes() {
        openFlow();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int round = 0; round < 3; round++) {
            byte[] large = pattern(40 + round, lab.plenty() / 3);
            relay(large);
            expected.writeBytes(large);
            for (int i = 1; i < 12; i++) {
                byte[] small = pattern(50 + i, i * 100);
                relay(small);
                expected.writeBytes(small);
            }
            int before = moved();
            byte[] last = pattern(60, 1_000);
            relay(last);
            expected.writeBytes(last);
            assertTrue(before == moved() || !lab.movesLargeFlows(), "a flow that has calmed down is lent");
        }
        assertArrayEquals(expected.toByteArray(), got.toByteArray());
    }

    @Test
    void flowsInBothDirections() {
        openFlow();
        engine.flow(to, from, true);
        engine.receive(to, true);
        Relay forth = new Relay(from, to);
        Relay back = new Relay(to, from);
        recorder.receiver = new Relay(from, to) {
            @Override
            public void received(long handle, long address, int length) {
                forth.received(handle, address, length);
                back.received(handle, address, length);
            }
        };
        byte[] bytes = pattern(31, lab.plenty());
        byte[] answer = pattern(32, lab.plenty());
        ByteArrayOutputStream answered = new ByteArrayOutputStream();
        int[] answerSent = new int[1];
        sent = 0;
        pollUntil(
                () -> {
                    answerSent[0] += target.send(answer, answerSent[0], answer.length - answerSent[0]);
                    pump(bytes, true);
                    for (int count = source.receive(part); count > 0; count = source.receive(part)) {
                        answered.write(part, 0, count);
                    }
                    return got.size() == bytes.length && answered.size() == answer.length;
                },
                "all bytes at both ends");
        assertArrayEquals(bytes, got.toByteArray());
        assertArrayEquals(answer, answered.toByteArray());
    }

    @Test
    void aTargetThatDoesNotReadBoundsTheFlow() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(33));
        assertTrue(engine.parkedBytes() > 0, "nothing waits");
        pollUntil(() -> drain() >= 0 && got.size() == bytes.length, "all bytes at the target");
        assertArrayEquals(bytes, got.toByteArray());
        pollUntil(() -> recorder.sum("sent", to) == bytes.length, "sent of all of it");
        assertEquals(0, engine.parkedBytes());
    }

    @Test
    void nothingIsMovedFromASourceThatIsHeld() {
        openFlow();
        int before = moved();
        byte[] bytes = pattern(34, lab.plenty());
        int[] held = new int[1];
        recorder.reaction = event -> {
            if (event.handle() == from && ++held[0] % 3 == 0) {
                engine.receive(from, false);
            }
        };
        sent = 0;
        pollUntil(
                () -> {
                    pump(bytes, true);
                    if (held[0] > 0 && held[0] % 3 == 0) {
                        int toldOf = arrived();
                        for (int i = 0; i < 5; i++) {
                            pump(bytes, true);
                        }
                        assertEquals(toldOf, arrived(), "held");
                        held[0]++;
                        engine.receive(from, true);
                    }
                    return got.size() == bytes.length;
                },
                "all bytes at the target");
        assertArrayEquals(bytes, got.toByteArray());
        assertTrue(moved() > before || !lab.movesLargeFlows());
    }

    @Test
    void ownBytesComeBehindWhatWasMoved() {
        openFlow();
        bound();
        byte[] bytes = muchOf(35);
        byte[] sentFirst = stuff(bytes);
        int ahead = arrived();
        recorder.reaction = event -> {};
        byte[] own = pattern(36, 3_000);
        engine.send(to, memory(own), own.length);
        engine.receive(from, true);
        pollUntil(() -> drain() >= 0 && got.size() == sentFirst.length + own.length, "all bytes at the target");
        assertArrayEquals(slice(bytes, 0, ahead), slice(got.toByteArray(), 0, ahead));
        assertArrayEquals(own, slice(got.toByteArray(), ahead, own.length));
        assertArrayEquals(
                slice(bytes, ahead, sentFirst.length - ahead),
                slice(got.toByteArray(), ahead + own.length, sentFirst.length - ahead));
    }

    // ---- What is allowed.

    @Test
    void movesNothingAnyMoreWhereItIsForbidden() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(37));
        engine.flow(from, to, false);
        int before = moved();
        pollUntil(() -> drain() >= 0 && got.size() == bytes.length, "all bytes at the target");
        assertArrayEquals(bytes, got.toByteArray());
        assertEquals(before, moved());
    }

    @Test
    void aTargetHasOneSource() {
        openFlow();
        EngineLab.Peer stranger = lab.connectTo(listenerAddress());
        long other = nextAccepted();
        engine.flow(other, to, true);
        engine.flow(other, other + 1_000, true);
        engine.flow(from, other, true);
        engine.receive(other, true);
        byte[] bytes = pattern(38, lab.plenty());
        send(stranger, bytes);
        pollUntil(() -> recorder.receivedBytes(other) == bytes.length, "all lent");
        relay(bytes);
        assertArrayEquals(bytes, got.toByteArray());
        assertEquals(0, recorder.sum("moved", other));
        assertEquals(0, recorder.sum("sent", other));
    }

    @Test
    void aFlowGoesOnWithoutDescriptors() {
        openFlow();
        byte[] bytes = pattern(39, lab.plenty());
        lab.starve(true);
        try {
            relay(bytes);
        } finally {
            lab.starve(false);
        }
        assertArrayEquals(bytes, got.toByteArray());
        assertTrue(moved() == 0 || !lab.movesLargeFlows(), "moved through what descriptors?");
    }

    // ---- Ends.

    @Test
    void theEndComesBehindWhatWasMoved() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(41));
        source.finish();
        settle();
        pollUntil(() -> drain() >= 0 && recorder.count("ended", from) == 1, "the end");
        pollUntil(() -> drain() >= 0 && got.size() == bytes.length, "all bytes at the target");
        expectEnd(target);
        assertArrayEquals(bytes, got.toByteArray());
        assertEquals(0, recorder.count("broken", to) + recorder.count("broken", from));
    }

    @Test
    void theFinOfAFlowThatKeepsUpComesAtOnce() {
        openFlow();
        bound(4 * engine.receiveBytesMax());
        byte[] bytes = pattern(42, lab.plenty());
        relay(bytes);
        source.finish();
        expectEnd(target);
        assertArrayEquals(bytes, got.toByteArray());
    }

    @Test
    void aResetOfTheSourceIsToldBehindWhatWasMoved() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(43));
        source.reset();
        settle();
        pollUntil(() -> drain() >= 0 && recorder.count("broken", from) == 1, "the reset");
        int told = arrived();
        assertTrue(told <= bytes.length);
        // It is the owner's to say what becomes of the target; what was moved is the target's.
        pollUntil(() -> drain() >= 0 && got.size() == told, "what had arrived");
        assertArrayEquals(slice(bytes, 0, told), got.toByteArray());
        engine.close(from);
        engine.close(to);
        expectEnd(target);
    }

    @Test
    void aResetIsToldWhereBothDirectionsAreFull() {
        openFlow();
        engine.flow(to, from, true);
        engine.receive(to, true);
        Relay forth = new Relay(from, to);
        Relay back = new Relay(to, from);
        recorder.receiver = new Relay(from, to) {
            @Override
            public void received(long handle, long address, int length) {
                forth.received(handle, address, length);
                back.received(handle, address, length);
            }
        };
        recorder.reaction = event -> {
            boundDirection(from, to);
            boundDirection(to, from);
        };
        byte[] bytes = muchOf(46);
        int[] taken = new int[2];
        int[] quiet = new int[1];
        pollUntil(
                () -> {
                    int before = taken[0] + taken[1] + recorder.events.size();
                    taken[0] += source.send(bytes, taken[0], bytes.length - taken[0]);
                    taken[1] += target.send(bytes, taken[1], bytes.length - taken[1]);
                    cycle();
                    quiet[0] = taken[0] + taken[1] + recorder.events.size() == before ? quiet[0] + 1 : 0;
                    return quiet[0] == 25;
                },
                "the end of the room both ways");
        assertTrue(engine.parkedBytes() > 0, "nothing waits");
        source.reset();
        // Nobody reads at the target, so the engine may not receive from the source; what it sends there says that it
        // is gone.
        pollUntil(() -> recorder.count("broken", from) == 1, "the reset");
        engine.close(from);
        engine.close(to);
        assertEquals(0, engine.parkedBytes());
    }

    private void boundDirection(long source, long target) {
        long pending = recorder.receivedBytes(source) + recorder.sum("moved", source) - recorder.sum("sent", target);
        engine.receive(source, pending + engine.receiveBytesMax() <= 2L * engine.receiveBytesMax());
    }

    @Test
    void aResetOfTheTargetDiscardsWhatWaitsAndTheSourceLives() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(44));
        assertTrue(engine.parkedBytes() > 0);
        recorder.reaction = event -> {};
        target.reset();
        pollUntil(() -> recorder.count("broken", to) == 1, "the reset");
        engine.close(to);
        assertEquals(0, engine.parkedBytes());
        engine.receive(from, true);
        pollUntil(() -> arrived() == bytes.length, "the rest, lent to an owner who has nowhere to send it");
        byte[] answer = pattern(45, 1_000);
        engine.send(from, memory(answer), answer.length);
        assertArrayEquals(answer, receive(source, answer.length));
    }

    @Test
    void closingTheTargetDiscardsWhatWaits() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(46));
        engine.close(to);
        assertEquals(0, engine.parkedBytes());
        byte[] all = receiveAll(target);
        assertArrayEquals(slice(bytes, 0, all.length), all);
        recorder.reaction = event -> {};
        engine.receive(from, true);
        pollUntil(() -> arrived() == bytes.length, "the rest, lent");
    }

    @Test
    void closingTheSourceDiscardsNothing() {
        openFlow();
        bound();
        byte[] bytes = stuff(muchOf(47));
        int told = arrived();
        engine.finish(to);
        engine.close(from);
        pollUntil(() -> drain() >= 0 && got.size() == told, "what was moved");
        expectEnd(target);
        assertArrayEquals(slice(bytes, 0, told), got.toByteArray());
    }

    @Test
    void bothMayBeClosedInsideTheCallback() {
        openFlow();
        recorder.reaction = event -> {
            if (event.handle() == from && arrived() > lab.plenty() / 4) {
                engine.abort(from);
                engine.abort(to);
            }
        };
        byte[] bytes = pattern(48, lab.plenty());
        sent = 0;
        pollUntil(
                () -> {
                    int taken = source.send(bytes, sent, bytes.length - sent);
                    sent += Math.max(0, taken);
                    target.receive(part);
                    cycle();
                    return engine.connections() == 0;
                },
                "the end of both");
        int before = recorder.events.size();
        settle();
        assertEquals(before, recorder.events.size());
        assertEquals(0, engine.parkedBytes());
    }
}
