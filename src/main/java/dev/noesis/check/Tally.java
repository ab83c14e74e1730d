package dev.noesis.check;

import dev.noesis.model.Lane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps what the rules find. Bounded, however much that is. */
final class Tally {
    /** Of violations, and of what is open, that are shown. */
    private static final int SHOWN = 1_000;

    /** Streams are written beside the log, and may be behind it for a moment. */
    private static final long SETTLING_MS = 10_000;

    private final Circumstances circumstances;
    private final long takenAt;

    private final List<Violation> violations = new ArrayList<>();
    private long violationCount;
    private final List<Violation> open = new ArrayList<>();
    private long openCount;
    private final Set<String> unproven = new LinkedHashSet<>();

    private final Map<String, Long> records = new LinkedHashMap<>();
    private final Map<Lane, Map<String, Integer>> endings = new EnumMap<>(Lane.class);
    private final Map<String, Integer> refusals = new TreeMap<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final Map<Integer, Integer> callsPerRun = new TreeMap<>();
    private final Map<Lane, Report.Checked> checkpoints = new EnumMap<>(Lane.class);

    long winners;
    long paidTwice;
    long tokensPaidTwice;
    long failedCalls;
    long abandoned;
    int comparisons;
    int tenures;
    int deaths;
    long poison;
    long deadLetters;
    long republished;
    long gaps;

    Tally(Circumstances circumstances, long takenAt) {
        this.circumstances = circumstances;
        this.takenAt = takenAt;
        for (Lane lane : Lane.values()) {
            checkpoints.put(lane, new Report.Checked(0, 0, 0));
        }
    }

    Circumstances circumstances() {
        return circumstances;
    }

    /**
     * Whether what follows from something that happened then ought to be there.
     *
     * @param at epoch milliseconds
     */
    boolean isSettled(long at) {
        return circumstances.drained() || at < takenAt - SETTLING_MS;
    }

    void violation(Rule rule, @Nullable String place, @Nullable String agent, @Nullable String id, String what) {
        violationCount++;
        if (violations.size() < SHOWN) {
            violations.add(new Violation(rule, place, agent, id, what));
        }
    }

    /** Found in a record. */
    void violation(Rule rule, Seen record, @Nullable String id, String what) {
        violation(rule, record.place(), record.agent(), id, what);
    }

    /** Found of a run. */
    void violation(Rule rule, LoggedRun run, String what) {
        violation(rule, run.place(), run.agent, run.runId, what);
    }

    /** It is missing: a violation if the deployment has drained, and still open otherwise. */
    void missing(Rule rule, @Nullable String place, @Nullable String agent, @Nullable String id, String what) {
        if (circumstances.drained()) {
            violation(rule, place, agent, id, what);
            return;
        }
        openCount++;
        if (open.size() < SHOWN) {
            open.add(new Violation(rule, place, agent, id, what));
        }
    }

    void unproven(String why) {
        unproven.add(why);
    }

    void read(String topic, long count) {
        records.merge(topic, count, Long::sum);
    }

    void ended(Lane lane, String how) {
        endings.computeIfAbsent(lane, _ -> new TreeMap<>()).merge(how, 1, Integer::sum);
    }

    void refused(String code) {
        refusals.merge(code, 1, Integer::sum);
    }

    void outcome(String status) {
        outcomes.merge(status, 1, Integer::sum);
    }

    void calls(int ofRun) {
        callsPerRun.merge(ofRun, 1, Integer::sum);
    }

    void checkpoints(Lane lane, Report.Checked more) {
        checkpoints.merge(
                lane,
                more,
                (a, b) -> new Report.Checked(
                        a.held() + b.held(), a.otherBuild() + b.otherBuild(), a.tooOld() + b.tooOld()));
    }

    Report report() {
        return new Report(
                List.copyOf(violations),
                violationCount,
                List.copyOf(open),
                openCount,
                List.copyOf(unproven),
                records,
                endings,
                refusals,
                outcomes,
                new Report.Calls(callsPerRun, winners, paidTwice, tokensPaidTwice, failedCalls, abandoned),
                checkpoints,
                comparisons,
                tenures,
                deaths,
                poison,
                deadLetters,
                republished,
                gaps);
    }
}
