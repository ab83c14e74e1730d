package dev.noesis.run;

import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events of a run's stream that follow from the log: tool results, the ends of steps and of the run. They go on with
 * the numbers of the attempt that won the step. Pure: the same fold gives the same events with the same numbers, so that a
 * reader passes over those that are published again.
 */
public final class StreamTail {
    private StreamTail() {}

    static List<StreamEvent> after(String agent, @Nullable Run before, Run after, MindEvent event) {
        List<StreamEvent> events = new ArrayList<>();
        if (before == null || !(before.state() instanceof RunState.Open was)) {
            return after.isOpen() ? events : List.of(end(agent, after, null, null, null));
        }
        long seq = after.nextSeq();
        boolean streamed = event.body() instanceof MindEvent.StepCompleted
                || event.body() instanceof MindEvent.ToolCompleted
                || event.body() instanceof MindEvent.StepFailed;
        Attempt attempt = streamed ? after.attempt() : null;
        if (event.body() instanceof MindEvent.ToolCompleted tool) {
            events.add(event(
                    agent,
                    after,
                    "TOOL_CALL_RESULT",
                    was.step(),
                    attempt,
                    before.nextSeq(),
                    Json.object()
                            .put("messageId", after.runId() + "/" + was.step() + "/" + tool.callId())
                            .put("toolCallId", tool.callId())
                            .put("role", "tool")
                            .put("content", tool.text())));
        }
        boolean stepOver = !(after.state() instanceof RunState.Open is) || is.step() != was.step();
        if (stepOver && streamed && !(event.body() instanceof MindEvent.StepFailed)) {
            events.add(event(
                    agent,
                    after,
                    "STEP_FINISHED",
                    was.step(),
                    attempt,
                    seq++,
                    Json.object().put("stepName", EventStream.stepName(was.step()))));
        }
        if (!after.isOpen()) {
            events.add(end(agent, after, was.step(), attempt, streamed ? seq : null));
        }
        return events;
    }

    private static StreamEvent end(
            String agent, Run run, @Nullable Integer step, @Nullable Attempt attempt, @Nullable Long seq) {
        return switch (run.state()) {
            case RunState.Finished _ -> event(agent, run, "RUN_FINISHED", step, attempt, seq, outcome("success", null));
            case RunState.Cancelled(String reason) ->
                event(agent, run, "RUN_FINISHED", step, attempt, seq, outcome("cancelled", reason));
            case RunState.Failed(var code, String message) ->
                event(
                        agent,
                        run,
                        "RUN_ERROR",
                        step,
                        attempt,
                        seq,
                        Json.object().put("message", message).put("code", code.id()));
            case RunState.Open _ -> throw new IllegalArgumentException("the run is open");
        };
    }

    /** AG-UI's outcome of a run that did not fail. */
    public static ObjectNode outcome(String type, @Nullable String reason) {
        ObjectNode body = Json.object();
        ObjectNode outcome = body.putObject("outcome").put("type", type);
        if (reason != null) {
            outcome.put("reason", reason);
        }
        return body;
    }

    /** The trace context of the run's request, or one made of its ids. */
    public static String traceparent(String agent, Run run) {
        String given = run.spec().traceparent();
        return given == null ? CloudEvents.traceparent(agent, run.runId()) : given;
    }

    private static StreamEvent event(
            String agent,
            Run run,
            String type,
            @Nullable Integer step,
            @Nullable Attempt attempt,
            @Nullable Long seq,
            ObjectNode body) {
        return new StreamEvent(
                type, agent, run.threadId(), run.runId(), step, attempt, seq, traceparent(agent, run), body);
    }
}
