package io.longshore.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.lab.ChildProcess;
import io.longshore.lab.NativeProgram;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The numbers that we spell in Java are those of this machine's C headers, which {@code native/constants.c} prints. */
class ConstantsTest {
    private static final Map<String, Long> IN_C = new HashMap<>();

    @BeforeAll
    static void ask() {
        for (String line : ChildProcess.run(NativeProgram.named("constants").toString())) {
            int equals = line.indexOf('=');
            IN_C.put(line.substring(0, equals), Long.parseLong(line.substring(equals + 1)));
        }
    }

    @Test
    void everyConstantOfKernelIsTheHeaders() throws IllegalAccessException {
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (Field field : Kernel.class.getDeclaredFields()) {
            int modifiers = field.getModifiers();
            boolean isNumber = field.getType() == int.class || field.getType() == long.class;
            if (!isNumber || !Modifier.isStatic(modifiers) || !Modifier.isPublic(modifiers)) {
                continue;
            }
            compared++;
            long ours = ((Number) field.get(null)).longValue();
            Long theirs = IN_C.get(field.getName());
            if (theirs == null) {
                wrong.add(field.getName() + " is not printed by native/constants.c: add it there");
            } else if (theirs != ours) {
                wrong.add(field.getName() + " is " + ours + " here and " + theirs + " in C");
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(compared > 30, "found only " + compared + " constants by reflection");
    }

    @Test
    void anIpv4SocketAddressLiesAsInC() {
        SockAddr addr = new SockAddr().set(0, 0x0000_ffff_7f01_0203L, 0x1f90);
        assertEquals(IN_C.get("SIZEOF_SOCKADDR_IN"), addr.length());
        assertEquals(IN_C.get("AF_INET"), family(addr, "OFFSET_SIN_FAMILY"));
        assertEquals(0x1f90, bigEndian(addr, "OFFSET_SIN_PORT", 2));
        assertEquals(0x7f01_0203L, bigEndian(addr, "OFFSET_SIN_ADDR", 4));
    }

    @Test
    void anIpv6SocketAddressLiesAsInC() {
        SockAddr addr = new SockAddr().set(0x2001_0db8_0102_0304L, 0x0506_0708_090a_0b0cL, 443);
        assertEquals(IN_C.get("SIZEOF_SOCKADDR_IN6"), addr.length());
        assertEquals(IN_C.get("AF_INET6"), family(addr, "OFFSET_SIN6_FAMILY"));
        assertEquals(443, bigEndian(addr, "OFFSET_SIN6_PORT", 2));
        assertEquals(0, bigEndian(addr, "OFFSET_SIN6_FLOWINFO", 4));
        assertEquals(0x2001_0db8_0102_0304L, bigEndian(addr, "OFFSET_SIN6_ADDR", 8));
        assertEquals(0, bigEndian(addr, "OFFSET_SIN6_SCOPE_ID", 4));
    }

    @Test
    void theMessagesOfSockDiagLieAsInC() {
        assertEquals(IN_C.get("SIZEOF_NLMSGHDR"), SockDiag.HEADER_LENGTH);
        assertEquals(0, IN_C.get("OFFSET_NLMSG_LEN"));
        assertEquals(IN_C.get("OFFSET_NLMSG_TYPE"), SockDiag.TYPE_OFFSET);
        assertEquals(IN_C.get("OFFSET_NLMSG_FLAGS"), SockDiag.FLAGS_OFFSET);
        assertEquals(IN_C.get("OFFSET_NLMSG_SEQ"), SockDiag.SEQUENCE_OFFSET);
        assertEquals(IN_C.get("SIZEOF_INET_DIAG_REQ_V2"), SockDiag.REQUEST_LENGTH);
        assertEquals(IN_C.get("OFFSET_SDIAG_FAMILY"), SockDiag.REQUEST_FAMILY_OFFSET);
        assertEquals(IN_C.get("OFFSET_SDIAG_PROTOCOL"), SockDiag.REQUEST_PROTOCOL_OFFSET);
        assertEquals(IN_C.get("OFFSET_SDIAG_STATES"), SockDiag.REQUEST_STATES_OFFSET);
        assertEquals(IN_C.get("OFFSET_SDIAG_REMOTE_PORT"), SockDiag.REQUEST_REMOTE_PORT_OFFSET);
        assertEquals(IN_C.get("SIZEOF_INET_DIAG_MSG"), SockDiag.MESSAGE_LENGTH);
        assertEquals(IN_C.get("OFFSET_IDIAG_FAMILY"), SockDiag.FAMILY_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_STATE"), SockDiag.STATE_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_LOCAL_PORT"), SockDiag.LOCAL_PORT_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_REMOTE_PORT"), SockDiag.REMOTE_PORT_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_LOCAL"), SockDiag.LOCAL_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_REMOTE"), SockDiag.REMOTE_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_UID"), SockDiag.UID_OFFSET);
        assertEquals(IN_C.get("OFFSET_IDIAG_INODE"), SockDiag.INODE_OFFSET);
    }

    private static long family(SockAddr addr, String offset) {
        return view(addr).getShort(Math.toIntExact(IN_C.get(offset)));
    }

    private static long bigEndian(SockAddr addr, String offset, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | (view(addr).getByte(Math.toIntExact(IN_C.get(offset)) + i) & 0xff);
        }
        return value;
    }

    private static UnsafeBuffer view(SockAddr addr) {
        return new UnsafeBuffer(addr.pointer(), addr.length());
    }
}
