package dev.noesis.heartbeat;

import dev.noesis.heartbeat.checks.Check;
import dev.noesis.heartbeat.checks.CheckRunner;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.heartbeat.checks.Found;
import dev.noesis.heartbeat.checks.Looked;
import dev.noesis.heartbeat.checks.Looks;
import dev.noesis.heartbeat.checks.View;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Finding;
import dev.noesis.model.Schedule;
import dev.noesis.run.Desk;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The checks that look when a tick comes, and what they found. Those that block look on threads of their own, and the tick
 * waits for them. StreamThread only.
 *
 * <p>What a look found is kept nowhere until the tick raises it: a task that comes after a crash looks again.
 */
final class Rounds {
    private static final int VIEWED = 200;

    private final Desk desk;
    private final Checks checks;
    private final CheckRunner runner;
    private final Map<String, Pending> pending = new HashMap<>();

    Rounds(Desk desk, Checks checks, CheckRunner runner) {
        this.desk = desk;
        this.checks = checks;
        this.runner = runner;
    }

    /**
     * What the checks of a tick found, and how they fared.
     *
     * @param isCostly whether one of them did more than read memory
     */
    record Result(String agent, String tickId, List<Finding> findings, List<CheckReport> reports, boolean isCostly) {}

    private static final class Pending {
        private final String tickId;
        private final long lookedAt;
        private final Map<String, Check> checks = new HashMap<>();
        private final List<Looked> looked = new ArrayList<>();

        private Pending(String tickId, long lookedAt, List<Check> checks) {
            this.tickId = tickId;
            this.lookedAt = lookedAt;
            checks.forEach(check -> this.checks.put(check.name(), check));
        }

        private boolean isComplete() {
            return looked.size() == checks.size();
        }
    }

    /** Whether the signals that wait are raised. */
    boolean raisesSignals(Selection selection) {
        return checks.signals() && selection.hasSignals();
    }

    /** Those of the selected checks that are to look at that agent now. */
    List<Check> due(String agent, Selection selection) {
        return checks.all().stream()
                .filter(check -> {
                    CheckEntry known = desk.cognition().check(agent, check.name());
                    return selection.isDue(check, every(agent, check), known, desk.now());
                })
                .toList();
    }

    private Duration every(String agent, Check check) {
        Long tuned = desk.cognition().tuning(agent, check.name()).everyMs();
        return tuned == null ? check.every() : Duration.ofMillis(tuned);
    }

    /** What follows from what humans made of the checks' findings, for each check of which there is enough to judge by. */
    List<CheckTuning> tuned(String agent) {
        List<CheckTuning> tuned = new ArrayList<>();
        for (Check check : checks.all()) {
            CheckTuning next = Tuner.next(
                    check.name(),
                    desk.cognition().tuning(agent, check.name()),
                    check.every().toMillis());
            if (next != null) {
                tuned.add(next);
            }
        }
        return tuned;
    }

    /** Looks. What was found is there at once where none of them blocks, else {@link #finished} has it later. */
    Optional<Result> begin(String agent, String tickId, List<Check> due) {
        Pending begun = new Pending(tickId, desk.foldedAt(), due);
        for (Check check : due) {
            View view = view(agent, check);
            if (check.blocks()) {
                runner.launch(key(agent, tickId) + check.name(), check, view);
            } else {
                begun.looked.add(Looks.look(key(agent, tickId) + check.name(), check, view));
            }
        }
        if (begun.isComplete()) {
            return Optional.of(result(agent, begun));
        }
        pending.put(agent, begun);
        return Optional.empty();
    }

    /** Of which ticks all checks have looked since this was asked last. */
    List<Result> finished() {
        List<Result> finished = new ArrayList<>();
        for (Looked looked : runner.drain()) {
            String agent = looked.key().substring(0, looked.key().indexOf('\0'));
            Pending waiting = pending.get(agent);
            if (waiting == null || !looked.key().startsWith(key(agent, waiting.tickId))) {
                continue;
            }
            waiting.looked.add(looked);
            if (waiting.isComplete()) {
                pending.remove(agent);
                finished.add(result(agent, waiting));
            }
        }
        return finished;
    }

    boolean isWaiting() {
        return !pending.isEmpty();
    }

    boolean isWaiting(String agent) {
        return pending.containsKey(agent);
    }

    /** Nobody waits for that agent's looks any more. */
    void drop(String agent) {
        Pending dropped = pending.remove(agent);
        if (dropped != null) {
            dropped.checks.keySet().forEach(check -> runner.cancel(key(agent, dropped.tickId) + check));
        }
    }

    void close() {
        pending.clear();
        runner.close();
    }

    private View view(String agent, Check check) {
        Cognition cognition = desk.cognition();
        Schedule schedule = cognition.schedule(agent);
        ZoneId zone = schedule == null ? ZoneOffset.UTC : schedule.zone();
        CheckEntry known = cognition.check(agent, check.name());
        return new View(
                agent,
                desk.now(),
                zone,
                known == null ? null : known.okAt(),
                cognition.facts(agent, VIEWED),
                cognition.decisions(agent, VIEWED),
                cognition.failures(agent));
    }

    private static Result result(String agent, Pending of) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        List<CheckReport> reports = new ArrayList<>();
        for (Looked looked : of.looked) {
            int before = findings.size();
            for (Found found : looked.found()) {
                String fingerprint = Fingerprint.of(looked.check(), found.source(), found.id());
                findings.putIfAbsent(
                        fingerprint,
                        new Finding(
                                fingerprint,
                                looked.check(),
                                found.source(),
                                found.summary(),
                                found.urgency(),
                                found.needsAction(),
                                found.data()));
            }
            Check check = Objects.requireNonNull(of.checks.get(looked.check()), "it was asked to look");
            reports.add(new CheckReport(
                    looked.check(),
                    looked.status(),
                    findings.size() - before,
                    looked.tookMs(),
                    of.lookedAt,
                    check.seesAll(),
                    looked.message()));
        }
        return new Result(
                agent,
                of.tickId,
                List.copyOf(findings.values()),
                reports,
                of.checks.values().stream().anyMatch(Check::blocks));
    }

    /** Begins the keys of that tick's looks; the check's name follows. */
    private static String key(String agent, String tickId) {
        return agent + "\0" + tickId + "\0";
    }
}
