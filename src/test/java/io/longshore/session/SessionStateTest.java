package io.longshore.session;

import static io.longshore.session.SessionState.ANSWERING;
import static io.longshore.session.SessionState.AWAITING_101;
import static io.longshore.session.SessionState.CLOSED;
import static io.longshore.session.SessionState.DIALING;
import static io.longshore.session.SessionState.HEAD;
import static io.longshore.session.SessionState.LINGERING;
import static io.longshore.session.SessionState.PROXY_HEADER;
import static io.longshore.session.SessionState.RELAYING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SessionStateTest {
    @Test
    void leadsWhereTheChartSaysAndNowhereElse() {
        Map<SessionState, Set<SessionState>> chart = Map.of(
                PROXY_HEADER, EnumSet.of(HEAD, ANSWERING, CLOSED),
                HEAD, EnumSet.of(DIALING, ANSWERING, CLOSED),
                DIALING, EnumSet.of(AWAITING_101, ANSWERING, CLOSED),
                AWAITING_101, EnumSet.of(RELAYING, ANSWERING, CLOSED),
                RELAYING, EnumSet.of(CLOSED),
                ANSWERING, EnumSet.of(LINGERING, CLOSED),
                LINGERING, EnumSet.of(CLOSED),
                CLOSED, EnumSet.noneOf(SessionState.class));
        for (SessionState from : SessionState.values()) {
            Set<SessionState> next = EnumSet.noneOf(SessionState.class);
            for (SessionState to : SessionState.values()) {
                if (from.leadsTo(to)) {
                    next.add(to);
                }
            }
            assertEquals(chart.get(from), next, from.name());
        }
    }
}
