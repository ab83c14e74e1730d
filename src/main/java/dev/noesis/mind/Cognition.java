package dev.noesis.mind;

import dev.noesis.mind.Memory.Agent;
import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Deletion;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.mind.Memory.Failure;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.Partition;
import dev.noesis.mind.Memory.ScheduleEntry;
import dev.noesis.mind.Memory.Spent;
import dev.noesis.mind.Memory.ThreadHead;
import dev.noesis.mind.Memory.Tuning;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.model.MindEvent.RunExpired;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.Schedule;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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
    public static final int FOLD_VERSION = 4;

    /** Of an agent, at most so many decisions are kept. */
    public static final int MAX_DECISIONS = 500;

    /** A request waits for its decision at most as long as its topic keeps it. */
    private static final long REMEMBER_DELETION_MS = 7L * 24 * 60 * 60 * 1000;

    private final MindStore store;
    private final Owners owners;
    private final RunFold runs;
    private final FindingFold findings;
    private final Expiries expiries;

    Cognition(MindStore store) {
        this.store = store;
        this.owners = new Owners(store);
        this.expiries = new Expiries(store);
        this.findings = new FindingFold(store, expiries);
        this.runs =
                new RunFold(store, this, findings, new DecisionFold(store), new FailureFold(store, expiries), expiries);
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
        return owners.partition();
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

    /** The newest decisions of the agent, at most {@code limit}, newest first. */
    public List<Decision> decisions(String agent, int limit) {
        List<Decision> decisions = new ArrayList<>();
        store.scanBackwards(Keys.decisions(agent), Decision.class, decision -> {
            decisions.add(decision);
            return decisions.size() < limit;
        });
        return decisions;
    }

    /** The agent's runs that failed within the last 7 days, the newest 20 at most, newest first. */
    public List<Failure> failures(String agent) {
        List<Failure> failures = new ArrayList<>();
        store.scanBackwards(Keys.failures(agent), Failure.class, failures::add);
        return failures;
    }

    /** All findings of the agent that are not forgotten, by fingerprint. */
    public List<FindingEntry> findings(String agent) {
        List<FindingEntry> findings = new ArrayList<>();
        store.scanBackwards(Keys.findings(agent), FindingEntry.class, findings::add);
        return findings.reversed();
    }

    /** What that tick has told of in the day's digest; empty where it told none. */
    public List<FindingEntry> digest(String agent, String tickId) {
        return tickId.equals(attentions(agent).digestBy())
                ? findings(agent).stream()
                        .filter(entry -> FindingLife.isInDigest(entry, tickId))
                        .toList()
                : List.of();
    }

    /** How the agent's check of that name fares; null where it has not looked yet. */
    public @Nullable CheckEntry check(String agent, String name) {
        return store.get(Keys.check(agent, name), CheckEntry.class);
    }

    /** How often the agent's check of that name looks, and what humans made of what it found. */
    public Tuning tuning(String agent, String check) {
        Tuning known = store.get(Keys.tuning(agent, check), Tuning.class);
        return known == null ? Tuning.NONE : known;
    }

    /** The same of all checks of which there is something to say, by name. */
    public SortedMap<String, Tuning> tunings(String agent) {
        String prefix = Keys.tunings(agent);
        SortedMap<String, Tuning> tunings = new TreeMap<>();
        store.scan(prefix, (key, json) -> {
            tunings.put(key.substring(prefix.length()), Json.read(json, Tuning.class));
            return true;
        });
        return tunings;
    }

    /** What waits to be told in the agent's conversations. */
    public Attentions attentions(String agent) {
        Attentions known = store.get(Keys.attentions(agent), Attentions.class);
        return known == null ? Attentions.NONE : known;
    }

    /** When the agent looks after itself; null where nobody said. */
    public @Nullable Schedule schedule(String agent) {
        return scheduleEntry(agent).schedule();
    }

    private ScheduleEntry scheduleEntry(String agent) {
        ScheduleEntry known = store.get(Keys.schedule(agent), ScheduleEntry.class);
        return known == null ? ScheduleEntry.NONE : known;
    }

    /**
     * How many tokens the agent's heartbeats were charged since then, to a quarter of an hour; of the last day only.
     *
     * @param at epoch milliseconds
     */
    public long spentSince(String agent, long at) {
        Spent spent = store.get(Keys.spent(agent), Spent.class);
        return spent == null ? 0 : spent.since(at);
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

    /** When the agent was deleted last; null where that was never, or so long ago that it is forgotten. */
    @Nullable
    Deletion deletion(String agent) {
        Deletion[] last = {null};
        store.scanBackwards(Keys.deletions(agent), Deletion.class, deletion -> {
            last[0] = deletion;
            return false;
        });
        return last[0];
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
        if (event.isDecision() && !owners.wrote(event)) {
            return new Folded.Stale();
        }
        return switch (event.body()) {
            case Barrier barrier -> owners.fence(event.lane(), barrier, offset, now);
            case Handover handover -> owners.handOver(event.lane(), handover, now);
            case Checkpoint _, Republished _ -> new Folded.Noted();
            case RunOpened _,
                    StepCompleted _,
                    StepFailed _,
                    ToolCompleted _,
                    RunCancelled _,
                    RunExpired _,
                    FindingsRaised _,
                    FindingReacted _,
                    CheckTuned _,
                    AgentDeleted _,
                    ScheduleSet _ -> ofAgent(agent, event, offset, now);
        };
    }

    private Folded ofAgent(String agent, MindEvent event, long offset, long now) {
        String fault = agent(agent).fault();
        if (fault != null && !(event.body() instanceof AgentDeleted)) {
            return new Folded.Faulted(fault, List.of());
        }
        return switch (event.body()) {
            case RunOpened opened -> runs.opened(agent, event, opened, offset, now);
            case StepCompleted completed -> runs.completed(agent, event, completed, offset, now);
            case StepFailed failed -> runs.failed(agent, event, failed, offset, now);
            case ToolCompleted completed -> runs.toolCompleted(agent, event, completed, offset, now);
            case RunCancelled cancelled -> runs.cancelled(agent, event, cancelled, offset, now);
            case RunExpired expired -> runs.expired(agent, event, expired, offset, now);
            case FindingsRaised raised ->
                Deletion.isUnknownTo(deletion(agent), raised.basedOn())
                        ? new Folded.Ignored("the agent was deleted since")
                        : findings.raise(agent, raised, offset, now);
            case FindingReacted reacted ->
                Deletion.isUnknownTo(deletion(agent), reacted.basedOn())
                        ? new Folded.Ignored("the agent was deleted since")
                        : findings.react(agent, reacted, now);
            case CheckTuned tuned ->
                Deletion.isUnknownTo(deletion(agent), tuned.basedOn())
                        ? new Folded.Ignored("the agent was deleted since")
                        : findings.tune(agent, tuned);
            case AgentDeleted deleted -> delete(agent, deleted, offset, now);
            case ScheduleSet set -> schedule(agent, set);
            case Barrier _, Handover _, Checkpoint _, Republished _ ->
                throw new IllegalStateException("belongs to no agent");
        };
    }

    private Folded schedule(String agent, ScheduleSet set) {
        ScheduleEntry known = scheduleEntry(agent);
        long asked = set.requestOffset() == null ? known.requestOffset() : set.requestOffset();
        if (set.requestOffset() != null && asked <= known.requestOffset()) {
            return new Folded.Ignored("its record has counted, or a later one");
        }
        boolean isOfBefore = Deletion.isUnknownTo(deletion(agent), set.basedOn());
        store.put(Keys.schedule(agent), new ScheduleEntry(isOfBefore ? known.schedule() : set.schedule(), asked));
        return isOfBefore ? new Folded.Ignored("the agent was deleted since") : new Folded.Scheduled(set.schedule());
    }

    /** Takes the agent out of service: one of its events could not be folded. Other agents go on. */
    Folded fault(String agent, String reason, long offset) {
        List<Run> open = openRuns(agent);
        store.put(Keys.agent(agent), agent(agent).faulted(reason, offset));
        return new Folded.Faulted(reason, open);
    }

    /** Forgets what is due, a few entries at a time. */
    void forget(long now) {
        expiries.forget(now);
    }

    /**
     * Empties the agent. The ids of its runs stay known for as long as they would have: an event that comes late, or a request
     * that is read again, must not begin or end a run a second time.
     */
    private Folded delete(String agent, AgentDeleted deleted, long offset, long now) {
        // The open runs of an agent that is out of service ended with its fault.
        List<Run> open = agent(agent).fault() == null ? openRuns(agent) : List.of();
        ScheduleEntry schedule = scheduleEntry(agent);
        store.scan(Keys.ofAgent(agent), (key, _) -> {
            store.delete(key);
            return true;
        });
        store.scanBackwards(Keys.runs(agent), Run.class, run -> {
            store.put(Keys.run(agent, run.runId()), run.deleted());
            if (run.isOpen()) {
                expiries.entryAt(now + run.spec().rememberMs(), Keys.run(agent, run.runId()));
            }
            return true;
        });
        if (schedule.requestOffset() >= 0) {
            store.put(Keys.schedule(agent), new ScheduleEntry(null, schedule.requestOffset()));
        }
        String deletion = Keys.deletion(agent, now);
        store.put(deletion, new Deletion(offset, deleted.requestOffset()));
        expiries.entryAt(now + REMEMBER_DELETION_MS, deletion);
        return new Folded.Deleted(open);
    }
}
