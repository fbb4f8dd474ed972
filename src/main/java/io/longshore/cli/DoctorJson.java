package io.longshore.cli;

import java.util.List;
import java.util.Locale;

/**
 * The doctor's findings as one JSON object (RFC 8259) on one line: {@code findings} with check, level, text and fix,
 * {@code plan} where one was asked for, {@code level} for the worst of all.
 */
final class DoctorJson {
    private DoctorJson() {}

    /** @param plan null if none was asked for */
    static String text(List<DoctorFinding> findings, DoctorPlan plan) {
        StringBuilder json = new StringBuilder(4096);
        json.append("{\"level\":").append(quoted(level(DoctorFinding.worst(findings))));
        if (plan != null) {
            append(json.append(",\"plan\":"), plan);
        }
        json.append(",\"findings\":[");
        String separator = "";
        for (DoctorFinding finding : findings) {
            json.append(separator).append("{\"check\":").append(quoted(finding.check()));
            json.append(",\"level\":").append(quoted(level(finding.level())));
            json.append(",\"text\":").append(quoted(finding.text()));
            json.append(",\"fix\":").append(quoted(finding.fix())).append('}');
            separator = ",";
        }
        return json.append("]}\n").toString();
    }

    private static void append(StringBuilder json, DoctorPlan plan) {
        json.append("{\"tunnels\":").append(plan.tunnels());
        json.append(",\"ports\":").append(plan.ports());
        json.append(",\"descriptors\":").append(plan.descriptors());
        json.append(",\"kernel-bytes\":").append(plan.kernelBytes());
        json.append(",\"user-bytes\":").append(plan.userBytes());
        json.append(",\"origins\":[");
        String separator = "";
        for (DoctorPlan.SourceNeed need : plan.needs()) {
            json.append(separator).append("{\"origin\":").append(quoted(need.origin()));
            json.append(",\"endpoints\":").append(need.endpoints());
            json.append(",\"sources\":").append(need.sources());
            json.append(",\"named\":").append(need.named()).append('}');
            separator = ",";
        }
        json.append("],\"profiles\":[");
        separator = "";
        for (String profile : plan.profiles()) {
            json.append(separator).append(quoted(profile));
            separator = ",";
        }
        json.append("]}");
    }

    private static String level(DoctorFinding.Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
