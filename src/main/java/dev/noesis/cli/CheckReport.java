package dev.noesis.cli;

import dev.noesis.check.Report;
import dev.noesis.check.Rule;
import dev.noesis.check.Violation;
import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code noesis check} prints: a page for people, or JSON for machines. */
final class CheckReport {
    private static final int LINES_SHOWN = 50;

    private final PrintWriter out;

    CheckReport(PrintWriter out) {
        this.out = out;
    }

    void print(Report report, int partitions, Duration took) {
        long all = report.records().values().stream().mapToLong(Long::longValue).sum();
        out.printf(
                "%,d records of %d partitions read in %.1f s, %,.0f a second%n%n",
                all, partitions, seconds(took), all / Math.max(0.001, seconds(took)));
        report.records().forEach((topic, count) -> out.printf("  %-28s %,12d%n", topic, count));
        out.println();
        for (Lane lane : Lane.values()) {
            line(lane.id() + " runs", report.endings().getOrDefault(lane, Map.of()));
        }
        line("requests refused", report.refusals());
        line("ticks", report.outcomes());
        calls(report.calls());
        line("tasks", report.tenures() + " began, " + report.deaths() + " of them died");
        for (Lane lane : Lane.values()) {
            line(
                    lane.id() + " checkpoints",
                    checkpoints(report.checkpoints().getOrDefault(lane, new Report.Checked(0, 0, 0))));
        }
        line("both at one offset", String.valueOf(report.comparisons()));
        amount("passed over in the log", report.poison(), "records that are no events");
        amount("dead letters", report.deadLetters(), "inputs that cannot be answered");
        amount("published again", report.republished(), "inputs that stood in a wrong partition");
        amount("streams with gaps", report.gaps(), "of attempts whose task died, or in an outage");
        list("still open", report.open(), report.openCount());
        if (!report.unproven().isEmpty()) {
            out.printf("%nnot proven%n");
            shown(report.unproven()).forEach(why -> out.println("  " + why));
        }
        list("violations", report.violations(), report.violationCount());
        out.println();
        out.println(
                report.holds()
                        ? "every promise that can be proven here was kept"
                        : "%,d violations of %s".formatted(report.violationCount(), broken(report)));
    }

    private static String broken(Report report) {
        return report.violations().stream()
                .map(Violation::rule)
                .distinct()
                .sorted()
                .map(Rule::id)
                .collect(Collectors.joining(", "));
    }

    private void calls(Report.Calls calls) {
        if (calls.perRun().isEmpty()) {
            return;
        }
        line(
                "model calls",
                "%,d answers counted, %,d paid twice (%,d tokens), %,d failed, %,d abandoned"
                        .formatted(
                                calls.winners(),
                                calls.paidTwice(),
                                calls.tokensPaidTwice(),
                                calls.failed(),
                                calls.abandoned()));
        line(
                "runs by calls",
                calls.perRun().entrySet().stream()
                        .map(entry -> (entry.getKey() == 1 ? "1 call: %2$,d" : "%d calls: %,d")
                                .formatted(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining(" · ")));
    }

    /** How a lane's checkpoints compare with the log. */
    static String checkpoints(Report.Checked checked) {
        List<String> parts = new ArrayList<>(List.of("%,d hold".formatted(checked.held())));
        if (checked.otherBuild() > 0) {
            parts.add("%,d of another build: the log's hash holds".formatted(checked.otherBuild()));
        }
        if (checked.tooOld() > 0) {
            parts.add("%,d of offsets too far back to compare".formatted(checked.tooOld()));
        }
        return String.join(" · ", parts);
    }

    private void line(String name, Map<String, Integer> counts) {
        if (!counts.isEmpty()) {
            int all = counts.values().stream().mapToInt(Integer::intValue).sum();
            line(
                    name,
                    "%,d · ".formatted(all)
                            + counts.entrySet().stream()
                                    .map(entry -> "%,d %s".formatted(entry.getValue(), entry.getKey()))
                                    .collect(Collectors.joining(", ")));
        }
    }

    private void line(String name, String text) {
        out.printf("  %-22s %s%n", name, text);
    }

    private void amount(String name, long count, String of) {
        if (count > 0) {
            line(name, "%,d %s".formatted(count, of));
        }
    }

    private void list(String title, List<Violation> lines, long count) {
        if (count == 0) {
            return;
        }
        out.printf("%n%s: %,d%n", title, count);
        shown(lines).forEach(line -> out.println("  " + line));
        if (count > LINES_SHOWN) {
            out.printf("  … and %,d more%n", count - LINES_SHOWN);
        }
    }

    private static <T> List<T> shown(List<T> lines) {
        return lines.subList(0, Math.min(LINES_SHOWN, lines.size()));
    }

    private static double seconds(Duration took) {
        return took.toNanos() / 1e9;
    }

    // ---- for machines

    /** The whole report. Of violations and of what is open, as many as it holds; the counts are of all. */
    static ObjectNode json(Report report, int partitions, Duration took) {
        ObjectNode json = Json.object();
        json.put("holds", report.holds())
                .put("partitions", partitions)
                .put("tookMs", took.toMillis())
                .put("violationCount", report.violationCount())
                .put("openCount", report.openCount());
        list(json.putArray("violations"), report.violations());
        list(json.putArray("open"), report.open());
        ArrayNode unproven = json.putArray("unproven");
        report.unproven().forEach(unproven::add);
        ObjectNode records = json.putObject("records");
        report.records().forEach(records::put);
        ObjectNode runs = json.putObject("runs");
        report.endings().forEach((lane, endings) -> {
            ObjectNode ofLane = runs.putObject(lane.id());
            endings.forEach(ofLane::put);
        });
        ObjectNode refusals = json.putObject("refusals");
        report.refusals().forEach(refusals::put);
        ObjectNode outcomes = json.putObject("outcomes");
        report.outcomes().forEach(outcomes::put);
        ObjectNode calls = json.putObject("calls")
                .put("counted", report.calls().winners())
                .put("paidTwice", report.calls().paidTwice())
                .put("tokensPaidTwice", report.calls().tokensPaidTwice())
                .put("failed", report.calls().failed())
                .put("abandoned", report.calls().abandoned());
        ObjectNode perRun = calls.putObject("runsByCalls");
        report.calls().perRun().forEach((count, of) -> perRun.put(String.valueOf(count), of));
        ObjectNode checkpoints = json.putObject("checkpoints").put("bothAtOneOffset", report.comparisons());
        report.checkpoints()
                .forEach((lane, checked) -> checkpoints
                        .putObject(lane.id())
                        .put("held", checked.held())
                        .put("otherBuild", checked.otherBuild())
                        .put("tooOld", checked.tooOld()));
        json.put("tenures", report.tenures())
                .put("deaths", report.deaths())
                .put("poison", report.poison())
                .put("deadLetters", report.deadLetters())
                .put("republished", report.republished())
                .put("streamsWithGaps", report.gaps());
        return json;
    }

    private static void list(ArrayNode into, List<Violation> violations) {
        for (Violation violation : violations) {
            ObjectNode node = into.addObject()
                    .put("rule", violation.rule().id())
                    .put("promise", violation.rule().promise());
            node.put("place", violation.place()).put("agent", violation.agent()).put("id", violation.id());
            node.put("what", violation.what());
        }
    }
}
