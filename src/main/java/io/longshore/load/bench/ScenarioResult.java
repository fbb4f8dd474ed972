package io.longshore.load.bench;

import java.util.List;

/**
 * What one scenario gave.
 *
 * @param name the scenario's file name without its number and ending: {@code small-100}
 * @param question the one question it asks
 * @param bound the back-of-envelope bound
 * @param primary the label of the measure that answers the question
 * @param measures labels of all measures to show, the primary one first
 * @param settings the scenario's options as they were used, for the reader who wants to repeat it
 * @param notes what could not be run and why, one sentence each
 */
public record ScenarioResult(
        String name,
        String question,
        String bound,
        String primary,
        List<String> measures,
        List<String> settings,
        List<Run> runs,
        List<String> notes) {}
