package io.longshore.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every foreign client against every foreign origin, straight and through the proxy. */
@Tag("system")
@Timeout(600)
class PeerMatrixSystemTest {
    static List<Arguments> pairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (ForeignOrigin.Kind origin : ForeignOrigin.Kind.values()) {
            for (ForeignClient client : ForeignClient.values()) {
                for (Via via : Via.values()) {
                    pairs.add(Arguments.of(client, origin, via));
                }
            }
        }
        return pairs;
    }

    @ParameterizedTest(name = "{0} to {1}, {2}")
    @MethodSource("pairs")
    void everySceneGoesWell(ForeignClient client, ForeignOrigin.Kind kind, Via via) {
        try (ForeignOrigin origin = ForeignOrigin.start(kind);
                Via.Way way = via.to(origin.port())) {
            List<String> report = client.play(way.port());
            assertEquals(String.join("\n", client.allWell()), String.join("\n", report), () -> origin + "\n" + way);
        }
    }
}
