package dev.noesis.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.chat.WaitingRuns.Place;
import dev.noesis.config.LaneConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Memory;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.run.DeadLetter;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.run.FairQueue;
import dev.noesis.run.Input;
import dev.noesis.run.LaneFront;
import dev.noesis.run.StreamEvent;
import dev.noesis.run.StreamTail;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The chat lane's front: takes requests, lets each thread's runs begin one after another, and answers each run once.
 *
 * <p>An accepted run waits in the lane's own store until its thread is free; then {@code RunOpened} is appended, and from
 * there on the log knows it. Runs that end before they began, by a cancel or their deadline, are told to the log as well,
 * and answered when it tells them back: so a crash can lose none and answer none twice.
 */
final class ChatFront implements LaneFront {
    private static final long RETRY_AFTER_MS = 1_000;

    /** Names of tools that chat runs may use. */
    private final List<String> tools;

    private final Desk desk;
    private final LaneConfig lane;
    private final RunConfig config;
    private final LaneMetrics metrics;
    private final ChatRequestReader reader;
    private final Events events = new Events(Lane.CHAT, Origin.USER);
    private final WaitingRuns waiting;
    /** Threads whose oldest run may begin, by agent in turn. */
    private final FairQueue<Place> ready;
    /** Runs that were let begin under this tenure and have not ended. */
    private final Set<String> begun = new HashSet<>();
    /** Runs that stand in {@link #ready}. */
    private final Set<String> offered = new HashSet<>();

