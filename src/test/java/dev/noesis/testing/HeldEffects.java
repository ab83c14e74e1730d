package dev.noesis.testing;

import dev.noesis.model.MindEvent;
import dev.noesis.run.Effect;
import dev.noesis.run.Effects;
import dev.noesis.run.StreamEvent;
import dev.noesis.run.Tenure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Does nothing of what it is told, and keeps it for the test: what is still to be done stands in the queues, what was only
 * told in the lists.
 *
 * <p><b>Threading.</b> One thread.
 */
public final class HeldEffects implements Effects {
    /** What is to be appended to the log, under its key. */
    public record Append(String key, MindEvent event) {}

    /** What is to be appended after a while. */
    public record Delayed(Tenure tenure, Append append, long delayMs) {}

    /** A model call to be made after a while, which mostly is none. */
    public record Asked(Tenure tenure, ModelCall call, long delayMs) {}

    public final Deque<Append> appends = new ArrayDeque<>();
    public final Map<String, Delayed> delayed = new LinkedHashMap<>();
    public final Deque<Asked> modelCalls = new ArrayDeque<>();
    public final Deque<ToolCall> toolCalls = new ArrayDeque<>();
    /** How long each tool call was to wait, in milliseconds, by its effect. */
    public final Map<String, Long> toolDelays = new LinkedHashMap<>();

    public final Deque<Effect.Republish> republished = new ArrayDeque<>();
    public final List<StreamEvent> published = new ArrayList<>();
    public final List<Tenure> handedOver = new ArrayList<>();
    public final List<Tenure> abandoned = new ArrayList<>();

    @Override
    public void announce(int partition, MindEvent event) {
        appends.add(new Append("~" + event.lane().id(), event));
    }

    @Override
    public void append(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey) {
        Append append = new Append(agentId, event);
        if (delayMs > 0) {
            delayed.put(effectKey, new Delayed(tenure, append, delayMs));
        } else {
            appends.add(append);
        }
    }

    @Override
    public void callModel(Tenure tenure, ModelCall call, long delayMs) {
        modelCalls.add(new Asked(tenure, call, delayMs));
    }

    @Override
    public void callTool(Tenure tenure, ToolCall call, long delayMs) {
        toolCalls.add(call);
        toolDelays.put(call.effectKey(), delayMs);
    }

    @Override
    public void republish(Tenure tenure, Effect.Republish republish) {
        republished.add(republish);
    }

    @Override
    public void publish(int partition, StreamEvent event) {
        published.add(event);
    }

    /** An append that is due is on its way already, and cannot be ended. */
    @Override
    public void cancel(String effectKey) {
        delayed.remove(effectKey);
        modelCalls.removeIf(asked -> asked.call().effectKey().equals(effectKey));
        toolCalls.removeIf(call -> call.effectKey().equals(effectKey));
    }

    @Override
    public void handOver(Tenure tenure) {
        handedOver.add(tenure);
    }

    @Override
    public void abandon(Tenure tenure) {
        abandoned.add(tenure);
        delayed.values().removeIf(waiting -> waiting.tenure() == tenure);
        modelCalls.removeIf(asked -> asked.tenure() == tenure);
    }
}
