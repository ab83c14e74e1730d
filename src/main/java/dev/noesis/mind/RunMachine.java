package dev.noesis.mind;

import dev.noesis.mind.RunState.Acting;
import dev.noesis.mind.RunState.Answer;
import dev.noesis.mind.RunState.Call;
import dev.noesis.mind.RunState.Cancelled;
import dev.noesis.mind.RunState.Ended;
import dev.noesis.mind.RunState.Failed;
import dev.noesis.mind.RunState.Finished;
import dev.noesis.mind.RunState.Open;
import dev.noesis.mind.RunState.Thinking;
import dev.noesis.mind.RunState.Waiting;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.model.MindEvent.RunExpired;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How an opened run moves: one pure function for each kind of event. First wins: an event that comes too late changes
 * nothing but the usage that it was charged.
 */
final class RunMachine {
    private RunMachine() {}

    /** What an event did to a run. */
    sealed interface Move {
        Run run();

        /** The run is in another state, or has heard another answer. */
        record Moved(Run run) implements Move {}

        /** The event came too late, or twice; {@code run} differs from before at most by its usage. */
        record Ignored(Run run, String reason) implements Move {}
    }

    static Move completed(Run run, StepCompleted event) {
        if (run.isCharged(event.attempt())) {
            return new Move.Ignored(run, "attempt has reported itself before");
        }
        Run charged = run.charged(event.attempt(), event.usage(), event.attempts());
        return switch (run.state()) {
            case Thinking(int step) when step == event.step() -> new Move.Moved(answered(charged, event));
            case Waiting(int step, long _) when step == event.step() -> new Move.Moved(answered(charged, event));
            case Thinking _, Waiting _, Acting _ -> new Move.Ignored(charged, "step already completed");
            case Ended _ -> new Move.Ignored(charged, "run has ended");
        };
    }

    static Move failed(Run run, StepFailed event) {
        if (run.isCharged(event.attempt())) {
            return new Move.Ignored(run, "attempt has reported itself before");
        }
        Run charged = run.charged(event.attempt(), event.usage(), event.attempts());
        if (event.attempt().compareTo(run.attempt()) <= 0) {
            return new Move.Ignored(charged, "attempt is not the current one");
        }
        return switch (run.state()) {
            case Thinking(int step) when step == event.step() -> new Move.Moved(missed(charged, event));
            case Waiting(int step, long _) when step == event.step() -> new Move.Moved(missed(charged, event));
            case Thinking _, Waiting _, Acting _ -> new Move.Ignored(charged, "step already completed");
            case Ended _ -> new Move.Ignored(charged, "run has ended");
        };
    }

    static Move toolCompleted(Run run, ToolCompleted event) {
        return switch (run.state()) {
            case Acting acting when acting.step() == event.step() -> acted(run, acting, event);
            case Acting _, Thinking _, Waiting _ -> new Move.Ignored(run, "tool call belongs to another step");
            case Ended _ -> new Move.Ignored(run, "run has ended");
        };
    }

    static Move cancelled(Run run, RunCancelled event) {
        return end(run, new Cancelled(event.reason()));
    }

    static Move expired(Run run, RunExpired event) {
        return end(run, new Failed(ErrorCode.DEADLINE_EXCEEDED, expiry(run, event)));
    }

    /** The sentence of a run whose deadline passed. */
    static String expiry(Run run, RunExpired event) {
        return "the run did not end within " + (event.deadlineAt() - run.spec().requestedAt()) + " ms";
    }

    private static Move end(Run run, Ended state) {
        return switch (run.state()) {
            case Open _ -> new Move.Moved(run.with(state));
            case Ended _ -> new Move.Ignored(run, "run has ended");
        };
    }

    private static Run answered(Run run, StepCompleted event) {
        Run next = run.streamed(event.attempt(), event.nextSeq())
                .answered(new AnsweredBy(event.model(), event.provider(), event.target()));
        if (event.stopReason().equals("refusal")) {
            return next.with(new Failed(ErrorCode.MODEL_REFUSED, "the model declined to answer"));
        }
        List<Call> calls = new ArrayList<>();
        for (Content block : event.content()) {
            if (block instanceof Content.ToolUse use) {
                calls.add(new Call(use.id(), use.name(), use.input(), null));
            }
        }
        boolean goesOn = !calls.isEmpty() || event.stopReason().equals("pause_turn");
        if (!goesOn) {
            return run.spec().requiredTool() == null
                    ? next.with(new Finished(event.stopReason()))
                    : next.with(new Failed(
                            ErrorCode.TOOL_FAILED,
                            "the model ended without calling " + run.spec().requiredTool()));
        }
        if (event.step() + 1 >= run.spec().maxSteps() && run.spec().requiredTool() == null) {
            return next.with(new Failed(
                    ErrorCode.STEP_LIMIT, "no answer within " + run.spec().maxSteps() + " steps"));
        }
        return calls.isEmpty() ? thinkOn(next, event.step()) : next.with(new Acting(event.step(), calls));
    }

    private static Run missed(Run run, StepFailed event) {
        Run next = run.streamed(event.attempt(), event.nextSeq());
        return event.retryAt() == null
                ? next.with(new Failed(event.code(), event.message()))
                : next.with(new Waiting(event.step(), event.retryAt()));
    }

    private static Move acted(Run run, Acting acting, ToolCompleted event) {
        boolean open =
                acting.calls().stream().anyMatch(call -> call.id().equals(event.callId()) && call.answer() == null);
        if (!open) {
            return new Move.Ignored(run, "tool call already completed");
        }
        Acting next = acting.answered(event.callId(), new Answer(event.text(), event.isError(), event.endsRun()));
        Run heard = run.with(next)
                .deciding(event.writes().stream()
                        .filter(DecideFinding.class::isInstance)
                        .map(DecideFinding.class::cast)
                        .toList())
                .streamed(run.attempt(), run.nextSeq() + 1);
        if (!next.isAnswered()) {
            return new Move.Moved(heard);
        }
        if (next.calls().stream()
                .map(call -> Objects.requireNonNull(call.answer()))
                .anyMatch(Answer::endsRun)) {
            return new Move.Moved(heard.with(new Finished("end_turn")));
        }
        return new Move.Moved(thinkOn(heard, acting.step()));
    }

    private static Run thinkOn(Run run, int step) {
        if (step + 1 >= run.spec().maxSteps()) {
            return run.with(new Failed(
                    ErrorCode.STEP_LIMIT, "no answer within " + run.spec().maxSteps() + " steps"));
        }
        Long budget = run.spec().budgetTokens();
        if (budget != null && run.usage().total() >= budget) {
            return run.with(new Failed(
                    ErrorCode.BUDGET_EXHAUSTED,
                    "the run used " + run.usage().total() + " of its " + budget + " tokens"));
        }
        return run.with(new Thinking(step + 1));
    }
}
