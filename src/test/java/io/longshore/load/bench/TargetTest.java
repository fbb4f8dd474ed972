package io.longshore.load.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TargetTest {
    @TempDir
    private Path folder;

    @Test
    void anEntryIsATargetAndDirectIsAlwaysThere() throws IOException {
        Files.writeString(folder.resolve("a.cfg"), "");
        Files.writeString(folder.resolve("targets.yaml"), """
                alpha:
                  template: a.cfg
                  command: ["{alpha}", -f, "{config}"]
                  jvm: true
                """);
        List<String> faults = new ArrayList<>();
        List<Target> targets = Target.readAll(folder, faults);
        assertEquals(List.of(), faults);
        assertEquals(
                List.of("direct", "alpha"), targets.stream().map(Target::name).toList());
        assertFalse(targets.get(0).isProxy());
        assertEquals(
                List.of("java", "-jar", "a.jar", "-f", "/tmp/a"),
                Target.filled(targets.get(1).command(), Map.of("alpha", "java -jar a.jar", "config", "/tmp/a")));
    }

    @Test
    void faultsOfAllEntriesAreToldAtOnce() throws IOException {
        Files.writeString(folder.resolve("targets.yaml"), """
                alpha:
                  template: none.cfg
                  jvm: yes
                beta: 5
                """);
        List<String> faults = new ArrayList<>();
        Target.readAll(folder, faults);
        assertEquals(
                List.of(
                        "targets.yaml:2: template: there is no file " + folder.resolve("none.cfg"),
                        "targets.yaml:1: command: alpha needs a command, a list of words",
                        "targets.yaml:3: jvm: takes true or false",
                        "targets.yaml:4: beta: takes a map"),
                faults);
    }

    @Test
    void aTemplateRepeatsItsOriginLine() {
        String template = "listen @ADDRESS@:@PORT@\nserver o@N@ @ORIGIN@\npid @FOLDER@/pid\n";
        assertEquals(
                "listen 127.0.0.9:80\nserver o1 127.0.0.1:9\nserver o2 127.0.0.2:9\npid /tmp/pid\n",
                Template.fill(template, "127.0.0.9", 80, List.of("127.0.0.1:9", "127.0.0.2:9"), "/tmp"));
    }
}
