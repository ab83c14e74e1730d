package dev.noesis.heartbeat;

import dev.noesis.heartbeat.Gate.Skip;
import dev.noesis.mind.Attention;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.CheckReport;
import dev.noesis.model.Finding;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the records of {@code heartbeat.outcomes} and {@code agent.attention}. Pure. */
final class Outcomes {
    private Outcomes() {}

    /** @param raised what was found all the same */
    static ObjectNode skipped(String tickId, Skip reason, List<CheckReport> checks, List<Finding> raised) {
        ObjectNode outcome = outcome(tickId, "skipped").put("skipReason", reason.id());
        checks(outcome, checks);
        undecided(outcome, raised);
        return outcome;
    }

    /** The outcome of a tick that raised nothing for a run to decide about. */
    static ObjectNode withoutRun(Ticks.UnderWay tick, List<Finding> raised, boolean isAlert) {
        ObjectNode outcome = outcome(tick.tickId(), isAlert ? "notified" : "ok");
        checks(outcome, tick.reports());
        undecided(outcome, raised);
        return outcome;
    }

    private static void checks(ObjectNode outcome, List<CheckReport> reports) {
        ArrayNode checks = outcome.putArray("checks");
        for (CheckReport report : reports) {
            ObjectNode check = checks.addObject()
                    .put("name", report.name())
                    .put("status", report.status().id())
                    .put("findings", report.findings())
                    .put("tookMs", report.tookMs());
            if (report.message() != null) {
                check.put("message", report.message());
            }
        }
    }

    private static void undecided(ObjectNode outcome, List<Finding> raised) {
        ArrayNode findings = outcome.putArray("findings");
        raised.forEach(finding -> findings.addObject()
                .put("fingerprint", finding.fingerprint())
                .put("urgency", finding.urgency().id())
                .put("decision", "none"));
    }

    /** The outcome of a tick that ended without a run of its own. */
    static ObjectNode failed(String tickId, String message) {
        ObjectNode outcome = outcome(tickId, "failed").put("message", message);
        outcome.putArray("checks");
        outcome.putArray("findings");
        return outcome;
    }

    /** The outcome of a tick whose run has ended. {@code findings} are those that the run was shown. */
    static ObjectNode of(Ticks.UnderWay tick, Run run, List<Finding> findings) {
        ObjectNode outcome = outcome(tick.tickId(), status(run));
        if (run.state() instanceof RunState.Failed failed) {
            outcome.put("message", failed.message()).put("code", failed.code().id());
        }
        checks(outcome, tick.reports());
        ArrayNode shown = outcome.putArray("findings");
        boolean counts = run.state() instanceof RunState.Finished;
        for (Finding finding : findings) {
            Optional<DecideFinding> decision = decision(run, finding).filter(_ -> counts);
            ObjectNode entry = shown.addObject()
                    .put("fingerprint", finding.fingerprint())
                    .put("urgency", finding.urgency().id())
                    .put("decision", decision.map(d -> d.action().id()).orElse("none"));
            decision.map(DecideFinding::text).ifPresent(text -> entry.put("text", text));
        }
        outcome.put("runId", run.runId());
        if (run.answeredBy() != null) {
            ObjectNode answeredBy = Json.mapper().valueToTree(run.answeredBy());
            outcome.setAll(answeredBy);
        }
        Usage usage = run.usage();
        outcome.putObject("usage")
                .put("inputTokens", usage.inputTokens())
                .put("outputTokens", usage.outputTokens())
                .put("totalTokens", usage.total());
        return outcome;
    }

    /** What a human should see. */
    static byte[] attention(Attention attention) {
        ObjectNode json = Json.object()
                .put("attentionId", attention.attentionId())
                .put("severity", attention.severity().id())
                .put("title", attention.title())
                .put("text", attention.text());
        if (attention.fingerprint() != null) {
            json.put("fingerprint", attention.fingerprint());
        }
        return Json.write(json.put("tickId", attention.tickId())
                .put("origin", "heartbeat")
                .put("expiresAt", Instant.ofEpochMilli(attention.expiresAt()).toString()));
    }

    static Optional<DecideFinding> decision(Run run, Finding finding) {
        return run.decisions().stream()
                .filter(decision -> decision.fingerprint().equals(finding.fingerprint()))
                .reduce((_, last) -> last);
    }

    private static String status(Run run) {
        if (!(run.state() instanceof RunState.Finished)) {
            return "failed";
        }
        if (run.decisions().stream().anyMatch(decision -> decision.action() == Action.ACT)) {
            return "acted";
        }
        return run.decisions().stream().anyMatch(decision -> decision.action() == Action.NOTIFY) ? "notified" : "ok";
    }

    private static ObjectNode outcome(String tickId, String status) {
        return Json.object().put("tickId", tickId).put("status", status);
    }
}
