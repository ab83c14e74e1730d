package dev.noesis.run;

import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Effects that are done by nobody: the test sees what was handed over, and says what came of it. */
public final class CrashableEffects implements Effects {
    /** An event handed over to be appended. */
    public record Appended(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey) {}

    /** A model call handed over. */
    public record Called(Tenure tenure, ModelCall call, long delayMs) {}

    /** A tool call handed over. */
    public record Tooled(Tenure tenure, ToolCall call) {}

    public final List<MindEvent> announced = new ArrayList<>();
    public final List<Appended> appended = new ArrayList<>();
    public final List<Called> called = new ArrayList<>();
    public final List<Tooled> tooled = new ArrayList<>();
    public final List<Effect.Republish> republished = new ArrayList<>();
    public final List<StreamEvent> published = new ArrayList<>();
    public final List<String> cancelled = new ArrayList<>();
    public final List<Tenure> handedOver = new ArrayList<>();
    public final List<Tenure> abandoned = new ArrayList<>();

    /** Appends whose time has not come, by effect. */
    public final Map<String, Appended> delayed = new LinkedHashMap<>();

    /** Model calls that go on, by effect. */
    public final Map<String, Called> inFlight = new LinkedHashMap<>();

    /** Tool calls that go on, by effect. */
    public final Map<String, Tooled> acting = new LinkedHashMap<>();

    @Override
    public void announce(int partition, MindEvent event) {
        announced.add(event);
    }

    @Override
    public void append(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey) {
        Appended append = new Appended(tenure, agentId, event, delayMs, effectKey);
        appended.add(append);
        if (delayMs > 0) {
            delayed.put(effectKey, append);
        }
    }

    @Override
    public void callModel(Tenure tenure, ModelCall call, long delayMs) {
        called.add(new Called(tenure, call, delayMs));
        inFlight.put(call.effectKey(), called.getLast());
    }

    @Override
    public void callTool(Tenure tenure, ToolCall call, long delayMs) {
        tooled.add(new Tooled(tenure, call));
        acting.put(call.effectKey(), tooled.getLast());
    }

    @Override
    public void republish(Tenure tenure, Effect.Republish republish) {
        republished.add(republish);
    }

    @Override
    public void publish(int partition, StreamEvent event) {
        published.add(event);
    }

    @Override
    public void cancel(String effectKey) {
        cancelled.add(effectKey);
        delayed.remove(effectKey);
        inFlight.remove(effectKey);
        acting.remove(effectKey);
    }

    @Override
    public void handOver(Tenure tenure) {
        handedOver.add(tenure);
    }

    @Override
    public void abandon(Tenure tenure) {
        abandoned.add(tenure);
        delayed.values().removeIf(append -> append.tenure() == tenure);
    }

    /** A name for one more model call under that tenure. */
    public static Attempt attempt(Tenure tenure) {
        return tenure.nextAttempt();
    }
}
