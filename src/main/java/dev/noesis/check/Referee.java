package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.mind.DueTimes;
import dev.noesis.model.AgentId;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.Schedule;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads a partition of the mind log by the words of the design: decisions count from the owner of the partition, completions
 * from anyone, and of several the first. It has no code of the kernel's fold, so that an error there is not repeated here.
 */
final class Referee {
    static final String DELETED = "the agent was deleted";

    /** How long a deletion counts, and a run is known that never began. */
    private static final long REMEMBERED_MS = 7L * 24 * 60 * 60 * 1000;

    private final Tally tally;
    /** The latest run of each name; those before it hang on it. */
    private final Map<RunKey, LoggedRun> runs = new HashMap<>();

    private final List<LoggedRun> all = new ArrayList<>();
    private final Map<RunKey, LoggedRun> activeOfThread = new HashMap<>();
    private final Map<String, LoggedRun> heartbeatOfAgent = new HashMap<>();
    private final Map<String, Set<LoggedRun>> openOfAgent = new HashMap<>();
    private final Map<String, String> agents = new HashMap<>();
    private final Map<String, Deletion> deletions = new HashMap<>();
    private final Map<Lane, Tenures> tenures = new EnumMap<>(Lane.class);
    /** What each tick raised, by fingerprint. */
    private final Map<RunKey, Set<String>> raisedBy = new HashMap<>();

    /** Of each agent, how urgent what was raised was, by fingerprint. */
    private final Map<String, Map<String, Set<String>>> raised = new HashMap<>();
    /** How those ended runs who did not own the partition. */
    private final Map<RunKey, List<Ending>> stale = new HashMap<>();
    /** All schedules that each agent ever had. */
    private final Map<String, Set<Schedule>> schedules = new HashMap<>();
    /** Offsets of the records in the topic of schedules that the log tells of. */
    private final Set<Long> schedulesTold = new HashSet<>();
    /** What humans reacted to, by agent and fingerprint. */
    private final Set<RunKey> reactedTo = new HashSet<>();
    /** Offsets of the reactions in the topic of signals that the log tells of. */
    private final Set<Long> reactionsTold = new HashSet<>();
    /** Offsets of what the operator said of checks in the topic of signals that the log tells of. */
    private final Set<Long> tuningsTold = new HashSet<>();
    /** Offsets of the requests whose deletion was done. */
    private final Set<Long> deletionsDone = new HashSet<>();
    /** Inputs that were published again, as topic@offset. */
    private final Set<String> republished = new HashSet<>();

    private record Deletion(long offset, @Nullable Long requestOffset, long at) {}

    Referee(Tally tally) {
        this.tally = tally;
        for (Lane lane : Lane.values()) {
            tenures.put(lane, new Tenures());
        }
    }

    // ---- what it saw

    /** All runs, in the order in which the log names them first. */
    List<LoggedRun> runs() {
        return all;
    }

    /** The latest run of that name; null for none. */
    @Nullable
    LoggedRun run(RunKey key) {
        return runs.get(key);
    }

    /** The runs of that name, oldest first: one, or more where the name was free again. */
    List<LoggedRun> runsOf(RunKey key) {
        List<LoggedRun> of = new ArrayList<>();
        for (LoggedRun run = runs.get(key); run != null; run = run.before) {
            of.addFirst(run);
        }
        return of;
    }

    Tenures tenures(Lane lane) {
        return tenures.getOrDefault(lane, new Tenures());
    }

    /** All that ticks raised for the agent, by fingerprint: as how urgent. */
    Map<String, Set<String>> raised(String agent) {
        return raised.getOrDefault(agent, Map.of());
    }

    /** Fingerprints of what that tick raised; null where it raised nothing that counted. */
    @Nullable
    Set<String> raisedBy(RunKey tick) {
        return raisedBy.get(tick);
    }

    /** Where the agent was deleted last; -1 for never. */
    long deletedAt(String agent) {
        Deletion deletion = deletions.get(agent);
        return deletion == null ? -1 : deletion.offset();
    }

    List<Ending> staleEndings(RunKey key) {
        return stale.getOrDefault(key, List.of());
    }

