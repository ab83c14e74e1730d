package dev.noesis.mind;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Deletion;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.mind.Memory.Spent;
import dev.noesis.mind.Memory.ThreadHead;
import dev.noesis.mind.RunState.Acting;
import dev.noesis.mind.RunState.Answer;
import dev.noesis.mind.RunState.Cancelled;
import dev.noesis.mind.RunState.Ended;
import dev.noesis.mind.RunState.Failed;
import dev.noesis.mind.RunState.Finished;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MemoryWrite.LearnFact;
import dev.noesis.model.MemoryWrite.RecordDecision;
import dev.noesis.model.MemoryWrite.ReviewDecision;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.model.MindEvent.RunExpired;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fold of runs: {@link RunMachine} says how one moves, and this keeps what follows from it for its thread, its agent and
 * their memory.
 */
final class RunFold {
    /** Of an entry, so that it fits a record of the changelog with all that goes around it. */
    private static final int MAX_ENTRY_BYTES = 7 * 1024 * 1024;

    private static final Failed TOO_LARGE =
            new Failed(ErrorCode.ANSWER_TOO_LARGE, "the turn is larger than a record may be");

    private static final Failed EXPIRED_WAITING =
            new Failed(ErrorCode.DEADLINE_EXCEEDED, "the run's deadline passed before its thread was free");

    /** How long a run that never began is known. No spec of its own says so. */
    private static final long REMEMBER_UNOPENED_MS = 7L * 24 * 60 * 60 * 1000;

    private final MindStore store;
    private final Cognition cognition;
    private final FindingFold findings;
    private final DecisionFold decisions;
    private final FailureFold failures;
    private final Expiries expiries;

    RunFold(
            MindStore store,
            Cognition cognition,
            FindingFold findings,
            DecisionFold decisions,
            FailureFold failures,
            Expiries expiries) {
        this.store = store;
        this.cognition = cognition;
        this.findings = findings;
        this.decisions = decisions;
        this.failures = failures;
        this.expiries = expiries;
    }

    Folded opened(String agent, MindEvent event, RunOpened opened, long offset, long now) {
        String runId = runId(event);
        String threadId = threadId(event);
        if (run(agent, event) != null) {
            return new Folded.Ignored("run is known");
        }
        if (isOfBeforeDeletion(cognition.deletion(agent), event.lane(), opened)) {
            return neverBegan(agent, event, Run.DELETED, offset, now);
        }
        ThreadHead thread = cognition.thread(agent, threadId);
        if (thread.activeRun() != null) {
            return new Folded.Ignored("thread has a run");
        }
        Run run = Run.opened(runId, threadId, event.lane(), opened.spec(), thread.turns(), opened.requestOffset());
        store.put(Keys.turn(agent, threadId, thread.turns()), new Turn(runId, opened.messages()));
        store.put(Keys.thread(agent, threadId), new ThreadHead(thread.turns() + 1, runId));
        store.put(Keys.run(agent, runId), run);
        store.put(Keys.agent(agent), cognition.agent(agent).began(event.lane(), runId));
        if (event.lane() == Lane.CHAT) {
            findings.chatBegan(agent, threadId, now);
        }
        return new Folded.RunMoved(null, run);
    }

    private static boolean isOfBeforeDeletion(@Nullable Deletion deletion, Lane lane, RunOpened opened) {
        return switch (lane) {
            case CHAT -> Deletion.isBehind(deletion, opened.requestOffset());
            case HEARTBEAT -> Deletion.isUnknownTo(deletion, opened.basedOn());
        };
    }

    Folded completed(String agent, MindEvent event, StepCompleted completed, long offset, long now) {
        Run run = run(agent, event);
        return run == null
                ? unknown(agent, event, completed.usage(), now)
                : moved(agent, run, RunMachine.completed(run, completed), event, offset, now);
    }

    Folded failed(String agent, MindEvent event, StepFailed failed, long offset, long now) {
        Run run = run(agent, event);
        return run == null
                ? unknown(agent, event, failed.usage(), now)
                : moved(agent, run, RunMachine.failed(run, failed), event, offset, now);
    }

    Folded toolCompleted(String agent, MindEvent event, ToolCompleted completed, long offset, long now) {
        Run run = run(agent, event);
        return run == null
                ? new Folded.Ignored("run is not known")
                : moved(agent, run, RunMachine.toolCompleted(run, completed), event, offset, now);
    }

    Folded cancelled(String agent, MindEvent event, RunCancelled cancelled, long offset, long now) {
        Run run = run(agent, event);
        return run == null
                ? neverBegan(agent, event, new Cancelled(cancelled.reason()), offset, now)
                : moved(agent, run, RunMachine.cancelled(run, cancelled), event, offset, now);
    }

    Folded expired(String agent, MindEvent event, RunExpired expired, long offset, long now) {
        Run run = run(agent, event);
        return run == null
                ? neverBegan(agent, event, EXPIRED_WAITING, offset, now)
                : moved(agent, run, RunMachine.expired(run, expired), event, offset, now);
    }

    private Folded moved(String agent, Run before, RunMachine.Move move, MindEvent event, long offset, long now) {
        Usage charge = move.run().usage().minus(before.usage());
        if (charge.total() > 0) {
            charge(agent, before.lane(), charge, now);
        }
        return switch (move) {
            case RunMachine.Move.Ignored(Run run, String reason) -> {
                if (!run.equals(before)) {
                    store.put(Keys.run(agent, run.runId()), run);
                }
                yield new Folded.Ignored(reason);
            }
            case RunMachine.Move.Moved(Run run) -> {
                if (event.body() instanceof ToolCompleted tool) {
                    learn(agent, run, tool, offset, now);
                }
                boolean fits = addToTurn(agent, before, run, event)
                        && (!run.isOpen() || store.put(Keys.run(agent, run.runId()), run) <= MAX_ENTRY_BYTES);
                Run kept = fits ? run : run.ended(TOO_LARGE);
                if (!kept.isOpen()) {
                    end(agent, kept, offset, now);
                }
                yield new Folded.RunMoved(before, kept);
            }
        };
    }

