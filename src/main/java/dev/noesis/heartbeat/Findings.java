package dev.noesis.heartbeat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import java.util.Comparator;
import java.util.List;

/**
 * Which of an agent's findings a run is shown. Those that no run has decided about come first, and of them the oldest; then
 * those that were deferred. So none waits for ever behind others, however many are deferred again and again. Pure.
 */
final class Findings {
    /** As many as one run is shown, and as one tick raises. */
    static final int MAX_SHOWN = 50;

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
                .limit(MAX_SHOWN)
                .map(FindingEntry::finding)
                .toList();
    }

    /** What a run was shown that has ended: what it decided about, and of the rest those whose turn it was. */
    static List<Finding> shownTo(String runId, List<FindingEntry> all) {
        return all.stream()
                .filter(entry -> runId.equals(entry.runId()) || entry.state() == FindingState.NEW)
                .sorted(Comparator.<FindingEntry>comparingInt(entry -> runId.equals(entry.runId()) ? 0 : 1)
                        .thenComparing(TURN))
                .limit(MAX_SHOWN)
                .map(FindingEntry::finding)
                .toList();
    }
}