    private boolean owner;

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
        this.metrics = metrics;
        this.reader = reader;
        this.waiting = waiting;
        this.ready = new FairQueue<>(
                lane.maxInFlightPerAgent(),
                agent -> desk.cognition().agent(agent).openChatRuns());
    }

    // ---- requests

    @Override
    public void accept(Input input) {
        String agent = input.key() == null ? null : new String(input.key(), UTF_8);
        switch (reader.read(agent, input.value())) {
            case ChatRequest.Start start -> start(String.valueOf(agent), start, input);
            case ChatRequest.Cancel cancel -> cancel(String.valueOf(agent), cancel);
            case ChatRequest.Delete(String reason) ->
                desk.append(
                        String.valueOf(agent),
                        events.decision(
                                "deleted/" + input.partition() + "/" + input.offset(),
                                new AgentDeleted(reason, input.appendedAt(), input.offset())),
                        0);
            case ChatRequest.Invalid(String threadId, String runId, String message) ->
                refuse(String.valueOf(agent), threadId, runId, ErrorCode.INVALID_REQUEST, message, null);
            case ChatRequest.Unreadable(String reason) -> dead(input, reason);
        }
    }

    @Override
    public void tooLarge(Input input) {
        String agent = input.key() == null ? null : new String(input.key(), UTF_8);
        if (reader.read(agent, input.value())
                instanceof ChatRequest.Invalid(String threadId, String runId, String message)) {
            refuse(String.valueOf(agent), threadId, runId, ErrorCode.INVALID_REQUEST, message, null);
        } else {
            dead(input, "the record is larger than a request may be");
        }
    }

    private void dead(Input input, String reason) {
        metrics.deadLetter();
        DeadLetter.send(desk, ChatTopology.DLQ_SINK, input, reason);
    }

    private void start(String agent, ChatRequest.Start start, Input input) {
        Run known = desk.cognition().run(agent, start.runId());
        if (known != null) {
            if (known.requestOffset() != input.offset()) {
                duplicate(agent, start, state(known), outcome(known));
            }
            return;
        }
        if (waiting.find(agent, start.runId()) != null) {
            duplicate(agent, start, "queued", null);
            return;
        }
        Memory.Agent memory = desk.cognition().agent(agent);
        if (memory.fault() != null) {
            String message = "the agent is out of service: " + memory.fault();
            refuse(agent, start.threadId(), start.runId(), ErrorCode.INTERNAL, message, null);
            return;
        }
        if (waiting.countOf(agent) >= lane.maxQueuedPerAgent() || waiting.count() >= lane.maxQueued()) {
            String what = waiting.countOf(agent) >= lane.maxQueuedPerAgent() ? "of this agent" : "in this partition";
            refuse(
                    agent,
                    start.threadId(),
                    start.runId(),
                    ErrorCode.OVERLOADED,
                    "too many runs " + what + " wait already",
                    RETRY_AFTER_MS);
            return;
        }
        String active = desk.cognition().thread(agent, start.threadId()).activeRun();
        List<Place> before = waiting.ofThread(agent, start.threadId());
        switch (start.multitask()) {
            case ENQUEUE -> {
                // it waits its turn
            }
            case REJECT -> {
                if (active != null || !before.isEmpty()) {
                    refuse(
                            agent,
                            start.threadId(),
                            start.runId(),
                            ErrorCode.REJECTED_BUSY,
                            "the thread has a run, and the request asked not to wait",
                            null);
                    return;
                }
            }
            case INTERRUPT -> {
                String reason = "interrupted by run " + start.runId();
                if (active != null) {
                    cancel(agent, start.threadId(), active, reason);
                }
                before.forEach(place -> cancel(agent, place.threadId(), place.runId(), reason));
            }
        }
        enqueue(agent, start, input);
    }

    private void enqueue(String agent, ChatRequest.Start start, Input input) {
        Long deadline = start.deadlineMs();
        long deadlineAt =
                input.appendedAt() + (deadline == null ? config.deadline().toMillis() : deadline);
        byte[] traceparent = input.header("traceparent");
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
                traceparent == null ? null : new String(traceparent, UTF_8));
        WaitingRun run = new WaitingRun(
                agent,
                start.threadId(),
                start.runId(),
                input.offset(),
                new RunOpened(spec, start.messages(), input.offset()));
        waiting.add(run);
        desk.append(agent, events.expired(start.runId(), start.threadId(), deadlineAt), deadlineAt);
        offerHead(agent, start.threadId());
    }

    private void cancel(String agent, ChatRequest.Cancel cancel) {
        // The run's own thread counts, whatever the cancel says: what ends is answered there.
        Place place = waiting.find(agent, cancel.runId());
        if (place != null) {
            cancel(agent, place.threadId(), place.runId(), cancel.reason());
            return;
        }
        Run known = desk.cognition().run(agent, cancel.runId());
        if (known != null && known.isOpen()) {
            cancel(agent, known.threadId(), known.runId(), cancel.reason());
            return;
        }
        custom(
                agent,
                cancel.threadId(),
                cancel.runId(),
                "noesis.cancel_ignored",
                Json.object().put("state", known == null ? "unknown" : state(known)));
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
        Place place = waiting.remove(agent, after.runId());
        if (after.isOpen()) {
            return;
        }
        ChatReplies.Reply reply = ChatReplies.of(after, desk.cognition().turn(agent, after), desk.now());
        send(agent, after.runId(), reply, StreamTail.traceparent(agent, after));
        metrics.runEnded(String.valueOf(outcome(after)));
        if (after.turn() >= 0 && !(after.state() instanceof RunState.Cancelled)) {
            metrics.replied(after.spec().requestedAt(), desk.now());
        }
        boolean hadBegun = begun.remove(id(agent, after.runId()));
        if (place == null || hadBegun) {
            ready.release(agent);
        } else {
            unoffer(place);
        }
        offerHead(agent, after.threadId());
    }

    @Override
    public void folded(String agent, MindEvent event, Folded folded) {
        switch (folded) {
            case Folded.Ignored _
            when event.body() instanceof RunOpened && event.lane() == Lane.CHAT -> notOpened(agent, event);
            case Folded.Deleted(List<Run> open) -> deleted(agent, open);
            case Folded.Faulted(String reason, List<Run> open) -> faulted(agent, reason, open);
            case Folded.Ignored _,
                    Folded.RunMoved _,
                    Folded.Raised _,
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
        Place place = waiting.remove(agent, String.valueOf(event.runId()));
        if (begun.remove(id(agent, String.valueOf(event.runId())))) {
            ready.release(agent);
        }
        if (place != null) {
            unoffer(place);
            offerHead(agent, place.threadId());
        }
    }

    /** Open runs are gone from memory and answered here; waiting ones are told to the log, for one may be opening. */
    private void deleted(String agent, List<Run> open) {
        for (Run run : open) {
            if (run.lane() == Lane.CHAT) {
                Run cancelled = run.ended(new RunState.Cancelled("the agent was deleted"));
                send(
                        agent,
                        run.runId(),
                        ChatReplies.of(cancelled, null, desk.now()),
                        StreamTail.traceparent(agent, run));
                metrics.runEnded(String.valueOf(outcome(cancelled)));
                begun.remove(id(agent, run.runId()));
                ready.release(agent);
            }
        }
        waiting.ofAgent(agent)
                .forEach(place -> cancel(agent, place.threadId(), place.runId(), "the agent was deleted"));
    }

    private void faulted(String agent, String reason, List<Run> open) {
        for (Run run : open) {
            if (run.lane() == Lane.CHAT) {
                refuse(agent, run.threadId(), run.runId(), ErrorCode.INTERNAL, reason, null);
                begun.remove(id(agent, run.runId()));
                ready.release(agent);
            }
        }
        for (Place place : waiting.ofAgent(agent)) {
            refuse(agent, place.threadId(), place.runId(), ErrorCode.INTERNAL, reason, null);
            desk.withdraw(agent, Events.expiryId(place.runId()));
            desk.withdraw(agent, Events.openedId(place.runId()));
            waiting.remove(agent, place.runId());
            unoffer(place);
            if (begun.remove(id(agent, place.runId()))) {
                ready.release(agent);
            }
        }
    }

    // ---- admission

    @Override
    public void recovered() {
        owner = true;
        for (Place head : waiting.heads()) {
            if (desk.isPending(head.agentId(), Events.openedId(head.runId()))) {
                begun.add(id(head.agentId(), head.runId()));
                ready.hold(head.agentId());
            } else {
                offerHead(head.agentId(), head.threadId());
            }
        }
    }

    @Override
    public void admit() {
        while (begun.size() < 2 * lane.maxInFlight()) {
            Place place = ready.poll();
            if (place == null) {
                return;
            }
            offered.remove(id(place.agentId(), place.runId()));
            WaitingRun run = waiting.load(place);
            if (run == null
                    || desk.cognition()
                                    .thread(place.agentId(), place.threadId())
                                    .activeRun()
                            != null) {
                ready.release(place.agentId());
            } else {
                begun.add(id(place.agentId(), place.runId()));
                desk.append(place.agentId(), events.opened(run.runId(), run.threadId(), run.opened()), 0);
            }
        }
    }

    /** The thread's oldest run may begin if nothing of the thread is under way. */
    private void offerHead(String agent, String threadId) {
        Place head = owner ? waiting.head(agent, threadId) : null;
        if (head != null
                && !begun.contains(id(agent, head.runId()))
                && desk.cognition().thread(agent, threadId).activeRun() == null
                && offered.add(id(agent, head.runId()))) {
            ready.offer(agent, head);
        }
    }

    private void unoffer(Place place) {
        if (offered.remove(id(place.agentId(), place.runId()))) {
            ready.removeIf(place.agentId(), place::equals);
        }
    }

    // ---- answers

    private void refuse(
            String agent,
            @Nullable String threadId,
            String runId,
            ErrorCode code,
            String message,
            @Nullable Long retryAfterMs) {
        ChatReplies.Reply reply = ChatReplies.refused(threadId, runId, code, message, retryAfterMs, desk.now());
        send(agent, runId, reply, CloudEvents.traceparent(agent, runId));
        metrics.runEnded(code.id());
    }

    private void send(String agent, String runId, ChatReplies.Reply reply, String traceparent) {
        desk.send(
                ChatTopology.REPLIES_SINK,
                agent,
                reply.json(),
                CloudEvents.headers(
                        runId, "dev.noesis." + reply.type(), "noesis/chat", agent, desk.now(), traceparent));
    }

    private void duplicate(String agent, ChatRequest.Start start, String state, @Nullable String outcome) {
        ObjectNode value = Json.object().put("state", state);
        if (outcome != null) {
            value.put("outcome", outcome);
        }
        metrics.duplicate();
        custom(agent, start.threadId(), start.runId(), "noesis.duplicate", value);
    }

    private void custom(String agent, String threadId, String runId, String name, ObjectNode value) {
        ObjectNode body = Json.object().put("name", name);
        body.set("value", value);
        desk.publish(new StreamEvent(
                "CUSTOM", agent, threadId, runId, null, null, null, CloudEvents.traceparent(agent, runId), body));
    }

    private static String state(Run run) {
        return switch (run.state()) {
            case RunState.Thinking _ -> "thinking";
            case RunState.Waiting _ -> "waiting";
            case RunState.Acting _ -> "acting";
            case RunState.Ended _ -> "ended";
        };
    }

    /** {@code success}, {@code cancelled} or an error's code; null while the run is open. */
    private static @Nullable String outcome(Run run) {
        return switch (run.state()) {
            case RunState.Finished _ -> "success";
            case RunState.Cancelled _ -> "cancelled";
            case RunState.Failed(ErrorCode code, String _) -> code.id();
            case RunState.Open _ -> null;
        };
    }

    private static String id(String agent, String runId) {
        return agent + "\0" + runId;
    }
}
