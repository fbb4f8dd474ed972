package io.longshore.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.metrics.CloseReason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HeadFaultTest {
    @ParameterizedTest
    @EnumSource
    void isFoundAgainByItsNegativeCode(HeadFault fault) {
        assertTrue(fault.code() < 0);
        assertSame(fault, HeadFault.of(fault.code()));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BAD_STATUS_LINE")
    void hasTheNameAndTheStatusOfACloseReason(HeadFault fault) {
        assertEquals(CloseReason.valueOf(fault.name()).status(), fault.status());
    }
}