    boolean isDeletionDone(long requestOffset) {
        return deletionsDone.contains(requestOffset);
    }

    boolean isReactionTold(long requestOffset) {
        return reactionsTold.contains(requestOffset);
    }

    boolean isTuningTold(long requestOffset) {
        return tuningsTold.contains(requestOffset);
    }

    /** Whether a human said what is to become of that finding. */
    boolean isReactedTo(String agent, String fingerprint) {
        return reactedTo.contains(new RunKey(agent, fingerprint));
    }

    boolean isScheduleTold(long requestOffset) {
        return schedulesTold.contains(requestOffset);
    }

    /** Whether a schedule that the agent had makes a tick due then, epoch milliseconds. */
    boolean isDue(String agent, long at) {
        return schedules.getOrDefault(agent, Set.of()).stream()
                .anyMatch(schedule -> Objects.equals(DueTimes.next(schedule, agent, at - 1), at));
    }

    boolean isRepublished(String topic, long offset) {
        return republished.contains(topic + "@" + offset);
    }

    // ---- reading

    /** Reads the next record. What is no event is passed over, as the lanes do. */
    void read(Seen record) {
        MindEvent event = event(record);
        if (event == null) {
            return;
        }
        Tenures ofLane = tenures(event.lane());
        if (event.isDecision() && !String.valueOf(event.stamp()).equals(ofLane.owner())) {
            stale(record, event);
            return;
        }
        switch (event.body()) {
            case MindEvent.Barrier barrier -> ofLane.began(barrier, record.offset());
            case MindEvent.Handover _ -> ofLane.handedOver();
            case MindEvent.Checkpoint _ -> ofLane.checkpoint();
            case Republished(String topic, long offset) -> republished.add(topic + "@" + offset);
            case RunOpened opened -> opened(record, event, opened);
            case StepCompleted completed -> completed(record, event, completed);
            case StepFailed failed -> failed(record, event, failed);
            case MindEvent.ToolCompleted tool -> {
                LoggedRun run = known(record, event);
                if (run != null && run.isOpen()) {
                    wrong(record, run, run.toolCompleted(tool, record));
                    settle(run);
                }
            }
            case MindEvent.RunCancelled(String reason) -> ended(record, event, new Ending.Cancelled(reason));
            case MindEvent.RunExpired _ -> ended(record, event, new Ending.Failed(ErrorCode.DEADLINE_EXCEEDED));
            case FindingsRaised findings -> raised(record, findings);
            case AgentDeleted gone -> deleted(record, gone);
            case ScheduleSet set -> scheduled(record, set);
            case FindingReacted reacted -> reacted(record, reacted);
            case CheckTuned tuned -> {
                if (tuned.requestOffset() != null) {
                    tuningsTold.add(tuned.requestOffset());
                }
            }
        }
    }

    /** Jackson leaves absent fields null, whatever their type says. */
    @SuppressWarnings("NullAway")
    private static @Nullable MindEvent event(Seen record) {
        if (record.key() == null || record.value() == null) {
            return null;
        }
        MindEvent event;
        try {
            event = Json.read(record.value(), MindEvent.class);
        } catch (JacksonException e) {
            return null;
        }
        boolean isWhole = event != null
                && event.body() != null
                && event.eventId() != null
                && event.lane() != null
                && event.origin() != null;
        if (!isWhole) {
            return null;
        }
        return switch (event.body()) {
            case MindEvent.Barrier barrier -> barrier.incarnation() == null ? null : event;
            case MindEvent.Handover _, MindEvent.Checkpoint _, Republished _ -> event;
            case FindingsRaised _, AgentDeleted _, ScheduleSet _, FindingReacted _, CheckTuned _ ->
                AgentId.check(record.agent()) == null ? event : null;
            case RunOpened _,
                    StepCompleted _,
                    StepFailed _,
                    MindEvent.ToolCompleted _,
                    MindEvent.RunCancelled _,
                    MindEvent.RunExpired _ ->
                AgentId.check(record.agent()) == null && event.runId() != null ? event : null;
        };
    }

