package dev.noesis.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.chat.WaitingRuns.Place;
import dev.noesis.config.LaneConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.run.Input;
import dev.noesis.run.LaneFront;
import dev.noesis.telemetry.LaneMetrics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chat lane's front: takes requests, lets each thread's runs begin one after another, and answers each run once.
 *
 * <p>An accepted run waits in the lane's own store until its thread is free; then {@code RunOpened} is appended, and from
 * there on the log knows it. Runs that end before they began, by a cancel or their deadline, are told to the log as well,
 * and answered when it tells them back: so a crash can lose none and answer none twice.
 *
 * <p>{@link ChatRequestReader} says what a request means, {@link Admission} which run begins next, {@link ChatAnswers} what
 * clients are told.
 */
final class ChatFront implements LaneFront {
    private static final long RETRY_AFTER_MS = 1_000;
    private static final String DELETED = "the agent was deleted";

    /** Names of tools that chat runs may use. */
    private final List<String> tools;

    private final Desk desk;
    private final LaneConfig lane;
    private final RunConfig config;
    private final ChatRequestReader reader;
    private final Events events = new Events(Lane.CHAT, Origin.USER);
    private final WaitingRuns waiting;
    private final Admission admission;
    private final ChatAnswers answers;

    ChatFront(
            Desk desk,
            LaneConfig lane,
            RunConfig config,
            List<String> tools,
            LaneMetrics metrics,
            ChatRequestReader reader,
            WaitingRuns waiting) {
        this.desk = desk;
        this.lane = lane;
        this.config = config;
        this.tools = tools;
        this.reader = reader;
        this.waiting = waiting;
        this.admission = new Admission(desk, lane, events, waiting);
        this.answers = new ChatAnswers(desk, metrics);
    }

    // ---- requests

    @Override
    public void accept(Input input) {
        String key = key(input);
        String agent = String.valueOf(key);
        switch (reader.read(key, input.value())) {
            case ChatRequest.Start start -> start(agent, start, input);
            case ChatRequest.Cancel cancel -> cancel(agent, cancel);
            case ChatRequest.Delete(String reason) ->
                desk.append(
                        agent,
                        events.decision(
                                "deleted/" + input.partition() + "/" + input.offset(),
                                new AgentDeleted(reason, input.offset())),
                        0);
            case ChatRequest.Invalid invalid -> refuse(agent, invalid, input);
            case ChatRequest.Unreadable(String reason) -> answers.dead(input, reason);
        }
    }

    @Override
    public void tooLarge(Input input, boolean knows) {
        String key = key(input);
        if (knows && reader.read(key, input.value()) instanceof ChatRequest.Invalid invalid) {
            refuse(String.valueOf(key), invalid, input);
        } else {
            answers.dead(input, "the record is larger than a request may be");
        }
    }

    private static @Nullable String key(Input input) {
        return input.key() == null ? null : new String(input.key(), UTF_8);
    }

    /** A run that is known has its own reply: a request that breaks the contract must not look like its end. */
    private void refuse(String agent, ChatRequest.Invalid invalid, Input input) {
        if (!isKnown(agent, invalid.runId(), input)) {
            answers.refused(agent, invalid.threadId(), invalid.runId(), ErrorCode.INVALID_REQUEST, invalid.message());
        }
    }

    private void start(String agent, ChatRequest.Start start, Input input) {
        if (isKnown(agent, start.runId(), input)) {
            return;
        }
        String fault = desk.cognition().agent(agent).fault();
        if (fault != null) {
            String message = "the agent is out of service: " + fault;
            answers.refused(agent, start.threadId(), start.runId(), ErrorCode.INTERNAL, message);
        } else if (waiting.countOf(agent) >= lane.maxQueuedPerAgent()) {
            overloaded(agent, start, "of this agent");
        } else if (waiting.count() >= lane.maxQueued()) {
            overloaded(agent, start, "in this partition");
        } else if (makeWay(agent, start)) {
            enqueue(agent, start, input);
        }
    }

    /** Whether the run is known; then its sender is told so, unless it is this very request that is read again. */
    private boolean isKnown(String agent, String runId, Input input) {
        Standing known = standing(agent, runId);
        if (known != null && known.requestOffset() != input.offset()) {
            answers.duplicate(agent, runId, known);
        }
        return known != null;
    }

    private @Nullable Standing standing(String agent, String runId) {
        Run run = desk.cognition().run(agent, runId);
        if (run != null) {
            return Standing.of(run, desk.cognition().agent(agent).fault() != null);
        }
        Place place = waiting.find(agent, runId);
        return place == null ? null : Standing.waiting(place);
    }

    private void overloaded(String agent, ChatRequest.Start start, String what) {
        answers.refused(
                agent,
                start.threadId(),
                start.runId(),
                ErrorCode.OVERLOADED,
                "too many runs " + what + " wait already",
                RETRY_AFTER_MS);
    }

    /** Does with the thread's runs as the request wants; false if it does not want to wait for them. */
    private boolean makeWay(String agent, ChatRequest.Start start) {
        String active = desk.cognition().thread(agent, start.threadId()).activeRun();
        List<Place> before = waiting.ofThread(agent, start.threadId());
        return switch (start.multitask()) {
            case ENQUEUE -> true;
            case REJECT -> {
                boolean free = active == null && before.isEmpty();
                if (!free) {
                    answers.refused(
                            agent,
                            start.threadId(),
                            start.runId(),
                            ErrorCode.REJECTED_BUSY,
                            "the thread has a run, and the request asked not to wait");
                }
                yield free;
            }
            case INTERRUPT -> {
                String reason = "interrupted by run " + start.runId();
                if (active != null) {
                    cancel(agent, start.threadId(), active, reason);
                }
                before.forEach(place -> cancel(agent, place.threadId(), place.runId(), reason));
                yield true;
            }
        };
    }

