package io.longshore.load.bench;

import io.longshore.load.bench.Statistics.Ratio;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A result as one page that needs nothing else: styles, script, data and the plotting library are in the file.
 *
 * <p>The page forbids itself everything by a content security policy, except the one style and the two scripts whose
 * digests it names: it cannot reach a network, and markup that slipped in with a result could run nothing.
 */
final class HtmlReport {
    /** Chart.js, which the build takes into the jar as the webjar has it. */
    private static final String LIBRARY = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    // The space does not break: a number stays in one line with its sign.
    private static final String TIMES = "\u00a0×";

    private final Html out = new Html();
    private final Result result;
    private final Findings findings;

    private HtmlReport(Result result) {
        this.result = result;
        this.findings = Findings.of(result);
    }

    static String text(Result result) {
        HtmlReport report = new HtmlReport(result);
        report.page();
        return report.out.toString();
    }

    /** Where a scenario stands in the page. Its name is no id: it may hold anything. */
    static String id(int index) {
        return "s" + (index + 1);
    }

    private void page() {
        String style = resource("report.css");
        // The last line would send a debugger out to look for a file that is not there.
        String library = resource(LIBRARY).replaceAll("(?m)^//# sourceMappingURL=.*$", "");
        String script = resource("report.js");

        out.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '")
                .raw(digest(style) + "'; script-src '" + digest(library) + "' '" + digest(script) + "'\">\n");
        out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        out.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
        out.element("title", "Longshore, side by side, " + result.startedAt());
        out.raw("<style>").raw(style).raw("</style>\n</head>\n<body>\n");
        contents();
        out.raw("<main>\n");
        head();
        for (int i = 0; i < result.scenarios().size(); i++) {
            new HtmlScenario(out, result.scenarios().get(i), id(i)).write();
        }
        foot();
        out.raw("</main>\n<script type=\"application/json\" id=\"data\">")
                .raw(ChartData.json(result))
                .raw("</script>\n");
        out.raw("<script>").raw(library).raw("</script>\n");
        out.raw("<script>").raw(script).raw("</script>\n</body>\n</html>\n");
    }

    private void contents() {
        out.raw("<nav aria-label=\"Contents\"><details open><summary>Contents</summary>\n<ul>\n");
        entry("losses", "Where we lose");
        entry("wins", "Where we win");
        if (!findings.undecided().isEmpty()) {
            entry("undecided", "Not decided");
        }
        if (!findings.faulty().isEmpty()) {
            entry("faulty", "Faulty runs");
        }
        out.raw("</ul>\n<ul>\n");
        for (int i = 0; i < result.scenarios().size(); i++) {
            entry(id(i), result.scenarios().get(i).name());
        }
        out.raw("</ul>\n<ul>\n");
        entry("reading", "How to read it");
        entry("environment", "Environment");
        out.raw("</ul></details></nav>\n");
    }

    private void entry(String id, String text) {
        out.raw("<li><a href=\"#" + id + "\">").text(text).raw("</a></li>\n");
    }

    private void head() {
        out.raw("<header>\n<h1>Longshore, side by side</h1>\n");
        out.raw("<p class=\"when\">").text(result.startedAt()).raw("</p>\n");
        out.raw("<p class=\"verdict\">").text(findings.verdict(result, TIMES)).raw("</p>\n</header>\n");
        ratios("losses", "Where we lose", findings.losses());
        ratios("wins", "Where we win", findings.wins());
        if (!findings.level().isEmpty()) {
            ratios("level", "Level", findings.level());
        }
        sentences("undecided", "Not decided", findings.undecided());
        sentences("faulty", "Faulty runs", findings.faulty());
    }

    private void ratios(String id, String heading, List<Ratio> ratios) {
        out.raw("<section id=\"" + id + "\">\n").element("h2", heading);
        if (ratios.isEmpty()) {
            out.raw("<p>Nowhere in this result.</p>\n</section>\n");
            return;
        }
        out.raw(
                "<div class=\"scroll\" tabindex=\"0\">\n<table class=\"ratios\">\n<thead><tr><th>Scenario</th><th>Who</th>"
                        + "<th>Has</th><th class=\"n\">Min – max</th>"
                        + "<th class=\"ends\"><span>worse</span><span>better</span></th></tr></thead>\n<tbody>\n");
        for (Ratio ratio : ratios) {
            int index = indexOf(ratio);
            out.raw("<tr><td><a href=\"#" + id(index) + "\">")
                    .text(ratio.scenario().name())
                    .raw("</a></td><td>")
                    .raw(Palette.swatch(ratio.ours()))
                    .raw("</td><td class=\"has\"><b>")
                    .raw(Wording.ratio(ratio.spread()))
                    .raw(TIMES + "</b> ")
                    .text(Wording.target(ratio.peer()) + "'s "
                            + Wording.noun(ratio.measure().label()))
                    .raw("</td><td class=\"n\">")
                    .raw(Wording.ratio(ratio.spread().min()) + " – "
                            + Wording.ratio(ratio.spread().max()))
                    .raw(ratio.isDisputed() ? "<br><small>the rounds disagree</small>" : "")
                    .raw("</td><td>")
                    .raw(Strip.svg(ratio))
                    .raw("</td></tr>\n");
        }
        out.raw("</tbody>\n</table></div>\n</section>\n");
    }

    private int indexOf(Ratio ratio) {
        return result.scenarios().indexOf(ratio.scenario());
    }

    private void sentences(String id, String heading, List<String> sentences) {
        if (!sentences.isEmpty()) {
            out.raw("<section id=\"" + id + "\">\n").element("h2", heading).raw("<ul>\n");
            sentences.forEach(sentence -> out.element("li", sentence));
            out.raw("</ul>\n</section>\n");
        }
    }

    private void foot() {
        out.raw("<section id=\"reading\">\n<h2>How to read it</h2>\n<dl>\n");
        for (Explanation one : Explanation.ALL) {
            out.element("dt", one.term()).element("dd", one.meaning());
        }
        out.raw("</dl>\n</section>\n<section id=\"environment\">\n<h2>Environment</h2>\n");
        out.raw("<p>Made by <code>").text(result.command()).raw("</code></p>\n");
        out.raw("<div class=\"scroll\" tabindex=\"0\">\n<table class=\"environment\">\n<tbody>\n");
        for (Map.Entry<String, String> entry : result.environment().entrySet()) {
            out.raw("<tr><th scope=\"row\">").text(entry.getKey()).raw("</th><td>");
            out.text(entry.getValue()).raw("</td></tr>\n");
        }
        out.raw("</tbody>\n</table></div>\n</section>\n");
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not in this build: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
