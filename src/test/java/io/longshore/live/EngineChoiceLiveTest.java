package io.longshore.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.longshore.cli.Main;
import io.longshore.lab.Await;
import io.longshore.lab.ChildProcess;
import io.longshore.lab.LongshoreProcess;
import io.longshore.lab.NativeProgram;
import io.longshore.lab.SampleUpgrade;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which engine a proxy takes where the kernel lets it have io_uring, and where a sandbox does not. */
final class EngineChoiceLiveTest {
    private static final List<String> SANDBOX =
            List.of(NativeProgram.named("nouring").toString());

    @Test
    void autoFallsBackToNioInASandboxAndSaysWhy() {
        try (TestOrigin origin = TestOrigin.playing(SourceAddressLiveTest::echo);
                ChildProxy proxy = ChildProxy.serve(SANDBOX, yaml("auto", origin))) {
            String line = engineLine(proxy);
            assertTrue(line.contains("name=nio"), line);
            assertTrue(line.contains("io_uring_setup: Operation not permitted"), line);
            try (RawClient client = RawClient.connect(proxy.address()).send(SampleUpgrade.request("/"))) {
                client.head101();
            }
        }
    }

    @Test
    void autoTakesIoUringWhereItWorks() {
        try (TestOrigin origin = TestOrigin.playing(SourceAddressLiveTest::echo);
                ChildProxy proxy = ChildProxy.serve(List.of(), yaml("auto", origin))) {
            String line = engineLine(proxy);
            assertTrue(line.contains("name=io_uring reason=\"it passed its self-test\""), line);
            try (RawClient client = RawClient.connect(proxy.address()).send(SampleUpgrade.request("/"))) {
                client.head101();
            }
        }
    }

    @Test
    void ioUringThatCannotBeHadIsAFailureToStart() {
        try (TestOrigin origin = TestOrigin.playing(SourceAddressLiveTest::echo)) {
            Path file = LongshoreProcess.write(yaml("io_uring", origin));
            List<String> command = List.of(
                    SANDBOX.get(0),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "serve",
                    "-c",
                    file.toString());
            ChildProcess proxy = ChildProcess.start(command, Map.of());
            try (proxy) {
                assertEquals(1, proxy.exitCode(Await.PATIENCE), proxy.errors());
                assertTrue(
                        proxy.errors()
                                .contains("engine io_uring cannot run here: io_uring_setup: Operation not permitted"),
                        proxy.errors());
            }
        }
    }

    private static String yaml(String engine, TestOrigin origin) {
        return "engine: " + engine + "\n"
                + ProxyUnderTest.before(origin.address()).yaml();
    }

    private static String engineLine(ChildProxy proxy) {
        return proxy.log()
                .lines()
                .filter(line -> line.contains("event=engine"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no word of the engine: " + proxy.log()));
    }
}
