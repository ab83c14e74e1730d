package dev.noesis.run;

import dev.noesis.model.Attempt;
import dev.noesis.serde.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One AG-UI 1.0 event of a run's stream, as it goes to {@code chat.events} or {@code heartbeat.events}.
 *
 * @param body the event's own fields, without {@code type}, ids and metadata
 * @param seq its place in the stream of (runId, attempt), from 0 without a gap; null on events that belong to no stream
 */
public record StreamEvent(
        String type,
        String agentId,
        String threadId,
        String runId,
        @Nullable Integer step,
        @Nullable Attempt attempt,
        @Nullable Long seq,
        String traceparent,
        ObjectNode body) {

    /** The event's JSON. */
    public byte[] json(long now) {
        ObjectNode event = Json.object();
        event.put("type", type).put("timestamp", now).put("threadId", threadId).put("runId", runId);
        event.setAll(body);
        ObjectNode noesis = event.putObject("metadata").putObject("noesis").put("runId", runId);
        if (step != null) {
            noesis.put("step", step.intValue());
        }
        if (attempt != null) {
            noesis.putArray("attempt").add(attempt.barrier()).add(attempt.n());
        }
        if (seq != null) {
            noesis.put("seq", seq.longValue());
        }
        return Json.write(event);
    }

    /** More bytes than its JSON has, but for what lies deep in a nested body. */
    long sizeAtMost() {
        long chars = 200L + type.length() + 2L * (threadId.length() + runId.length());
        for (JsonNode field : body) {
            chars += 50L + (field.isString() ? field.stringValue().length() : 200);
        }
        return 3 * chars;
    }

    /** A name of this event that no other has. */
    public String id() {
        return attempt == null ? runId + "/" + type : runId + "/" + attempt + "/" + seq;
    }
}
