package dev.noesis.run;

import dev.noesis.llm.LlmRequest;
import dev.noesis.model.MindEvent;
import dev.noesis.tool.Tool;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lane's processor can have done outside its StreamThread. All methods return at once; what came of it arrives as an
 * event of the mind log.
 */
public interface Effects {
    /** Appends a record of the partition itself, a barrier or a checkpoint, until the broker has it. */
    void announce(int partition, MindEvent event);

    /** Appends an agent's event, again and again until the broker has it. */
    void append(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey);

    void callModel(Tenure tenure, ModelCall call, long delayMs);

    void callTool(Tenure tenure, ToolCall call, long delayMs);

    void republish(Tenure tenure, Effect.Republish republish);

    /** Publishes a provisional event of a stream. */
    void publish(int partition, StreamEvent event);

    /** Ends that effect if it waits or is in flight; no event follows but the charge for what a call had used. */
    void cancel(String effectKey);

    /**
     * Ends a tenure on purpose and says so in the log: what waits is dropped (the next owner has it in its outbox), and what is in flight goes on
     * for at most the drain limit. Waits for the broker to acknowledge the handover, at most 500 ms.
     */
    void handOver(Tenure tenure);

    /** Ends a tenure that another task has taken over: what waits is dropped. */
    void abandon(Tenure tenure);

    /**
     * A model call to be made.
     *
     * @param requestedAt append time of the run's request, epoch milliseconds
     * @param deadlineAt of the run, epoch milliseconds
     */
    record ModelCall(
            String effectKey,
            String agentId,
            String threadId,
            String runId,
            int step,
            LlmRequest request,
            long requestedAt,
            long deadlineAt,
            @Nullable String parentRunId,
            String traceparent) {}

    /**
     * A tool call to be made.
     *
     * @param allowed the tools of the run
     * @param logVersion the highest that the builds of both lanes can fold
     */
    record ToolCall(
            String effectKey, Effect.CallTool call, List<String> allowed, Tool.Invocation invocation, int logVersion) {}
}