    private void enqueue(String agent, ChatRequest.Start start, Input input) {
        Long deadline = start.deadlineMs();
        long deadlineAt =
                input.appendedAt() + (deadline == null ? config.deadline().toMillis() : deadline);
        RunSpec spec = new RunSpec(
                input.appendedAt(),
                deadlineAt,
                config.maxSteps(),
                config.remember().toMillis(),
                start.model(),
                start.maxTokens(),
                start.budgetTokens(),
                tools,
                null,
                start.instructions(),
                start.context(),
                start.parentRunId(),
                null,
                TraceParent.read(input.header("traceparent")));
        waiting.add(new WaitingRun(
                agent,
                start.threadId(),
                start.runId(),
                input.offset(),
                new RunOpened(spec, start.messages(), input.offset())));
        desk.append(agent, events.expired(start.runId(), start.threadId(), deadlineAt), deadlineAt);
        admission.threadChanged(agent, start.threadId());
    }

    private void cancel(String agent, ChatRequest.Cancel cancel) {
        Standing known = standing(agent, cancel.runId());
        if (known == null || known.hasEnded()) {
            answers.cancelIgnored(agent, cancel, known);
        } else {
            // The run's own thread counts, whatever the cancel says: what ends is answered there.
            cancel(agent, known.threadId(), cancel.runId(), cancel.reason());
        }
    }

    private void cancel(String agent, String threadId, String runId, String reason) {
        MindEvent cancelled = events.cancelled(runId, threadId, reason);
        if (!desk.isPending(agent, cancelled.eventId())) {
            desk.append(agent, cancelled, 0);
        }
    }

    // ---- what the log says

    @Override
    public void runMoved(String agent, @Nullable Run before, Run after, MindEvent event) {
        waiting.remove(agent, after.runId());
        if (after.isOpen()) {
            return;
        }
        answers.ended(agent, after, desk.cognition().turn(agent, after));
        if (before != null) {
            admission.ended(agent, after.runId());
        } else {
            admission.left(agent, after.runId());
        }
        admission.threadChanged(agent, after.threadId());
    }

    @Override
    public void folded(String agent, MindEvent event, Folded folded) {
        switch (folded) {
            case Folded.Ignored _
            when event.body() instanceof RunOpened && event.lane() == Lane.CHAT -> notOpened(agent, event);
            case Folded.Deleted(List<Run> open) -> deleted(agent, event, open);
            case Folded.Faulted(String reason, List<Run> open) -> faulted(agent, reason, open);
            case Folded.Ignored _,
                    Folded.RunMoved _,
                    Folded.Raised _,
                    Folded.Scheduled _,
                    Folded.Fenced _,
                    Folded.HandedOver _,
                    Folded.Noted _,
                    Folded.Stale _ -> {
                // nothing that chat waits for
            }
        }
    }

    /** The run is known already, from before a crash or because it was cancelled first: its place is a leftover. */
    private void notOpened(String agent, MindEvent event) {
        String runId = String.valueOf(event.runId());
        Place place = waiting.remove(agent, runId);
        admission.left(agent, runId);
        if (place != null) {
            admission.threadChanged(agent, place.threadId());
        }
    }

    /**
     * Open runs are gone from memory and answered here; waiting ones are told to the log, for one may be opening. What was
     * asked for behind the deletion stays.
     */
    private void deleted(String agent, MindEvent event, List<Run> open) {
        for (Run run : open) {
            if (run.lane() == Lane.CHAT) {
                answers.ended(agent, run.ended(new RunState.Cancelled(DELETED)), null);
                admission.ended(agent, run.runId());
            }
        }
        for (Place place : waiting.ofAgent(agent)) {
            if (event.body() instanceof AgentDeleted(String _, Long asked)
                    && (asked == null || place.offset() < asked)) {
                cancel(agent, place.threadId(), place.runId(), DELETED);
            } else {
                admission.threadChanged(agent, place.threadId());
            }
        }
    }

    private void faulted(String agent, String reason, List<Run> open) {
        for (Run run : open) {
            if (run.lane() == Lane.CHAT) {
                answers.refused(agent, run.threadId(), run.runId(), ErrorCode.INTERNAL, reason);
                admission.ended(agent, run.runId());
            }
        }
        for (Place place : waiting.ofAgent(agent)) {
            answers.refused(agent, place.threadId(), place.runId(), ErrorCode.INTERNAL, reason);
            desk.withdraw(agent, Events.expiryId(place.runId()));
            desk.withdraw(agent, Events.openedId(place.runId()));
            waiting.remove(agent, place.runId());
            admission.left(agent, place.runId());
        }
    }

    // ---- admission

    @Override
    public void recovered() {
        admission.recovered();
    }

    @Override
    public long dueAt() {
        return Long.MAX_VALUE;
    }

    @Override
    public void takeDue() {
        // What is due at a time, such as a run's deadline, is an append that waits in the outbox.
    }

    @Override
    public void admit() {
        admission.admit();
    }
}
