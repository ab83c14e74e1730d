package dev.noesis.telemetry;

import dev.noesis.model.Lane;
import dev.noesis.model.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What a lane's model calls count.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
public final class ModelMetrics {
    /** How a call ended. */
    public enum Ended {
        COMPLETED,
        FAILED,
        CANCELLED
    }

    private final LaneMeters meters;
    private final Timer firstToken;
    private final Map<Ended, Timer> calls = new EnumMap<>(Ended.class);
    private final Counter input;
    private final Counter output;
    private final Counter cacheRead;
    private final Counter cacheWrite;

    public ModelMetrics(MeterRegistry registry, Lane lane) {
        meters = new LaneMeters(registry, lane);
        firstToken = meters.timer(Metric.RUN_FIRST_TOKEN);
        for (Ended ended : Ended.values()) {
            calls.put(
                    ended,
                    meters.timer(Metric.MODEL_CALL, "outcome", ended.name().toLowerCase(Locale.ROOT)));
        }
        input = meters.counter(Metric.MODEL_TOKENS, "kind", "input");
        output = meters.counter(Metric.MODEL_TOKENS, "kind", "output");
        cacheRead = meters.counter(Metric.MODEL_TOKENS, "kind", "cache_read");
        cacheWrite = meters.counter(Metric.MODEL_TOKENS, "kind", "cache_write");
    }

    /** Counts nothing. */
    public static ModelMetrics none() {
        return new ModelMetrics(new CompositeMeterRegistry(), Lane.CHAT);
    }

    /**
     * The first piece of a run's answer came.
     *
     * @param requestedAt append time of the run's request, epoch milliseconds, by the broker's clock
     * @param now epoch milliseconds, by ours; a difference below 0 counts as 0
     */
    public void firstToken(long requestedAt, long now) {
        firstToken.record(Duration.ofMillis(Math.max(0, now - requestedAt)));
    }

    /** A call ended, and that is what it was charged. */
    public void ended(Ended how, Duration took, Usage usage) {
        Objects.requireNonNull(calls.get(how), "each has its timer").record(took);
        input.increment((double) usage.inputTokens());
        output.increment((double) usage.outputTokens());
        cacheRead.increment((double) usage.cacheReadTokens());
        cacheWrite.increment((double) usage.cacheWriteTokens());
    }

    /** A call failed and will be made again. {@code cause} is one of a few words. */
    public void retried(String cause) {
        meters.counter(Metric.MODEL_RETRIES, "cause", cause).increment();
    }

    /** A call goes on to that model. {@code cause} is as of {@link #retried}, or one more word. */
    public void fellBack(String target, String cause) {
        meters.counter(Metric.MODEL_FALLBACKS, Metric.TARGET, target, "cause", cause)
                .increment();
    }
}
