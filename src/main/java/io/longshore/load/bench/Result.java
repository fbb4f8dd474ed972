package io.longshore.load.bench;

import java.util.List;
import java.util.Map;

/**
 * One run of the benchmark, as {@code result.json} keeps it.
 *
 * @param startedAt the local time with its offset, ISO 8601
 * @param command what made it
 * @param environment kernel, CPU, JDK, the targets' versions, sysctls, flags: name and text, in the order to be shown
 */
public record Result(
        String startedAt, String command, Map<String, String> environment, List<ScenarioResult> scenarios) {}
