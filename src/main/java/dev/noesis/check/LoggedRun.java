package dev.noesis.check;

import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A run as the log tells it: what counted, in the order in which it counted. Changed by the {@link Referee} alone. */
final class LoggedRun {
    /** Of all that a run has in the log: with more, a fold may have ended it because its turn fits no record. */
    private static final long MAYBE_TOO_LARGE = 6L * 1024 * 1024;

    /** Of all that a run has in the log: with more, its reply may show its last message only. */
    private static final long MAYBE_CUT = 3L * 1024 * 1024;

    final String agent;
    final String runId;
    final String threadId;
    final Lane lane;
    /** The run that had this name before, and was forgotten; null for none. */
    final @Nullable LoggedRun before;
    /** Where the log names it first, as topic-partition@offset. */
    private final String place;
    /** Offset of the event that began it; -1 where it ended before it began. */
    final long openedAt;
    /** By the log's clock, epoch milliseconds. */
    final long openedTime;

    final long requestOffset;
    final @Nullable String tickId;
    private final int maxSteps;
    private final @Nullable Long budgetTokens;
    private final @Nullable String requiredTool;
    final long rememberMs;

    final List<Answer> answers = new ArrayList<>();
    final List<DecideFinding> decided = new ArrayList<>();
    private final Set<Attempt> charged = new HashSet<>();
    Usage usage = Usage.NONE;
    int attempts;
    /** Model calls of reports that came when it had ended. */
    int lateAttempts;

    private Attempt attempt = Attempt.NONE;
    private int step;
    private long bytes;
    /** Calls of the step that are not answered; empty while the model is asked. */
    private final Map<String, Content.ToolUse> open = new HashMap<>();

    private boolean endsWithTools;

    @Nullable
    Ending ending;
    /** Where the event stands that ended it; -1 while it is open. */
    long endedAt = -1;
    /** By the log's clock, epoch milliseconds. */
    long endedTime;
    /** The attempt whose failure ended it; null for none. */
    @Nullable
    StepFailed failure;
    /** It ended because its agent was deleted: nobody tells its stream. */
    boolean isDeleted;
    /** Offset of its reply; -1 while none is seen. */
    long repliedAt = -1;

    /** How a run ended. */
    sealed interface Ending {
        record Success(String stopReason) implements Ending {}

        record Cancelled(String reason) implements Ending {}

        record Failed(ErrorCode code) implements Ending {}
    }

    /** A counted answer of the model. */
    static final class Answer {
        final int step;
        final Attempt attempt;
        /** Of all its blocks of text. */
        final String text;

        /** Who answered, as a reply tells it. */
        final Map<String, String> by = new LinkedHashMap<>();

        final List<Content.ToolUse> calls = new ArrayList<>();
        /** Of its tool calls, by the call's id. */
        final Map<String, String> results = new LinkedHashMap<>();

        final boolean isEmpty;
        /** How many events its stream has with what follows from the log. */
        long streamed;

        Answer(StepCompleted event) {
            step = event.step();
            attempt = event.attempt();
            streamed = event.nextSeq();
            isEmpty = event.content().isEmpty();
            by.put("model", event.model());
            by.put("provider", Objects.requireNonNullElse(event.provider(), ""));
            by.put("target", Objects.requireNonNullElse(event.target(), ""));
            StringBuilder words = new StringBuilder();
            for (Content block : event.content()) {
                switch (block) {
                    case Content.Text(String part) -> words.append(part);
                    case Content.ToolUse use -> calls.add(use);
                    case Content.Thinking _, Content.RedactedThinking _, Content.ToolResult _ -> {
                        // told to nobody
                    }
                }
            }
            text = words.toString();
        }
    }

    /** One that was opened. */
    LoggedRun(
            String agent,
            String runId,
            String threadId,
            Lane lane,
            Seen record,
            RunOpened opened,
            @Nullable LoggedRun before) {
        this.agent = agent;
        this.runId = runId;
        this.threadId = threadId;
        this.lane = lane;
        this.before = before;
        this.place = record.place();
        this.openedAt = record.offset();
        this.openedTime = record.timestamp();
        this.requestOffset = opened.requestOffset();
        this.tickId = opened.spec().tickId();
        this.maxSteps = opened.spec().maxSteps();
        this.budgetTokens = opened.spec().budgetTokens();
        this.requiredTool = opened.spec().requiredTool();
        this.rememberMs = opened.spec().rememberMs();
        heard(record);
    }

    /** One that ends before it began. */
    LoggedRun(
            String agent,
            String runId,
            String threadId,
            Lane lane,
            Seen record,
            long rememberMs,
            @Nullable LoggedRun before) {
        this.agent = agent;
        this.runId = runId;
        this.threadId = threadId;
        this.lane = lane;
        this.before = before;
        this.place = record.place();
        this.openedAt = -1;
        this.openedTime = record.timestamp();
        this.requestOffset = -1;
        this.tickId = null;
        this.maxSteps = 1;
        this.budgetTokens = null;
        this.requiredTool = null;
        this.rememberMs = rememberMs;
    }

    String place() {
        return place;
    }