    /**
     * Keeps what the model said, and what its tools answered once all of them have. False, and nothing kept, where the turn
     * would outgrow a record.
     */
    private boolean addToTurn(String agent, Run before, Run after, MindEvent event) {
        Turn turn = Objects.requireNonNull(cognition.turn(agent, before), "an opened run has a turn");
        if (event.body() instanceof StepCompleted completed
                && !completed.content().isEmpty()) {
            Message answer =
                    new Message(before.runId() + "/" + completed.step(), Message.Role.ASSISTANT, completed.content());
            return fits(agent, before, turn, turn.with(answer));
        }
        if (event.body() instanceof ToolCompleted last
                && before.state() instanceof Acting acting
                && !(after.state() instanceof Acting)) {
            Acting all = acting.answered(last.callId(), new Answer(last.text(), last.isError(), last.endsRun()));
            List<Content> results = new ArrayList<>();
            for (RunState.Call call : all.calls()) {
                Answer answer = Objects.requireNonNull(call.answer());
                results.add(new Content.ToolResult(call.id(), answer.text(), answer.isError()));
            }
            Message message = new Message(before.runId() + "/" + acting.step() + "/tools", Message.Role.USER, results);
            return fits(agent, before, turn, turn.with(message));
        }
        return true;
    }

    private boolean fits(String agent, Run run, Turn before, Turn after) {
        String key = Keys.turn(agent, run.threadId(), run.turn());
        boolean fits = store.put(key, after) <= MAX_ENTRY_BYTES;
        if (!fits) {
            store.put(key, before);
        }
        return fits;
    }

    private void learn(String agent, Run run, ToolCompleted tool, long offset, long now) {
        Origin origin = run.lane() == Lane.HEARTBEAT ? Origin.HEARTBEAT : Origin.MODEL;
        int index = 0;
        for (MemoryWrite write : tool.writes()) {
            switch (write) {
                case LearnFact fact ->
                    store.put(
                            Keys.fact(agent, offset, index++),
                            new Fact(fact.subject(), fact.statement(), fact.confidence(), origin, now, run.threadId()));
                case RecordDecision made ->
                    decisions.keep(
                            agent,
                            new Decision(
                                    made.decisionId(),
                                    made.what(),
                                    made.why(),
                                    made.confidence(),
                                    made.stakes(),
                                    made.category(),
                                    origin,
                                    now,
                                    run.threadId(),
                                    null),
                            offset,
                            index++);
                case ReviewDecision review -> decisions.review(agent, review, now);
                case DecideFinding _ -> {
                    // held back in the run until it has finished
                }
            }
        }
    }

    private void end(String agent, Run run, long offset, long now) {
        store.put(Keys.run(agent, run.runId()), run.settled());
        expiries.entryAt(now + run.spec().rememberMs(), Keys.run(agent, run.runId()));
        ThreadHead thread = cognition.thread(agent, run.threadId());
        if (run.runId().equals(thread.activeRun())) {
            store.put(Keys.thread(agent, run.threadId()), new ThreadHead(thread.turns(), null));
        }
        if (run.lane() == Lane.HEARTBEAT) {
            // Nobody goes on with its thread: what it said stands in the log, and what it decided in the findings.
            store.delete(Keys.thread(agent, run.threadId()));
            store.delete(Keys.turn(agent, run.threadId(), run.turn()));
        }
        store.put(Keys.agent(agent), cognition.agent(agent).ended(run.lane()));
        switch (run.state()) {
            case Finished _ -> run.decisions().forEach(decision -> findings.decide(agent, run, decision, now));
            case Failed failed -> failures.keep(agent, run, failed, offset, now);
            case Cancelled _, RunState.Open _ -> {}
        }
    }

    /** A run that ends while it waits for its thread has ended as well: a repeat of it is a duplicate. */
    private Folded neverBegan(String agent, MindEvent event, Ended state, long offset, long now) {
        Run run = Run.opened(
                        runId(event), threadId(event), event.lane(), RunSpec.unknown(now, REMEMBER_UNOPENED_MS), -1, -1)
                .with(state);
        String key = Keys.run(agent, run.runId());
        store.put(key, run);
        expiries.entryAt(now + run.spec().rememberMs(), key);
        if (state instanceof Failed failed) {
            failures.keep(agent, run, failed, offset, now);
        }
        return new Folded.RunMoved(null, run);
    }

    private Folded unknown(String agent, MindEvent event, Usage usage, long now) {
        charge(agent, event.lane(), usage, now);
        return new Folded.Ignored("run is not known");
    }

    private void charge(String agent, Lane lane, Usage usage, long now) {
        store.put(Keys.agent(agent), cognition.agent(agent).charged(lane, usage));
        if (lane == Lane.HEARTBEAT) {
            Spent spent = store.get(Keys.spent(agent), Spent.class);
            store.put(Keys.spent(agent), (spent == null ? Spent.NOTHING : spent).plus(usage.total(), now));
        }
    }

    private @Nullable Run run(String agent, MindEvent event) {
        return cognition.run(agent, runId(event));
    }

    private static String runId(MindEvent event) {
        return Objects.requireNonNull(event.runId(), "the event names its run");
    }

    private static String threadId(MindEvent event) {
        return Objects.requireNonNull(event.threadId(), "a run has a thread");
    }
}
