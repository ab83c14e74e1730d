package dev.noesis.heartbeat;

import dev.noesis.heartbeat.Gate.Skip;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
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
    private static final long ATTENTION_MS = 72L * 60 * 60 * 1000;

    private Outcomes() {}

    static ObjectNode skipped(String tickId, Skip reason) {
        ObjectNode outcome = outcome(tickId, "skipped").put("skipReason", reason.id());
        outcome.putArray("checks");
        outcome.putArray("findings");
        return outcome;
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
        outcome.putArray("checks")
                .addObject()
                .put("name", Signals.CHECK)
                .put("status", "ok")
                .put("findings", tick.signals())
                .put("tookMs", 0);
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
        Usage usage = run.usage();
        outcome.put("runId", run.runId())
                .putObject("usage")
                .put("inputTokens", usage.inputTokens())
                .put("outputTokens", usage.outputTokens())
                .put("totalTokens", usage.total());
        return outcome;
    }

    /** What a human should see of a finding that the run decided to notify of. */
    static byte[] attention(String tickId, Finding finding, DecideFinding decision, long now) {
        String text = decision.text();
        return Json.write(Json.object()
                .put("attentionId", tickId + "/" + finding.fingerprint())
                .put("severity", finding.urgency().id())
                .put("title", finding.summary())
                .put("text", text == null ? finding.summary() : text)
                .put("fingerprint", finding.fingerprint())
                .put("tickId", tickId)
                .put("origin", "heartbeat")
                .put("expiresAt", Instant.ofEpochMilli(now + ATTENTION_MS).toString()));
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
