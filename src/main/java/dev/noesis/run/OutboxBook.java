package dev.noesis.run;

import dev.noesis.telemetry.TaskMetrics;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Knows and counts what stands in an outbox, so that nobody has to look into its store: effects by kind, since when the oldest is due,
 * and the open runs by state, for each of them has in the outbox what it waits for. StreamThread only.
 */
final class OutboxBook {
    private static final Comparator<Line> OLDEST_FIRST =
            Comparator.comparingLong(Line::dueSince).thenComparing(Line::key);

    /** @param run whose state follows from this effect; null for none */
    private record Line(
            String key,
            TaskMetrics.Effects kind,
            long dueSince,
            @Nullable RunLine run) {}

    private record RunLine(TaskMetrics.Runs state, String id) {}

    private final TaskMetrics metrics;
    private final Map<String, Line> lines = new HashMap<>();
    private final TreeSet<Line> byAge = new TreeSet<>(OLDEST_FIRST);
    private final Map<TaskMetrics.Effects, Integer> kinds = new EnumMap<>(TaskMetrics.Effects.class);
    /** How many effects each run has, for one that acts may have several. */
    private final Map<TaskMetrics.Runs, Map<String, Integer>> runs = new EnumMap<>(TaskMetrics.Runs.class);

    OutboxBook(TaskMetrics metrics) {
        this.metrics = metrics;
    }

    /** @param now epoch milliseconds: what is not due later is due since now */
    void put(Effect effect, long now) {
        remove(effect.key());
        Line line = new Line(effect.key(), kind(effect), Math.max(effect.dueAt(), now), run(effect));
        lines.put(line.key(), line);
        byAge.add(line);
        kinds.merge(line.kind(), 1, Integer::sum);
        RunLine run = line.run();
        if (run != null) {
            runs.computeIfAbsent(run.state(), _ -> new HashMap<>()).merge(run.id(), 1, Integer::sum);
        }
        publish(line);
    }

    boolean contains(String key) {
        return lines.containsKey(key);
    }

    void remove(String key) {
        Line line = lines.remove(key);
        if (line == null) {
            return;
        }
        byAge.remove(line);
        kinds.merge(line.kind(), -1, Integer::sum);
        RunLine run = line.run();
        if (run != null) {
            runs.getOrDefault(run.state(), Map.of()).computeIfPresent(run.id(), (_, n) -> n == 1 ? null : n - 1);
        }
        publish(line);
    }

    private void publish(Line changed) {
        metrics.set(changed.kind(), kinds.getOrDefault(changed.kind(), 0));
        RunLine run = changed.run();
        if (run != null) {
            metrics.set(run.state(), runs.getOrDefault(run.state(), Map.of()).size());
        }
        metrics.oldestDueSince(byAge.isEmpty() ? Long.MAX_VALUE : byAge.first().dueSince());
    }

    private static TaskMetrics.Effects kind(Effect effect) {
        return switch (effect) {
            case Effect.Append _ -> TaskMetrics.Effects.APPEND;
            case Effect.CallModel _ -> TaskMetrics.Effects.MODEL;
            case Effect.CallTool _ -> TaskMetrics.Effects.TOOL;
            case Effect.Republish _ -> TaskMetrics.Effects.REPUBLISH;
        };
    }

    private static @Nullable RunLine run(Effect effect) {
        return switch (effect) {
            case Effect.CallModel call ->
                new RunLine(
                        call.dueAt() == 0 ? TaskMetrics.Runs.THINKING : TaskMetrics.Runs.WAITING,
                        call.agentId() + "\0" + call.runId());
            case Effect.CallTool call -> new RunLine(TaskMetrics.Runs.ACTING, call.agentId() + "\0" + call.runId());
            case Effect.Append _, Effect.Republish _ -> null;
        };
    }
}
