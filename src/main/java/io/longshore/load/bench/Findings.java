package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Ratio;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a result says of us, by the primary measure of each scenario, for each of our targets and each peer.
 *
 * @param losses where we are worse than a peer, the worst first
 * @param wins where we are better, the best first
 * @param level where the median ratio is exactly 1
 * @param undecided what cannot be compared and why, one sentence each
 * @param faulty runs with faults, one sentence each
 */
record Findings(List<Ratio> losses, List<Ratio> wins, List<Ratio> level, List<String> undecided, List<String> faulty) {
    static Findings of(Result result) {
        Findings findings = new Findings(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (ScenarioResult scenario : result.scenarios()) {
            findings.compare(scenario);
            faults(scenario).forEach((target, sentence) -> findings.faulty.add(scenario.name() + ": " + sentence));
        }
        findings.losses.sort(Comparator.comparingDouble(Ratio::advantage));
        findings.wins.sort(Comparator.comparingDouble(Ratio::advantage).reversed());
        return findings;
    }

    private void compare(ScenarioResult scenario) {
        List<String> targets = Statistics.targets(scenario);
        List<String> peers = targets.stream().filter(Statistics::isPeer).toList();
        if (targets.stream().noneMatch(Statistics::isOurs)) {
            undecided.add(scenario.name() + ": no run of Longshore");
        }
        for (String ours : targets.stream().filter(Statistics::isOurs).toList()) {
            if (peers.isEmpty()) {
                undecided.add(scenario.name() + ": no run of a peer beside " + Wording.target(ours));
            }
            for (String peer : peers) {
                Optional<Ratio> ratio = Statistics.ratio(scenario, scenario.primary(), ours, peer);
                if (ratio.isEmpty()) {
                    undecided.add(scenario.name() + ": " + Wording.target(ours) + " and " + Wording.target(peer)
                            + ": no round in which the " + Wording.noun(scenario.primary()) + " of both counts"
                            + reasons(scenario, ours, peer));
                } else if (ratio.get().isWorse()) {
                    losses.add(ratio.get());
                } else {
                    (ratio.get().isBetter() ? wins : level).add(ratio.get());
                }
            }
        }
    }

    private static String reasons(ScenarioResult scenario, String ours, String peer) {
        List<String> reasons = new ArrayList<>();
        for (String target : List.of(ours, peer)) {
            for (Map<String, String> found : List.of(voids(scenario), faults(scenario))) {
                if (found.containsKey(target)) {
                    reasons.add(found.get(target));
                }
            }
        }
        return reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")";
    }

    /** How the comparisons went, in a paragraph of plain text. */
    String verdict(Result result, String times) {
        int all = losses.size() + wins.size() + level.size();
        if (all == 0) {
            return "Nothing can be compared in this result: no scenario has a round that counts for both Longshore and"
                    + " a peer.";
        }
        StringBuilder text = new StringBuilder();
        text.append("In ").append(Wording.count(result.scenarios().size(), "scenario"));
        text.append(", ").append(rounds(result)).append(", Longshore is worse than a peer in ");
        text.append(losses.size()).append(" of ").append(Wording.count(all, "comparison"));
        text.append(" and better in ").append(wins.size());
        text.append(level.isEmpty() ? "" : ", level in " + level.size());
        text.append(undecided.isEmpty() ? "" : ", with " + undecided.size() + " undecided")
                .append(".");
        if (!losses.isEmpty()) {
            text.append(" The worst: ").append(sentence(losses.get(0), times)).append(".");
        }
        if (!wins.isEmpty()) {
            text.append(" The best: ").append(sentence(wins.get(0), times)).append(".");
        }
        if (!faulty.isEmpty()) {
            text.append(" Some runs were faulty and count for nothing.");
        }
        return text.toString();
    }

    private static String sentence(Ratio ratio, String times) {
        return Wording.target(ratio.ours()) + " has " + Wording.ratioOf(ratio, times) + " in "
                + ratio.scenario().name();
    }

    private static String rounds(Result result) {
        long[] counts = result.scenarios().stream()
                .mapToLong(scenario ->
                        scenario.runs().stream().mapToInt(Run::round).distinct().count())
                .filter(count -> count > 0)
                .sorted()
                .toArray();
        String most = Wording.count(counts[counts.length - 1], "interleaved round");
        return (counts[0] == counts[counts.length - 1] ? "" : counts[0] + " to ") + most;
    }

    /** Which runs of a scenario are void and why: a sentence for each target that has such runs. */
    static Map<String, String> voids(ScenarioResult scenario) {
        return sentences(scenario, run -> run.faults() == 0 ? run.voidReason() : null);
    }

    /** Which runs of a scenario had faults: a sentence for each target that has such runs. */
    static Map<String, String> faults(ScenarioResult scenario) {
        return sentences(
                scenario, run -> run.faults() > 0 ? Wording.count(run.faults(), "fault") + ", not counted" : null);
    }

    /** A sentence for each target; rounds of which the same is to be said share a clause. */
    private static Map<String, String> sentences(ScenarioResult scenario, Function<Run, String> what) {
        Map<String, Map<String, List<String>>> rounds = new TreeMap<>();
        for (Run run : scenario.runs()) {
            String text = what.apply(run);
            if (text != null) {
                rounds.computeIfAbsent(run.target(), ignored -> new LinkedHashMap<>())
                        .computeIfAbsent(text, ignored -> new ArrayList<>())
                        .add(Integer.toString(run.round()));
            }
        }
        Map<String, String> sentences = new TreeMap<>();
        rounds.forEach((target, clauses) -> {
            List<String> parts = new ArrayList<>(List.of(Wording.target(target)));
            clauses.forEach((text, in) ->
                    parts.add((in.size() == 1 ? "round " : "rounds ") + String.join(", ", in) + ": " + text));
            sentences.put(target, parts.remove(0) + ", " + String.join("; ", parts));
        });
        return sentences;
    }
}
