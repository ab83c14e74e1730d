package dev.noesis.chaos;

import dev.noesis.check.Report.Calls;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a run comes to, as words for a terminal, which are Markdown, too, and as JSON.
 *
 * @param recoveries seconds by kind of fault: p50, most
 * @param failures what ought to be and is not, but for violations
 */
record Report(
        long seed,
        String length,
        boolean drained,
        Map<String, Integer> faults,
        Map<String, Recovery> recoveries,
        Map<String, String> skipped,
        List<String> endedByThemselves,
        int asked,
        int answered,
        Map<String, Integer> answers,
        Map<String, Integer> runsByEnding,
        Calls calls,
        int deaths,
        List<String> failures,
        List<String> violations) {

    /** Seconds from a fault to when all partitions it concerned had answered something that was asked after it. */
    record Recovery(int count, double p50, double most) {
        static Recovery of(List<Double> seconds) {
            List<Double> sorted = seconds.stream().sorted().toList();
            return new Recovery(sorted.size(), sorted.get((sorted.size() - 1) / 2), sorted.getLast());
        }
    }

    static Report of(Shape shape, Ledger ledger, Incidents incidents, Verdict verdict, boolean drained) {
        Map<String, Recovery> recoveries = new TreeMap<>();
        ledger.recovered().forEach((kind, seconds) -> recoveries.put(kind, Recovery.of(seconds)));
        return new Report(
                shape.seed(),
                shape.length().toString().substring(2).toLowerCase(Locale.ROOT),
                drained,
                incidents.struck(),
                recoveries,
                incidents.skipped(),
                incidents.ended(),
                ledger.asked(),
                ledger.answered(),
                ledger.outcomes(),
                new TreeMap<>(verdict.endings()),
                verdict.calls(),
                verdict.deaths(),
                incidents.failures(),
                verdict.violations());
    }

    boolean isGood() {
        return drained && violations.isEmpty() && failures.isEmpty();
    }

    String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("# Chaos, seed " + seed + ", " + length);
        lines.add("");
        lines.add("| fault | times | recovered, p50 s | most s |");
        lines.add("|---|---:|---:|---:|");
        for (String kind : new TreeSet<>(faults.keySet())) {
            Recovery recovery = recoveries.get(kind);
            lines.add(
                    recovery == null
                            ? "| %s | %d | | |".formatted(kind, faults.get(kind))
                            : "| %s | %d | %.1f | %.1f |"
                                    .formatted(kind, faults.get(kind), recovery.p50(), recovery.most()));
        }
        skipped.forEach((kind, why) -> lines.add("| %s | skipped: %s | | |".formatted(kind, why)));
        lines.add("");
        lines.add(
                "| asked | answered | answers of the model | paid twice | calls that failed | calls given up | tasks that died |");
        lines.add("|---:|---:|---:|---:|---:|---:|---:|");
        lines.add("| %,d | %,d | %,d | %,d | %,d | %,d | %,d |"
                .formatted(
                        asked,
                        answered,
                        calls.winners() + calls.paidTwice(),
                        calls.paidTwice(),
                        calls.failed(),
                        calls.abandoned(),
                        deaths));
        lines.add("");
        table(lines, "| model calls of a run | runs |", calls.perRun());
        table(lines, "| runs that ended with | |", runsByEnding);
        table(lines, "| answers | |", answers);
        list(lines, "Processes that ended by themselves, and were started again", endedByThemselves);
        list(lines, "Failures", failures);
        list(lines, "Violations", violations);
        lines.add(
                isGood()
                        ? "**0 violations.**"
                        : "**%d violations, %d failures%s.**"
                                .formatted(violations.size(), failures.size(), drained ? "" : ", not drained"));
        return String.join("\n", lines) + "\n";
    }

    private static void table(List<String> lines, String head, Map<?, Integer> rows) {
        lines.add(head);
        lines.add("|---|---:|");
        rows.forEach((name, count) -> lines.add("| %s | %,d |".formatted(name, count)));
        lines.add("");
    }

    private static void list(List<String> lines, String head, List<String> items) {
        if (!items.isEmpty()) {
            lines.add(head + ":");
            lines.add("");
            items.forEach(item -> lines.add("- " + item));
            lines.add("");
        }
    }
}