    private void stale(Seen record, MindEvent event) {
        Ending told = switch (event.body()) {
            case MindEvent.RunCancelled(String reason) -> new Ending.Cancelled(reason);
            case MindEvent.RunExpired _ -> new Ending.Failed(ErrorCode.DEADLINE_EXCEEDED);
            case StepFailed failed when failed.retryAt() == null -> new Ending.Failed(failed.code());
            case RunOpened _,
                    StepCompleted _,
                    StepFailed _,
                    MindEvent.ToolCompleted _,
                    FindingsRaised _,
                    AgentDeleted _,
                    ScheduleSet _,
                    FindingReacted _,
                    CheckTuned _,
                    MindEvent.Barrier _,
                    MindEvent.Handover _,
                    MindEvent.Checkpoint _,
                    Republished _ -> null;
        };
        if (told != null) {
            stale.computeIfAbsent(key(record, event), _ -> new ArrayList<>(1)).add(told);
        }
    }

    // ---- runs

    private void opened(Seen record, MindEvent event, RunOpened opened) {
        if (known(record, event) != null) {
            return;
        }
        RunKey key = key(record, event);
        String thread = String.valueOf(event.threadId());
        if (isOfBeforeDeletion(record, event.lane(), opened)) {
            neverBegan(record, event, new Ending.Cancelled(DELETED));
            return;
        }
        LoggedRun active = activeOfThread.get(new RunKey(key.agent(), thread));
        LoggedRun beating = event.lane() == Lane.HEARTBEAT ? heartbeatOfAgent.get(key.agent()) : null;
        if (active != null || beating != null) {
            tally.violation(
                    Rule.ONE_STEP,
                    record,
                    key.id(),
                    "a run begins while " + (active != null ? active : beating) + " goes on");
            return;
        }
        LoggedRun run = new LoggedRun(key.agent(), key.id(), thread, event.lane(), record, opened, runs.get(key));
        add(key, run);
        activeOfThread.put(new RunKey(run.agent, run.threadId), run);
        openOfAgent.computeIfAbsent(run.agent, _ -> new LinkedHashSet<>()).add(run);
        if (run.lane == Lane.HEARTBEAT) {
            heartbeatOfAgent.put(run.agent, run);
        }
    }

    private void completed(Seen record, MindEvent event, StepCompleted completed) {
        LoggedRun run = known(record, event);
        if (run != null && run.reported().contains(completed.attempt())) {
            return;
        }
        boolean counts = run != null && run.awaits(completed);
        tally.winners += counts ? 1 : 0;
        tally.paidTwice += counts ? 0 : 1;
        tally.tokensPaidTwice += counts ? 0 : completed.usage().total();
        tally.failedCalls += Math.max(0, completed.attempts() - 1);
        if (run != null && run.isOpen()) {
            run.heard(record);
            wrong(record, run, run.completed(completed, record));
            settle(run);
        } else if (run != null && run.reported().add(completed.attempt())) {
            run.lateAttempts += completed.attempts();
        }
    }

    private void failed(Seen record, MindEvent event, StepFailed failed) {
        LoggedRun run = known(record, event);
        if (run == null || run.reported().contains(failed.attempt())) {
            return;
        }
        tally.failedCalls += failed.attempts();
        if (run.isOpen()) {
            run.failed(failed, record);
            settle(run);
        } else {
            run.reported().add(failed.attempt());
            run.lateAttempts += failed.attempts();
        }
    }

    private void ended(Seen record, MindEvent event, Ending how) {
        LoggedRun run = known(record, event);
        if (run == null) {
            neverBegan(record, event, how);
        } else if (run.isOpen()) {
            run.end(how, record);
            settle(run);
        }
    }

    private void neverBegan(Seen record, MindEvent event, Ending how) {
        RunKey key = key(record, event);
        LoggedRun run = new LoggedRun(
                key.agent(),
                key.id(),
                String.valueOf(event.threadId()),
                event.lane(),
                record,
                REMEMBERED_MS,
                runs.get(key));
        add(key, run);
        run.end(how, record);
    }

    private void add(RunKey key, LoggedRun run) {
        runs.put(key, run);
        all.add(run);
    }

