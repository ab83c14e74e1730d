package dev.noesis.run;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.model.Attempt;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One attempt's stream of events. Deltas gather here between two writes, so that a stream costs a record per interval and
 * not one per token; the first delta leaves at once.
 *
 * <p><b>Threading.</b> The model client calls the listener's methods, the {@link EventPublisher}'s thread calls
 * {@link #drain}; a lock that is held for a few instructions stands between them. The call is paused and resumed under it, which
 * by {@link LlmCall}'s contract returns at once.
 */
final class EventStream implements LlmListener {
    /** More than this waiting to be written stops the connection from being read. */
    private static final int HIGH_MARK = 64 * 1024;

    /** Hears that the attempt is over and all its events are written. */
    interface Ended {
        /** @param nextSeq the first sequence number not used */
        void ended(LlmOutcome outcome, long nextSeq);
    }

    private sealed interface Piece {
        record Fixed(String type, ObjectNode body) implements Piece {}

        record Delta(String type, String idField, String id, StringBuilder text) implements Piece {}
    }

    private final EventPublisher publisher;
    private final int partition;
    private final Effects.ModelCall call;
    private final Attempt attempt;
    private final Ended whenEnded;
    private final String messageId;
    private final String reasoningId;
    private final List<Piece> waiting = new ArrayList<>();
    private final List<@Nullable String> toolIds = new ArrayList<>();
    private final Set<String> openMessages = new HashSet<>();
    private int waitingChars;
    private boolean scheduled;
    private boolean paused;
    private @Nullable LlmCall reading;
    /** How the attempt ended; null before, and once the publisher's thread knows. */
    private @Nullable LlmOutcome outcome;

    /** Only the publisher's thread uses these three. */
    private long seq;

    private boolean wrote;
    /** When the last delta was; {@link System#nanoTime}. */
    private long writtenAt;

    EventStream(EventPublisher publisher, int partition, Effects.ModelCall call, Attempt attempt, Ended whenEnded) {
        this.publisher = publisher;
        this.partition = partition;
        this.call = call;
        this.attempt = attempt;
        this.whenEnded = whenEnded;
        this.messageId = call.runId() + "/" + call.step();
        this.reasoningId = messageId + "/reasoning";
    }

    Attempt attempt() {
        return attempt;
    }

    int partition() {
        return partition;
    }

    /** How long what waits is to wait yet, where deltas are written at that interval; 0 or less for no longer. */
    long waitNanos(long intervalNanos) {
        return wrote ? writtenAt + intervalNanos - System.nanoTime() : 0;
    }

    /** The call that feeds this stream, so that it can be slowed down. */
    synchronized void readFrom(LlmCall llmCall) {
        reading = llmCall;
        if (paused) {
            llmCall.pause();
        }
    }

    void begin() {
        if (call.step() == 0) {
            ObjectNode started = Json.object();
            if (call.parentRunId() != null) {
                started.put("parentRunId", call.parentRunId());
            }
            fixed("RUN_STARTED", started);
        }
        fixed("STEP_STARTED", Json.object().put("stepName", stepName(call.step())));
    }

    static String stepName(int step) {
        return "step-" + step;
    }

    @Override
    public void onText(String delta) {
        if (opens("text")) {
            fixed(
                    "TEXT_MESSAGE_START",
                    Json.object().put("messageId", messageId).put("role", "assistant"));
        }
        delta("TEXT_MESSAGE_CONTENT", "messageId", messageId, delta);
    }

    @Override
    public void onReasoning(String delta) {
        if (opens("reasoning")) {
            fixed(
                    "REASONING_MESSAGE_START",
                    Json.object().put("messageId", reasoningId).put("role", "reasoning"));
        }
        delta("REASONING_MESSAGE_CONTENT", "messageId", reasoningId, delta);
    }

    @Override
    public void onToolStart(int index, String id, String name) {
        synchronized (this) {
            while (toolIds.size() <= index) {
                toolIds.add(null);
            }
            toolIds.set(index, id);
        }
        fixed(
                "TOOL_CALL_START",
                Json.object().put("toolCallId", id).put("toolCallName", name).put("parentMessageId", messageId));
    }

    @Override
    public void onToolArguments(int index, String delta) {
        delta("TOOL_CALL_ARGS", "toolCallId", toolId(index), delta);
    }

    @Override
    public void onToolEnd(int index) {
        fixed("TOOL_CALL_END", Json.object().put("toolCallId", toolId(index)));
    }

    @Override
    public void onEnd(LlmOutcome end) {
        if (end instanceof LlmOutcome.Completed) {
            finish("reasoning", "REASONING_MESSAGE_END", reasoningId);
            finish("text", "TEXT_MESSAGE_END", messageId);
        }
        synchronized (this) {
            outcome = end;
            scheduled = true;
        }
        publisher.schedule(this);
    }

    /** Whether the attempt is over: then nothing is gained by waiting for the interval to pass. */
    synchronized boolean isOver() {
        return outcome != null;
    }

    /** Writes what waits. Publisher's thread only. */
    void drain(long now) {
        List<Piece> pieces;
        LlmOutcome end;
        synchronized (this) {
            pieces = List.copyOf(waiting);
            waiting.clear();
            waitingChars = 0;
            scheduled = false;
            end = outcome;
            outcome = null;
        }
        try {
            for (Piece piece : pieces) {
                publisher.write(partition, event(piece), now);
                if (piece instanceof Piece.Delta) {
                    // What is said before the first delta does not hold it back.
                    wrote = true;
                    writtenAt = System.nanoTime();
                }
            }
        } finally {
            // Also where an event cannot be encoded: the call holds a permit, and its run waits.
            if (end != null) {
                whenEnded.ended(end, seq);
            }
            resume();
        }
    }

    /**
     * Reads on. Like {@link #pause} under the lock: what the call hears last is what counts here. Were a pause to come to it
     * behind the resume that answers it, nobody would ever read on.
     */
    private synchronized void resume() {
        if (paused) {
            paused = false;
            if (reading != null) {
                reading.resume();
            }
        }
    }

    private synchronized void pause() {
        if (!paused) {
            paused = true;
            if (reading != null) {
                reading.pause();
            }
        }
    }

    private StreamEvent event(Piece piece) {
        return switch (piece) {
            case Piece.Fixed(String type, ObjectNode body) -> event(type, body);
            case Piece.Delta(String type, String idField, String id, StringBuilder text) ->
                event(type, Json.object().put(idField, id).put("delta", text.toString()));
        };
    }

    private StreamEvent event(String type, ObjectNode body) {
        return new StreamEvent(
                type,
                call.agentId(),
                call.threadId(),
                call.runId(),
                call.step(),
                attempt,
                seq++,
                call.traceparent(),
                body);
    }

    /** Whether it is the first piece of that message. */
    private synchronized boolean opens(String message) {
        return openMessages.add(message);
    }

    private void finish(String message, String type, String id) {
        boolean wasOpen;
        synchronized (this) {
            wasOpen = openMessages.remove(message);
        }
        if (wasOpen) {
            fixed(type, Json.object().put("messageId", id));
        }
    }

    private void fixed(String type, ObjectNode body) {
        synchronized (this) {
            waiting.add(new Piece.Fixed(type, body));
        }
        schedule();
    }

    private void delta(String type, String idField, String id, String text) {
        synchronized (this) {
            if (!waiting.isEmpty()
                    && waiting.getLast() instanceof Piece.Delta last
                    && last.type().equals(type)
                    && last.id().equals(id)) {
                last.text().append(text);
            } else {
                waiting.add(new Piece.Delta(type, idField, id, new StringBuilder(text)));
            }
            waitingChars += text.length();
            if (waitingChars > HIGH_MARK) {
                pause();
            }
        }
        schedule();
    }

    private void schedule() {
        synchronized (this) {
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        publisher.schedule(this);
    }

    private synchronized String toolId(int index) {
        String id = index < toolIds.size() ? toolIds.get(index) : null;
        return id == null ? "" : id;
    }
}
