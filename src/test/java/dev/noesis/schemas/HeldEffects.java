package dev.noesis.schemas;

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

/** Does nothing of what it is told, and keeps it for the test. One thread. */
final class HeldEffects implements Effects {
    /** What is to be appended to the log, under its key. */
    record Append(String key, MindEvent event) {}

    final Deque<Append> appends = new ArrayDeque<>();
    final Map<String, Append> delayed = new LinkedHashMap<>();
    final Deque<ModelCall> modelCalls = new ArrayDeque<>();
    final Deque<ToolCall> toolCalls = new ArrayDeque<>();
    final List<StreamEvent> published = new ArrayList<>();

    @Override
    public void announce(int partition, MindEvent event) {
        appends.add(new Append("~" + event.lane().id(), event));
    }

    @Override
    public void append(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey) {
        if (delayMs > 0) {
            delayed.put(effectKey, new Append(agentId, event));
        } else {
            appends.add(new Append(agentId, event));
        }
    }

    @Override
    public void callModel(Tenure tenure, ModelCall call, long delayMs) {
        modelCalls.add(call);
    }

    @Override
    public void callTool(Tenure tenure, ToolCall call) {
        toolCalls.add(call);
    }

    @Override
    public void republish(Tenure tenure, Effect.Republish republish) {
        throw new UnsupportedOperationException("there is one partition");
    }

    @Override
    public void publish(int partition, StreamEvent event) {
        published.add(event);
    }

    @Override
    public void cancel(String effectKey) {
        delayed.remove(effectKey);
    }

    @Override
    public void handOver(Tenure tenure) {
        // the test ends
    }

    @Override
    public void abandon(Tenure tenure) {
        // the test ends
    }
}
