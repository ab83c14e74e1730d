package dev.noesis.heartbeat.checks;

import dev.noesis.config.CheckConfig;
import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an agent has to do: deadlines in what it holds to be true, of the next 24 hours and the past 7 days, and decisions on
 * which much hangs, and which are open after 24 hours. At most five, what presses most first. Pure.
 */
public final class SelfCheck implements Check {
    private static final int MAX_FOUND = 5;
    private static final Duration NEAR = Duration.ofHours(2);
    private static final Duration AHEAD = Duration.ofHours(24);
    private static final Duration BACK = Duration.ofDays(7);
    private static final Duration OPEN_FOR = Duration.ofHours(24);
    private static final int MAX_QUOTED = 300;

    /** @param at of a deadline, or when a decision was made */
    private record Pressing(Found found, Instant at) {}

    private static final Comparator<Pressing> ORDER = Comparator.<Pressing, Urgency>comparing(
                    each -> each.found().urgency())
            .reversed()
            .thenComparing(Pressing::at)
            .thenComparing(each -> each.found().id());

    @Override
    public String name() {
        return CheckConfig.SELF;
    }

    @Override
    public Duration every() {
        return Duration.ofMinutes(30);
    }

    @Override
    public boolean blocks() {
        return false;
    }

    @Override
    public List<Found> look(View view) {
        Instant now = Instant.ofEpochMilli(view.now());
        return Stream.concat(deadlines(view, now), openDecisions(view, now))
                .sorted(ORDER)
                .limit(MAX_FOUND)
                .map(Pressing::found)
                .toList();
    }

    /** What is said twice of a subject, for the same time, is one thing: that which was said last. */
    private static Stream<Pressing> deadlines(View view, Instant now) {
        Map<String, Pressing> byId = new LinkedHashMap<>();
        for (Fact fact : view.facts()) {
            for (Deadlines.Deadline deadline : Deadlines.in(fact.statement(), view.zone())) {
                Duration left = Duration.between(now, deadline.at());
                if (left.compareTo(AHEAD) <= 0 && left.compareTo(BACK.negated()) >= 0) {
                    Found found = found(fact, deadline, left);
                    byId.putIfAbsent(found.id(), new Pressing(found, deadline.at()));
                }
            }
        }
        return byId.values().stream();
    }

    private static Found found(Fact fact, Deadlines.Deadline deadline, Duration left) {
        boolean past = left.isNegative();
        return new Found(
                fact.subject() + "/" + deadline.at(),
                "facts",
                (past ? "The time " + deadline.written() + " has passed: " : "Due by " + deadline.written() + ": ")
                        + Looks.first(fact.subject(), MAX_QUOTED) + ": " + Looks.first(fact.statement(), MAX_QUOTED),
                past ? Urgency.LOW : left.compareTo(NEAR) <= 0 ? Urgency.HIGH : Urgency.NORMAL,
                true,
                Json.object()
                        .put("subject", Looks.first(fact.subject(), MAX_QUOTED))
                        .put("deadline", deadline.at().toString())
                        .toString());
    }

    private static Stream<Pressing> openDecisions(View view, Instant now) {
        return view.decisions().stream()
                .filter(decision -> decision.review() == null && isGrave(decision.stakes()))
                .map(decision -> new Pressing(found(decision), Instant.ofEpochMilli(decision.decidedAt())))
                .filter(open -> Duration.between(open.at(), now).compareTo(OPEN_FOR) >= 0);
    }

    private static boolean isGrave(Stakes stakes) {
        return switch (stakes) {
            case LOW, MEDIUM -> false;
            case HIGH, CRITICAL -> true;
        };
    }

    private static Found found(Decision decision) {
        return new Found(
                decision.decisionId(),
                "decisions",
                "A decision with " + decision.stakes().id() + " stakes is open: "
                        + Looks.first(decision.what(), MAX_QUOTED),
                Urgency.NORMAL,
                true,
                Json.object().put("decisionId", decision.decisionId()).toString());
    }
}