    /** The run that the event is about, if it is remembered: an ended one is for a time only. */
    private @Nullable LoggedRun known(Seen record, MindEvent event) {
        LoggedRun run = runs.get(key(record, event));
        boolean isForgotten = run != null && !run.isOpen() && record.timestamp() - run.endedTime > run.rememberMs;
        return isForgotten ? null : run;
    }

    private void settle(LoggedRun run) {
        if (!run.isOpen()) {
            activeOfThread.remove(new RunKey(run.agent, run.threadId), run);
            heartbeatOfAgent.remove(run.agent, run);
            Set<LoggedRun> open = openOfAgent.get(run.agent);
            if (open != null && open.remove(run) && open.isEmpty()) {
                openOfAgent.remove(run.agent);
            }
        }
    }

    private void wrong(Seen record, LoggedRun run, @Nullable String what) {
        if (what != null) {
            tally.violation(Rule.ONE_STEP, record, run.runId, what);
        }
    }

    // ---- agents

    private void raised(Seen record, FindingsRaised findings) {
        String agent = agent(record);
        if (isUnknownTo(deletion(record), findings.basedOn())) {
            return;
        }
        Set<String> ofTick = raisedBy.computeIfAbsent(new RunKey(agent, findings.tickId()), _ -> new HashSet<>());
        Map<String, Set<String>> ofAgent = raised.computeIfAbsent(agent, _ -> new HashMap<>());
        for (Finding finding : findings.findings()) {
            ofTick.add(finding.fingerprint());
            ofAgent.computeIfAbsent(finding.fingerprint(), _ -> new HashSet<>(2))
                    .add(finding.urgency().id());
        }
    }

    private void scheduled(Seen record, ScheduleSet set) {
        if (set.requestOffset() != null) {
            schedulesTold.add(set.requestOffset());
        }
        if (set.schedule() != null && !isUnknownTo(deletion(record), set.basedOn())) {
            schedules.computeIfAbsent(agent(record), _ -> new HashSet<>(2)).add(set.schedule());
        }
    }

    private void reacted(Seen record, FindingReacted reacted) {
        if (reacted.requestOffset() != null) {
            reactionsTold.add(reacted.requestOffset());
        }
        if (!isUnknownTo(deletion(record), reacted.basedOn())) {
            reactedTo.add(new RunKey(agent(record), reacted.fingerprint()));
        }
    }

    /** What is asked for behind a deletion is done; what was asked for before it, and is not done yet, is not any more. */
    private void deleted(Seen record, AgentDeleted gone) {
        String agent = agent(record);
        for (LoggedRun run : List.copyOf(openOfAgent.getOrDefault(agent, Set.of()))) {
            run.end(new Ending.Cancelled(DELETED), record);
            run.isDeleted = true;
            settle(run);
        }
        deletions.put(agent, new Deletion(record.offset(), gone.requestOffset(), record.timestamp()));
        if (gone.requestOffset() != null) {
            deletionsDone.add(gone.requestOffset());
        }
    }

    private boolean isOfBeforeDeletion(Seen record, Lane lane, RunOpened opened) {
        Deletion deletion = deletion(record);
        return switch (lane) {
            case CHAT ->
                deletion != null
                        && deletion.requestOffset() != null
                        && opened.requestOffset() < deletion.requestOffset();
            case HEARTBEAT -> isUnknownTo(deletion, opened.basedOn());
        };
    }

    private static boolean isUnknownTo(@Nullable Deletion deletion, @Nullable Long basedOn) {
        return deletion != null && basedOn != null && basedOn < deletion.offset();
    }

    private @Nullable Deletion deletion(Seen record) {
        Deletion deletion = deletions.get(record.agent());
        return deletion != null && record.timestamp() - deletion.at() > REMEMBERED_MS ? null : deletion;
    }

    private RunKey key(Seen record, MindEvent event) {
        return new RunKey(agent(record), String.valueOf(event.runId()));
    }

    /** The same name is kept once, however many records have it. */
    private String agent(Seen record) {
        String agent = record.agent();
        return agents.computeIfAbsent(agent, same -> same);
    }
}
