package dev.noesis.check;

import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run as the log tells it. Changed by the {@link Referee} alone, while it reads. */
final class LoggedRun {
    final String agent;
    final String runId;
    final String threadId;
    final Lane lane;
    final int partition;
    /** Offset of the event that began it; -1 where it ended before it began. */
    final long openedAt;

    final long requestOffset;
    final @Nullable RunSpec spec;

    /** The counted answers, by step. */
    final List<StepCompleted> answers = new ArrayList<>();
    /** The counted tool results, in the order of the log. */
    final List<ToolCompleted> toolResults = new ArrayList<>();
    /** The attempt that failed last and for good; null for none. */
    @Nullable
    StepFailed failure;

    Usage usage = Usage.NONE;
    int attempts;
    private Attempt attempt = Attempt.NONE;
    private int step;
    /** Tool calls that are not answered; empty while the model is asked. */
    private final Map<String, Content.ToolUse> open = new HashMap<>();

    private boolean endsWithTools;

    @Nullable
    Ending ending;

    /** How a run ended. */
    sealed interface Ending {
        record Success(String stopReason) implements Ending {}

        record Cancelled(String reason) implements Ending {}

        record Failed(ErrorCode code) implements Ending {}
    }

    LoggedRun(
            String agent,
            String runId,
            String threadId,
            Lane lane,
            int partition,
            long openedAt,
            long requestOffset,
            @Nullable RunSpec spec) {
        this.agent = agent;
        this.runId = runId;
        this.threadId = threadId;
        this.lane = lane;
        this.partition = partition;
        this.openedAt = openedAt;
        this.requestOffset = requestOffset;
        this.spec = spec;
    }

    boolean isOpen() {
        return ending == null;
    }

    /** The decisions about findings that count: those of a run that finished. */
    List<DecideFinding> decisions() {
        return !(ending instanceof Ending.Success)
                ? List.of()
                : toolResults.stream()
                        .flatMap(result -> result.writes().stream())
                        .filter(DecideFinding.class::isInstance)
                        .map(DecideFinding.class::cast)
                        .toList();
    }

    /** What is wrong with an answer that comes now; null where it counts or merely came too late. */
    @Nullable
    String completed(StepCompleted event) {
        if (!isOpen()) {
            return null;
        }
        charge(event.usage(), event.attempts());
        if (event.step() > step) {
            return "step " + event.step() + " was answered while step " + step + " was in flight";
        }
        if (event.step() < step || !open.isEmpty()) {
            return null;
        }
        attempt = event.attempt();
        answers.add(event);
        answered(event);
        return null;
    }

    private void answered(StepCompleted event) {
        for (Content block : event.content()) {
            if (block instanceof Content.ToolUse use) {
                open.put(use.id(), use);
            }
        }
        String required = spec().requiredTool();
        boolean goesOn = !open.isEmpty() || event.stopReason().equals("pause_turn");
        if (event.stopReason().equals("refusal")) {
            end(new Ending.Failed(ErrorCode.MODEL_REFUSED));
        } else if (!goesOn) {
            end(required == null ? new Ending.Success(event.stopReason()) : new Ending.Failed(ErrorCode.TOOL_FAILED));
        } else if (required == null && step + 1 >= spec().maxSteps()) {
            end(new Ending.Failed(ErrorCode.STEP_LIMIT));
        } else if (open.isEmpty()) {
            nextStep();
        }
    }

    void failed(StepFailed event) {
        if (!isOpen()) {
            return;
        }
        charge(event.usage(), event.attempts());
        if (event.attempt().compareTo(attempt) <= 0 || event.step() != step || !open.isEmpty()) {
            return;
        }
        attempt = event.attempt();
        if (event.retryAt() == null) {
            failure = event;
            end(new Ending.Failed(event.code()));
        }
    }

    /** What is wrong with a tool's result that comes now; null where it counts or merely came too late. */
    @Nullable
    String toolCompleted(ToolCompleted event) {
        if (!isOpen()) {
            return null;
        }
        boolean asked = event.step() < answers.size()
                && answers.get(event.step()).content().stream()
                        .anyMatch(block ->
                                block instanceof Content.ToolUse use && use.id().equals(event.callId()));
        if (!asked) {
            return "step " + event.step() + " did not ask for the tool call " + event.callId() + ", which was answered";
        }
        if (event.step() != step || open.remove(event.callId()) == null) {
            return null;
        }
        toolResults.add(event);
        endsWithTools |= event.endsRun();
        if (!open.isEmpty()) {
            return null;
        }
        if (endsWithTools) {
            end(new Ending.Success("end_turn"));
        } else {
            nextStep();
        }
        return null;
    }

    private void nextStep() {
        Long budget = spec().budgetTokens();
        if (step + 1 >= spec().maxSteps()) {
            end(new Ending.Failed(ErrorCode.STEP_LIMIT));
        } else if (budget != null && usage.total() >= budget) {
            end(new Ending.Failed(ErrorCode.BUDGET_EXHAUSTED));
        } else {
            step++;
        }
    }

    void end(Ending how) {
        if (ending == null) {
            ending = how;
        }
    }

    private void charge(Usage more, int moreAttempts) {
        usage = usage.plus(more);
        attempts += moreAttempts;
    }

    private RunSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("a run that never began is not open");
        }
        return spec;
    }

    @Override
    public String toString() {
        return "run " + runId + " of " + agent;
    }
}