    boolean isOpen() {
        return ending == null;
    }

    boolean hasBegun() {
        return openedAt >= 0;
    }

    /** A record of the log that is about it. */
    void heard(Seen record) {
        byte[] value = record.value();
        bytes += value == null ? 0 : value.length;
    }

    boolean mayBeTooLarge() {
        return bytes > MAYBE_TOO_LARGE;
    }

    boolean mayBeCut() {
        return bytes > MAYBE_CUT;
    }

    /** The decisions about findings that count: those of a run that finished. */
    List<DecideFinding> decisions() {
        return ending instanceof Ending.Success ? decided : List.of();
    }

    /** What the last of the decisions that count says of a finding; null for none. */
    @Nullable
    DecideFinding decision(String fingerprint) {
        DecideFinding last = null;
        for (DecideFinding decision : decisions()) {
            last = decision.fingerprint().equals(fingerprint) ? decision : last;
        }
        return last;
    }

    // ---- what the log says

    /** What is wrong with an answer that comes now; null where it counts or merely came too late. */
    @Nullable
    String completed(StepCompleted event, Seen record) {
        if (!charge(event.attempt(), event.usage(), event.attempts())) {
            return null;
        }
        if (event.step() > step) {
            return "step " + event.step() + " was answered while step " + step + " was in flight";
        }
        if (event.step() < step || !open.isEmpty()) {
            return null;
        }
        attempt = event.attempt();
        Answer answer = new Answer(event);
        answers.add(answer);
        answered(event, answer, record);
        return null;
    }

    /** Whether such an answer, coming now, would be the step's first. */
    boolean awaits(StepCompleted event) {
        return isOpen() && event.step() == step && open.isEmpty() && !charged.contains(event.attempt());
    }

    private void answered(StepCompleted event, Answer answer, Seen record) {
        answer.calls.forEach(use -> open.put(use.id(), use));
        boolean goesOn = !open.isEmpty() || event.stopReason().equals("pause_turn");
        if (event.stopReason().equals("refusal")) {
            end(new Ending.Failed(ErrorCode.MODEL_REFUSED), record);
        } else if (!goesOn) {
            end(
                    requiredTool == null
                            ? new Ending.Success(event.stopReason())
                            : new Ending.Failed(ErrorCode.TOOL_FAILED),
                    record);
        } else if (requiredTool == null && step + 1 >= maxSteps) {
            end(new Ending.Failed(ErrorCode.STEP_LIMIT), record);
        } else if (open.isEmpty()) {
            nextStep(record);
        }
        if (!isOpen() || open.isEmpty()) {
            answer.streamed += isOpen() ? 1 : 2;
        }
    }

    void failed(StepFailed event, Seen record) {
        if (!charge(event.attempt(), event.usage(), event.attempts())
                || event.attempt().compareTo(attempt) <= 0
                || event.step() != step
                || !open.isEmpty()) {
            return;
        }
        attempt = event.attempt();
        if (event.retryAt() == null) {
            failure = event;
            end(new Ending.Failed(event.code()), record);
        }
    }

    /** What is wrong with a tool's result that comes now; null where it counts or merely came too late. */
    @Nullable
    String toolCompleted(ToolCompleted event, Seen record) {
        boolean asked = event.step() < answers.size()
                && answers.get(event.step()).calls.stream()
                        .anyMatch(use -> use.id().equals(event.callId()));
        if (!asked) {
            return "step " + event.step() + " did not ask for the tool call " + event.callId() + ", which was answered";
        }
        if (event.step() != step || open.remove(event.callId()) == null) {
            return null;
        }
        Answer answer = answers.get(step);
        answer.results.put(event.callId(), event.text());
        answer.streamed++;
        event.writes().stream()
                .filter(DecideFinding.class::isInstance)
                .map(DecideFinding.class::cast)
                .forEach(decided::add);
        endsWithTools |= event.endsRun();
        if (!open.isEmpty()) {
            return null;
        }
        if (endsWithTools) {
            end(new Ending.Success("end_turn"), record);
        } else {
            nextStep(record);
        }
        answer.streamed += isOpen() ? 1 : 2;
        return null;
    }

    private void nextStep(Seen record) {
        if (step + 1 >= maxSteps) {
            end(new Ending.Failed(ErrorCode.STEP_LIMIT), record);
        } else if (budgetTokens != null && usage.total() >= budgetTokens) {
            end(new Ending.Failed(ErrorCode.BUDGET_EXHAUSTED), record);
        } else {
            step++;
        }
    }

    void end(Ending how, Seen record) {
        if (ending == null) {
            ending = how;
            endedAt = record.offset();
            endedTime = record.timestamp();
        }
    }

    /** False where this attempt has reported itself before. */
    private boolean charge(Attempt reporting, Usage more, int moreAttempts) {
        if (!charged.add(reporting)) {
            return false;
        }
        usage = usage.plus(more);
        attempts += moreAttempts;
        return true;
    }

    /** The attempts that reported themselves. */
    Set<Attempt> reported() {
        return charged;
    }

    @Override
    public String toString() {
        return "run " + runId + " of " + agent;
    }
}
