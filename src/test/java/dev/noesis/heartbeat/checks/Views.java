package dev.noesis.heartbeat.checks;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.mind.Memory.Failure;
import dev.noesis.mind.Memory.Review;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.model.MemoryWrite.Verdict;
import dev.noesis.model.Origin;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;

/** What a check looks at, at one noon. */
final class Views {
    static final long NOON = Instant.parse("2026-12-01T12:00:00Z").toEpochMilli();

    static final View EMPTY = of(null, List.of(), List.of(), List.of());

    private Views() {}

    static View of(Long lastLookedAt, List<Fact> facts, List<Decision> decisions, List<Failure> failures) {
        return new View("ada", NOON, ZoneOffset.UTC, lastLookedAt, facts, decisions, failures);
    }

    static View ofFacts(List<Fact> facts) {
        return of(null, facts, List.of(), List.of());
    }

    static View ofFacts(ZoneId zone, Fact... facts) {
        return new View("ada", NOON, zone, null, List.of(facts), List.of(), List.of());
    }

    static View ofDecisions(List<Decision> decisions) {
        return of(null, List.of(), decisions, List.of());
    }

    static View ofAgent(String agent) {
        return new View(agent, NOON, ZoneOffset.UTC, null, List.of(), List.of(), List.of());
    }

    static Fact fact(String subject, String statement) {
        return fact(subject, statement, 0.9, Duration.ofDays(1));
    }

    static Fact fact(String subject, String statement, double confidence, Duration age) {
        return new Fact(subject, statement, confidence, Origin.MODEL, NOON - age.toMillis(), "t1");
    }

    static Decision open(String id, Stakes stakes, Duration age) {
        return new Decision(
                id,
                "take the " + id + " road",
                "why not",
                0.7,
                stakes,
                "travel",
                Origin.MODEL,
                NOON - age.toMillis(),
                "t1",
                null);
    }

    static Decision reviewed(String id, Stakes stakes, Duration age) {
        Decision open = open(id, stakes, age);
        return new Decision(
                id,
                open.what(),
                open.why(),
                open.confidence(),
                stakes,
                open.category(),
                open.origin(),
                open.decidedAt(),
                open.threadId(),
                new Review(Verdict.SUCCESS, "it went well", NOON));
    }

    static Failure failure(String runId, Lane lane, ErrorCode code, Duration age) {
        return new Failure(runId, "t1", lane, code, "it broke", NOON - age.toMillis());
    }
}
