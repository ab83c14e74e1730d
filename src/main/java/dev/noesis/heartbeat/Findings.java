package dev.noesis.heartbeat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Gatherer;

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
