package dev.noesis.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about a run when it was opened. It stands in the log, so that both lanes and every later build fold the
 * run under the same terms, whatever their configuration says.
 *
 * @param requestedAt append time of the request, epoch milliseconds
 * @param deadlineAt epoch milliseconds
 * @param maxSteps most model calls; the last is made without tools
 * @param rememberMs how long the finished run is known, event time
 * @param model null for the lane's default
 * @param maxTokens of one answer; null for the lane's default
 * @param budgetTokens of the whole run; null for no limit
 * @param tools names of the tools it may use
 * @param requiredTool the run succeeds only by calling this one, which ends it; null for none
 * @param instructions system and developer messages of the request
 * @param context labelled context of the request
 * @param parentRunId the run that asked for this one; null for none
 * @param tickId the heartbeat tick that caused it; null for none
 * @param traceparent W3C trace context of the request; null where it had none
 */
public record RunSpec(
        long requestedAt,
        long deadlineAt,
        int maxSteps,
        long rememberMs,
        @Nullable String model,
        @Nullable Integer maxTokens,
        @Nullable Long budgetTokens,
        List<String> tools,
        @Nullable String requiredTool,
        List<String> instructions,
        List<ContextItem> context,
        @Nullable String parentRunId,
        @Nullable String tickId,
        @Nullable String traceparent) {

    public RunSpec {
        tools = List.copyOf(tools);
        instructions = List.copyOf(instructions);
        context = List.copyOf(context);
    }

    /** Of a run that ended before it began, at that time: nothing of its request is known but its id. */
    public static RunSpec unknown(long endedAt, long rememberMs) {
        return new RunSpec(
                endedAt,
                endedAt,
                1,
                rememberMs,
                null,
                null,
                null,
                List.of(),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    /** A piece of labelled context, as AG-UI's run input carries it. */
    public record ContextItem(String description, String value) {}

    /** The same without what only the model calls need: what is kept of a run that has ended. */
    public RunSpec settled() {
        return new RunSpec(
                requestedAt,
                deadlineAt,
                maxSteps,
                rememberMs,
                model,
                maxTokens,
                budgetTokens,
                List.of(),
                requiredTool,
                List.of(),
                List.of(),
                parentRunId,
                tickId,
                traceparent);
    }
}
