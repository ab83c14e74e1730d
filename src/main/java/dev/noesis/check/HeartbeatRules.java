package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.model.AgentId;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.serde.ClientJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Ticks, outcomes and attention against the log. */
final class HeartbeatRules {
    private final History history;
    private final Referee log;
    private final BiConsumer<Rule, String> violation;
    /** How often each tick was sent, by agent and tick. */
    private final Map<String, Integer> ticks = new LinkedHashMap<>();

    private final Set<String> unreadable = new HashSet<>();

    HeartbeatRules(History history, Referee log, BiConsumer<Rule, String> violation) {
        this.history = history;
        this.log = log;
        this.violation = violation;
    }

    /** The places of ticks and signals that cannot be answered. */
    Set<String> unreadable() {
        return unreadable;
    }

    void check() {
        for (Seen tick : history.of(history.topics().heartbeatTicks())) {
            read(tick, "tickId").ifPresent(id -> ticks.merge(Referee.id(tick.agent(), id), 1, Integer::sum));
        }
        for (Seen signal : history.of(history.topics().agentSignals())) {
            if (read(signal, "signalId").isPresent() && signal.text("summary").isBlank()) {
                unreadable.add(signal.place());
            }
        }
        outcomes();
        attention();
        Map<String, List<LoggedRun>> ofTicks = log.runs().stream()
                .filter(run -> run.lane == Lane.HEARTBEAT && run.spec != null)
                .collect(Collectors.groupingBy(run -> Referee.id(run.agent, run.spec.tickId())));
        ofTicks.forEach((tick, runs) -> {
            if (runs.size() > 1 && !log.wasDeleted(runs.getFirst().agent)) {
                violation.accept(Rule.TICKS, "one tick began " + runs);
            }
        });
    }

    private Optional<String> read(Seen record, String idField) {
        if (!history.isAtHome(record) && record.value() != null) {
            return Optional.empty();
        }
        try {
            JsonNode json = ClientJson.object(record.value());
            JsonNode id = json.path(idField);
            if (AgentId.check(record.key() == null ? null : record.agent()) == null
                    && AgentId.checkPart(idField, id.isString() ? id.asString() : null) == null) {
                return Optional.of(id.asString());
            }
        } catch (ClientJson.UnreadableException e) {
            // falls through: nobody can be answered for it
        }
        unreadable.add(record.place());
        return Optional.empty();
    }

    private void outcomes() {
        Map<String, List<Seen>> outcomes = new HashMap<>();
        for (Seen outcome : history.of(history.topics().heartbeatOutcomes())) {
            outcomes.computeIfAbsent(Referee.id(outcome.agent(), outcome.text("tickId")), _ -> new ArrayList<>())
                    .add(outcome);
        }
        outcomes.forEach((id, of) -> {
            if (!ticks.containsKey(id)) {
                violation.accept(
                        Rule.TICKS, "nobody sent the tick of " + of.getFirst().place());
            }
            of.forEach(this::outcome);
        });
        ticks.forEach((id, times) -> {
            List<Seen> of = outcomes.getOrDefault(id, List.of());
            long counted = of.stream()
                    .filter(outcome -> !outcome.text("skipReason").equals("duplicate"))
                    .count();
            if (of.size() != times || counted != 1) {
                violation.accept(
                        Rule.TICKS,
                        "the tick " + id.replace('\0', '/') + " was sent " + times + " times and has " + of.size()
                                + " outcomes, of which " + counted + " are no duplicates");
            }
        });
    }

    private void outcome(Seen outcome) {
        JsonNode json = outcome.json();
        String runId = json.path("runId").asString("");
        String status = json.path("status").asString("");
        if (runId.isEmpty()) {
            if (!status.equals("skipped") && !status.equals("failed")) {
                violation.accept(Rule.FINDINGS, outcome.place() + " is " + status + " and names no run");
            }
            return;
        }
        List<LoggedRun> runs = log.runs(outcome.agent(), runId);
        LoggedRun run = runs.isEmpty() ? null : runs.getLast();
        boolean finished = run != null && run.ending instanceof Ending.Success;
        if (run == null || run.isOpen() || finished == status.equals("failed")) {
            violation.accept(
                    Rule.FINDINGS,
                    outcome.place() + " is " + status + ", and its run ended with "
                            + (run == null ? null : run.ending));
            return;
        }
        for (JsonNode finding : json.path("findings")) {
            String fingerprint = finding.path("fingerprint").asString("");
            String decided =
                    decision(run, fingerprint).map(d -> d.action().id()).orElse("none");
            if (!decided.equals(finding.path("decision").asString(""))) {
                violation.accept(
                        Rule.FINDINGS,
                        outcome.place() + " says " + finding.path("decision") + " of " + fingerprint
                                + ", for which the run decided " + decided);
            }
            if (!log.raised(outcome.agent()).contains(fingerprint)) {
                violation.accept(Rule.FINDINGS, outcome.place() + ": no tick raised " + fingerprint);
            }
        }
    }

    private void attention() {
        Set<String> told = new HashSet<>();
        for (Seen attention : history.of(history.topics().agentAttention())) {
            String tickId = attention.text("tickId");
            String fingerprint = attention.text("fingerprint");
            boolean decided = log.runs().stream()
                    .filter(run ->
                            run.agent.equals(attention.agent()) && run.spec != null && tickId.equals(run.spec.tickId()))
                    .anyMatch(run -> decision(run, fingerprint)
                            .filter(d -> d.action() == Action.NOTIFY)
                            .isPresent());
            if (!decided) {
                violation.accept(Rule.FINDINGS, attention.place() + ": no finished run decided to notify of it");
            }
            if (!told.add(Referee.id(attention.agent(), attention.text("attentionId")))) {
                violation.accept(Rule.FINDINGS, attention.place() + " says for the second time what was said");
            }
        }
    }

    private static Optional<DecideFinding> decision(LoggedRun run, String fingerprint) {
        return run.decisions().stream()
                .filter(decision -> decision.fingerprint().equals(fingerprint))
                .reduce((_, last) -> last);
    }
}
