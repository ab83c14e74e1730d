package dev.noesis.chat;

import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.mind.Turn;
import dev.noesis.model.ErrorCode;
import dev.noesis.run.DeadLetter;
import dev.noesis.run.Desk;
import dev.noesis.run.Input;
import dev.noesis.run.StreamEvent;
import dev.noesis.run.StreamTail;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Tells clients what became of their requests, and counts it. StreamThread only. */
final class ChatAnswers {
    private final Desk desk;
    private final LaneMetrics metrics;

    ChatAnswers(Desk desk, LaneMetrics metrics) {
        this.desk = desk;
        this.metrics = metrics;
    }

    /** The reply of a run that has ended. */
    void ended(String agent, Run run, @Nullable Turn turn) {
        send(agent, run.runId(), ChatReplies.of(run, turn, desk.now()), StreamTail.traceparent(agent, run));
        metrics.runEnded(
                String.valueOf(Standing.of(run, /* outOfService= */ false).outcome()));
        if (run.turn() >= 0 && !(run.state() instanceof RunState.Cancelled)) {
            metrics.replied(run.spec().requestedAt(), desk.now());
        }
    }

    /** The reply to a request that is not accepted, or of a run that nobody can go on with. */
    void refused(String agent, @Nullable String threadId, String runId, ErrorCode code, String message) {
        refused(agent, threadId, runId, code, message, null);
    }

    /** @param retryAfterMs when the client may try again; null for no advice */
    void refused(
            String agent,
            @Nullable String threadId,
            String runId,
            ErrorCode code,
            String message,
            @Nullable Long retryAfterMs) {
        ChatReplies.Reply reply = ChatReplies.refused(threadId, runId, code, message, retryAfterMs, desk.now());
        send(agent, runId, reply, CloudEvents.traceparent(agent, runId));
        metrics.runEnded(code.id());
    }

    /** The request asks for a run that there is. */
    void duplicate(String agent, String runId, Standing known) {
        ObjectNode value = Json.object().put("state", known.state());
        if (known.outcome() != null) {
            value.put("outcome", known.outcome());
        }
        metrics.duplicate();
        note(agent, known.threadId(), runId, "noesis.duplicate", value);
    }

    /** @param known how the run stands that was to be cancelled; null if there is none */
    void cancelIgnored(String agent, ChatRequest.Cancel cancel, @Nullable Standing known) {
        note(
                agent,
                cancel.threadId(),
                cancel.runId(),
                "noesis.cancel_ignored",
                Json.object().put("state", known == null ? "unknown" : known.state()));
    }

    /** Nobody knows whom to answer: the record goes on as it came. */
    void dead(Input input, String reason) {
        metrics.deadLetter();
        DeadLetter.send(desk, ChatTopology.DLQ_SINK, input, reason);
    }

    private void send(String agent, String runId, ChatReplies.Reply reply, String traceparent) {
        desk.send(
                ChatTopology.REPLIES_SINK,
                agent,
                reply.json(),
                CloudEvents.headers(
                        runId, "dev.noesis." + reply.type(), "noesis/chat", agent, desk.now(), traceparent));
    }

    private void note(String agent, String threadId, String runId, String name, ObjectNode value) {
        ObjectNode body = Json.object().put("name", name);
        body.set("value", value);
        desk.publish(new StreamEvent(
                "CUSTOM", agent, threadId, runId, null, null, null, CloudEvents.traceparent(agent, runId), body));
    }
}
