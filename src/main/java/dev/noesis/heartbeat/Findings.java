package dev.noesis.heartbeat;

import dev.noesis.mind.FindingLife;
import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.CheckReport;
import dev.noesis.model.Finding;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Gatherer;
import org.jspecify.annotations.Nullable;

/**
 * Which of an agent's findings a run is shown. Those that no run has decided about come first, and of them the oldest; then
 * those that were deferred. So none waits for ever behind others, however many are deferred again and again. Pure.
 */
final class Findings {
    /** As many as one run is shown, and as one tick raises. */
    static final int MAX_SHOWN = 50;

    /** Of all that one run is shown, in characters: a tenth of what a turn may have, and about a quarter of a context. */
    static final int MAX_SHOWN_CHARS = 100_000;

    /** Of an agent's findings that are not settled, deferred ones among them. */
    static final int MAX_OPEN = 1_000;

    private static final Comparator<FindingEntry> TURN = Comparator.<FindingEntry>comparingInt(
                    entry -> entry.decision() == null ? 0 : 1)
            .thenComparingLong(FindingEntry::raisedAt)
            .thenComparing(entry -> entry.finding().fingerprint());

    private Findings() {}

    /** What a run that is opened now is shown. */
    static List<Finding> toShow(List<FindingEntry> all) {
        return all.stream()
                .filter(entry -> entry.state() == FindingState.NEW)
                .sorted(TURN)
                .map(FindingEntry::finding)
                .gather(fitting())
                .toList();
    }

    /**
     * How many more may be raised: as many as the next run would be shown before those that were deferred. While it is shown
     * all it can be, or the agent has many that it defers, what waits outside stays there, where it is bounded; both lanes keep
     * what is raised.
     */
    static int room(List<FindingEntry> all) {
        List<FindingEntry> open =
                all.stream().filter(entry -> entry.state() == FindingState.NEW).toList();
        List<FindingEntry> undecided =
                open.stream().filter(entry -> entry.decision() == null).toList();
        int shown = toShow(undecided).size();
        return shown < undecided.size() || open.size() >= MAX_OPEN ? 0 : MAX_SHOWN - shown;
    }

    /** What a run was shown that has ended: what it decided about, and of the rest those whose turn it was. */
    static List<Finding> shownTo(String runId, List<FindingEntry> all) {
        return all.stream()
                .filter(entry -> runId.equals(entry.runId()) || entry.state() == FindingState.NEW)
                .sorted(Comparator.<FindingEntry>comparingInt(entry -> runId.equals(entry.runId()) ? 0 : 1)
                        .thenComparing(TURN))
                .map(FindingEntry::finding)
                .gather(fitting())
                .toList();
    }

    /** Whether a human is to be told again of what is there still. */
    static boolean isEscalationDue(List<FindingEntry> all, long now) {
        return all.stream().anyMatch(entry -> FindingLife.escalatesAt(entry) <= now);
    }

    /**
     * Whether what was looked at changes anything: then the log is told, else nothing is.
     *
     * @param checks how each fared before
     */
    static boolean isNews(
            Rounds.Result result, List<FindingEntry> known, Function<String, @Nullable CheckEntry> checks, long now) {
        if (result.isCostly()) {
            // that it was made keeps the next from being made too soon
            return true;
        }
        Map<String, FindingEntry> entries = new HashMap<>();
        known.forEach(entry -> entries.put(entry.finding().fingerprint(), entry));
        Set<String> found = new HashSet<>();
        Map<String, CheckReport> reports = new HashMap<>();
        result.reports().forEach(report -> reports.put(report.name(), report));
        for (Finding finding : result.findings()) {
            found.add(finding.fingerprint());
            CheckReport report = reports.get(finding.check());
            boolean lasts = report != null && report.seesAll();
            if (FindingLife.isNews(entries.get(finding.fingerprint()), finding, lasts, now)) {
                return true;
            }
        }
        for (CheckReport report : result.reports()) {
            CheckEntry before = checks.apply(report.name());
            if (report.status() != CheckReport.Status.OK || (before != null && before.failures() > 0)) {
                return true;
            }
        }
        return known.stream().anyMatch(entry -> {
            CheckReport report = reports.get(entry.finding().check());
            return report != null
                    && report.isWhole()
                    && !found.contains(entry.finding().fingerprint())
                    && FindingLife.isMissed(entry);
        });
    }

    /** As many as fit, from the first on; the first always does. */
    private static Gatherer<Finding, ?, Finding> fitting() {
        return Gatherer.ofSequential(() -> new int[2], Gatherer.Integrator.of((shown, finding, downstream) -> {
            shown[0]++;
            shown[1] += TriagePrompt.line(finding).length();
            boolean fits = shown[0] == 1 || (shown[0] <= MAX_SHOWN && shown[1] <= MAX_SHOWN_CHARS);
            return fits && downstream.push(finding);
        }));
    }
}
