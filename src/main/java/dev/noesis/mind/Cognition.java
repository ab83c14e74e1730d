package dev.noesis.mind;

import dev.noesis.mind.Memory.Agent;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.mind.Memory.Fence;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.mind.Memory.Partition;
import dev.noesis.mind.Memory.ThreadHead;
import dev.noesis.mind.RunState.Acting;
import dev.noesis.mind.RunState.Answer;
import dev.noesis.mind.RunState.Cancelled;
import dev.noesis.mind.RunState.Ended;
import dev.noesis.mind.RunState.Failed;
import dev.noesis.mind.RunState.Finished;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.Republished;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The memory of the agents of one partition: the fold of its log.
 *
 * <p>State changes only in {@link #replay}. Everything else reads. Both lanes hold one of these each and feed it the same
 * records; {@link Fold} gives it the records and keeps the position.
 *
 * <p><b>Threading.</b> One thread at a time: the task's StreamThread, or whoever folds a log of their own.
 */
public final class Cognition {
    /** What this build's fold means. A change of meaning counts it up, and the store is rebuilt from the log. */
    public static final int FOLD_VERSION = 1;

    /** Ended runs that one record forgets at most, so that no record pays for all. */
    private static final int FORGOTTEN_AT_ONCE = 8;

    /** Of an entry, so that it fits a record of the changelog with all that goes around it. */
    private static final int MAX_ENTRY_BYTES = 7 * 1024 * 1024;

    private static final Failed TOO_LARGE =
            new Failed(ErrorCode.ANSWER_TOO_LARGE, "the turn is larger than a record may be");

    /** How long a run that never began is known. No spec of its own says so. */
    private static final long REMEMBER_UNOPENED_MS = 7L * 24 * 60 * 60 * 1000;

    private final MindStore store;

    Cognition(MindStore store) {
        this.store = store;
    }

    // ---- reading

    public Agent agent(String agent) {
        Agent known = store.get(Keys.agent(agent), Agent.class);
        return known == null ? Agent.NEW : known;
    }

    public ThreadHead thread(String agent, String thread) {
        ThreadHead known = store.get(Keys.thread(agent, thread), ThreadHead.class);
        return known == null ? ThreadHead.NEW : known;
    }

    public @Nullable Run run(String agent, String runId) {
        return store.get(Keys.run(agent, runId), Run.class);
    }

    public Partition partition() {
        Partition known = store.get(Keys.PARTITION, Partition.class);
        return known == null ? Partition.NEW : known;
    }

    /** The turn of that run; null where it ended before it began. */
    public @Nullable Turn turn(String agent, Run run) {
        return run.turn() < 0 ? null : store.get(Keys.turn(agent, run.threadId(), run.turn()), Turn.class);
    }

    /** The thread's turns, newest first, until the visitor answers false. */
    public void turnsNewestFirst(String agent, String thread, Predicate<Turn> visitor) {
        store.scanBackwards(Keys.turns(agent, thread), Turn.class, visitor);
    }

    /** The agent's threads, by name. */
    public List<String> threads(String agent) {
        String prefix = Keys.threads(agent);
        List<String> threads = new ArrayList<>();
        store.scan(prefix, (key, _) -> threads.add(key.substring(prefix.length())));
        return threads;
    }

    /** The newest facts of the agent, at most {@code limit}, newest first. */
    public List<Fact> facts(String agent, int limit) {
        List<Fact> facts = new ArrayList<>();
        store.scanBackwards(Keys.facts(agent), Fact.class, fact -> {
            facts.add(fact);
            return facts.size() < limit;
        });
        return facts;
    }

    /** All findings of the agent that are not forgotten, by fingerprint. */
    public List<FindingEntry> findings(String agent) {
        List<FindingEntry> findings = new ArrayList<>();
        store.scanBackwards(Keys.findings(agent), FindingEntry.class, findings::add);
        return findings.reversed();
    }

    /** The agent's runs that have not ended. */
    public List<Run> openRuns(String agent) {
        List<Run> open = new ArrayList<>();
        store.scanBackwards(Keys.runs(agent), Run.class, run -> {
            if (run.isOpen()) {
                open.add(run);
            }
            return true;
        });
        return open.reversed();
    }

    // ---- folding

    /**
     * Folds one event.
     *
     * @param agent the record's key; for barriers, handovers and checkpoints it names no agent
     * @param offset of the record
     * @param now fold time, epoch milliseconds
     */
    Folded replay(String agent, MindEvent event, long offset, long now) {
        if (event.isDecision() && !isOwner(event)) {
            return new Folded.Stale();
        }
        return switch (event.body()) {
            case Barrier barrier -> fence(event.lane(), barrier, offset);
            case Handover handover -> handOver(event.lane(), handover, now);
            case Checkpoint _, Republished _ -> new Folded.Noted();
            case RunOpened _,
                    StepCompleted _,
                    StepFailed _,
                    ToolCompleted _,
                    RunCancelled _,
                    RunExpired _,
                    FindingsRaised _,
                    AgentDeleted _ -> ofAgent(agent, event, offset, now);
        };
    }

    /** Takes the agent out of service: one of its events could not be folded. Other agents go on. */
    Folded fault(String agent, String reason, long offset) {
        List<Run> open = openRuns(agent);
        store.put(Keys.agent(agent), agent(agent).faulted(reason, offset));
        return new Folded.Faulted(reason, open);
    }

    /** Forgets runs whose time has come, a few at a time. */
    void forget(long now) {
        String end = Keys.expiries() + Keys.sortable(Math.max(0, now));
        List<String> due = new ArrayList<>();
        store.scan(Keys.expiries(), (key, _) -> {
            boolean isDue = key.compareTo(end) < 0;
            if (isDue) {
                due.add(key);
            }
            return isDue && due.size() < FORGOTTEN_AT_ONCE;
        });
        for (String key : due) {
            store.delete(Keys.runOfExpiry(key));
            store.delete(key);
        }
    }

    private boolean isOwner(MindEvent event) {
        Fence fence = partition().of(event.lane());
        return fence != null && fence.incarnation().equals(event.stamp());
    }

    private Folded fence(Lane lane, Barrier barrier, long offset) {
        Partition partition = partition();
        Fence before = partition.of(lane);
        if (before != null && before.knows(barrier.incarnation())) {
            return new Folded.Ignored("barrier written twice");
        }
        // What a predecessor left to finish counts for its next successor, and for no later one.
        List<CallRef> left = before != null && before.own() ? before.handedOver() : List.of();
        long leftUntil = before != null && before.own() ? before.handedOverUntil() : 0;
        Fence fence = new Fence(
                barrier.incarnation(),
                offset,
                barrier.logVersion(),
                barrier.foldVersion(),
                barrier.partitions(),
                left,
                leftUntil,
                /* own= */ false,
                before == null ? List.of() : before.line());
        store.put(Keys.PARTITION, partition.with(lane, fence));
        return new Folded.Fenced(lane, fence);
    }

    private Folded handOver(Lane lane, Handover handover, long now) {
        Partition partition = partition();
        Fence fence = Objects.requireNonNull(partition.of(lane), "only an owner hands over");
        store.put(
                Keys.PARTITION,
                partition.with(
                        lane,
                        new Fence(
                                fence.incarnation(),
                                fence.offset(),
                                fence.logVersion(),
                                fence.foldVersion(),
                                fence.partitions(),
                                handover.calls(),
                                now + handover.forMs(),
                                /* own= */ true,
                                fence.former())));
        return new Folded.HandedOver(lane);
    }

    private Folded ofAgent(String agent, MindEvent event, long offset, long now) {
        Agent known = agent(agent);
        if (known.fault() != null && !(event.body() instanceof AgentDeleted)) {
            return new Folded.Faulted(known.fault(), List.of());
        }
        return switch (event.body()) {
            case RunOpened opened -> open(agent, event, opened);
            case StepCompleted completed -> {
                Run run = run(agent, runId(event));
                yield run == null
                        ? unknown(agent, event, completed.usage())
                        : moved(agent, run, RunMachine.completed(run, completed), event, offset, now);
            }
            case StepFailed failed -> {
                Run run = run(agent, runId(event));
                yield run == null
                        ? unknown(agent, event, failed.usage())
                        : moved(agent, run, RunMachine.failed(run, failed), event, offset, now);
            }
            case ToolCompleted completed -> {
                Run run = run(agent, runId(event));
                yield run == null
                        ? new Folded.Ignored("run is not known")
                        : moved(agent, run, RunMachine.toolCompleted(run, completed), event, offset, now);
            }
            case RunCancelled cancelled -> {
                Run run = run(agent, runId(event));
                yield run == null
                        ? neverBegan(agent, event, new Cancelled(cancelled.reason()), now)
                        : moved(agent, run, RunMachine.cancelled(run, cancelled), event, offset, now);
            }
            case RunExpired expired -> {
                Run run = run(agent, runId(event));
                yield run == null
                        ? neverBegan(
                                agent,
                                event,
                                new Failed(
                                        ErrorCode.DEADLINE_EXCEEDED,
                                        "the run's deadline passed before its thread was free"),
                                now)
                        : moved(agent, run, RunMachine.expired(run, expired), event, offset, now);
            }
            case FindingsRaised raised -> raise(agent, raised, now);
            case AgentDeleted _ -> delete(agent, now);
            case Barrier _, Handover _, Checkpoint _, Republished _ ->
                throw new IllegalStateException("belongs to no agent");
        };
    }

    private Folded open(String agent, MindEvent event, RunOpened opened) {
        String runId = runId(event);
        String threadId = Objects.requireNonNull(event.threadId(), "a run has a thread");
        if (run(agent, runId) != null) {
            return new Folded.Ignored("run is known");
        }
        ThreadHead thread = thread(agent, threadId);
        if (thread.activeRun() != null) {
            return new Folded.Ignored("thread has a run");
        }
        Run run = Run.opened(runId, threadId, event.lane(), opened.spec(), thread.turns(), opened.requestOffset());
        store.put(Keys.turn(agent, threadId, thread.turns()), new Turn(runId, opened.messages()));
        store.put(Keys.thread(agent, threadId), new ThreadHead(thread.turns() + 1, runId));
        store.put(Keys.run(agent, runId), run);
        store.put(Keys.agent(agent), agent(agent).began(event.lane(), runId));
        return new Folded.RunMoved(null, run);
    }

    private Folded moved(String agent, Run before, RunMachine.Move move, MindEvent event, long offset, long now) {
        Usage charge = new Usage(
                move.run().usage().inputTokens() - before.usage().inputTokens(),
                move.run().usage().outputTokens() - before.usage().outputTokens(),
                move.run().usage().cacheReadTokens() - before.usage().cacheReadTokens(),
                move.run().usage().cacheWriteTokens() - before.usage().cacheWriteTokens());
        if (charge.total() > 0) {
            store.put(Keys.agent(agent), agent(agent).charged(before.lane(), charge));
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
                    end(agent, kept, now);
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
        Turn turn = Objects.requireNonNull(turn(agent, before), "an opened run has a turn");
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
        int index = 0;
        for (MemoryWrite write : tool.writes()) {
            switch (write) {
                case MemoryWrite.LearnFact fact -> {
                    Origin origin = run.lane() == Lane.HEARTBEAT ? Origin.HEARTBEAT : Origin.MODEL;
                    store.put(
                            Keys.fact(agent, offset, index++),
                            new Fact(fact.subject(), fact.statement(), fact.confidence(), origin, now, run.threadId()));
                }
                case DecideFinding _ -> {
                    // held back in the run until it has finished
                }
            }
        }
    }

    private void end(String agent, Run run, long now) {
        store.put(Keys.run(agent, run.runId()), run.settled());
        store.put(Keys.expiry(now + run.spec().rememberMs(), agent, run.runId()), true);
        ThreadHead thread = thread(agent, run.threadId());
        if (run.runId().equals(thread.activeRun())) {
            store.put(Keys.thread(agent, run.threadId()), new ThreadHead(thread.turns(), null));
        }
        store.put(Keys.agent(agent), agent(agent).ended(run.lane()));
        if (run.state() instanceof Finished) {
            run.decisions().forEach(decision -> decide(agent, run, decision));
        }
    }

    private void decide(String agent, Run run, DecideFinding decision) {
        FindingEntry entry = store.get(Keys.finding(agent, decision.fingerprint()), FindingEntry.class);
        if (entry == null) {
            return;
        }
        FindingState next = decision.action() == Action.DEFER ? FindingState.NEW : FindingState.ACKNOWLEDGED;
        store.put(
                Keys.finding(agent, decision.fingerprint()),
                new FindingEntry(
                        entry.finding(),
                        next,
                        entry.tickId(),
                        run.runId(),
                        entry.raisedAt(),
                        decision.action().id(),
                        decision.text()));
    }

    /** A run that is cancelled or expires while it waits for its thread has ended as well: a repeat of it is a duplicate. */
    private Folded neverBegan(String agent, MindEvent event, Ended state, long now) {
        RunSpec spec = new RunSpec(
                now,
                now,
                1,
                REMEMBER_UNOPENED_MS,
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
        String threadId = Objects.requireNonNull(event.threadId(), "a run has a thread");
        Run run = Run.opened(runId(event), threadId, event.lane(), spec, -1, -1).with(state);
        store.put(Keys.run(agent, run.runId()), run);
        store.put(Keys.expiry(now + spec.rememberMs(), agent, run.runId()), true);
        return new Folded.RunMoved(null, run);
    }

    private Folded unknown(String agent, MindEvent event, Usage usage) {
        store.put(Keys.agent(agent), agent(agent).charged(event.lane(), usage));
        return new Folded.Ignored("run is not known");
    }

    private Folded raise(String agent, FindingsRaised raised, long now) {
        for (Finding finding : raised.findings()) {
            FindingEntry known = store.get(Keys.finding(agent, finding.fingerprint()), FindingEntry.class);
            boolean raisedBefore = known != null && known.tickId().equals(raised.tickId());
            if (!raisedBefore) {
                store.put(
                        Keys.finding(agent, finding.fingerprint()),
                        new FindingEntry(finding, FindingState.NEW, raised.tickId(), null, now, null, null));
            }
        }
        return new Folded.Raised(raised.tickId(), raised.findings());
    }

    /**
     * Empties the agent. The ids of its runs stay known for as long as they would have: an event that comes late, or a request
     * that is read again, must not begin or end a run a second time.
     */
    private Folded delete(String agent, long now) {
        // The open runs of an agent that is out of service ended with its fault.
        List<Run> open = agent(agent).fault() == null ? openRuns(agent) : List.of();
        store.scan(Keys.ofAgent(agent), (key, _) -> {
            store.delete(key);
            return true;
        });
        store.scanBackwards(Keys.runs(agent), Run.class, run -> {
            store.put(Keys.run(agent, run.runId()), run.deleted());
            if (run.isOpen()) {
                store.put(Keys.expiry(now + run.spec().rememberMs(), agent, run.runId()), true);
            }
            return true;
        });
        return new Folded.Deleted(open);
    }

    private static String runId(MindEvent event) {
        return Objects.requireNonNull(event.runId(), "the event names its run");
    }
}
