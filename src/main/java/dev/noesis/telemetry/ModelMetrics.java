package dev.noesis.telemetry;

import dev.noesis.model.Lane;
import dev.noesis.model.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a lane's model calls count, of each {@linkplain Metric#TARGET target} that the lane may ask.
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

    private final Map<String, Target> targets;

    /** @param targets by name; no other may be counted */
    public ModelMetrics(MeterRegistry registry, Lane lane, Collection<String> targets) {
        LaneMeters meters = new LaneMeters(registry, lane);
        this.targets = targets.stream()
                .collect(Collectors.toUnmodifiableMap(Function.identity(), name -> new Target(meters.of(name))));
    }

    /** Takes these targets, and counts nothing. */
    public static ModelMetrics none(String... targets) {
        return new ModelMetrics(new CompositeMeterRegistry(), Lane.CHAT, List.of(targets));
    }

    /**
     * The first piece of a run's answer came, from that model.
     *
     * @param requestedAt append time of the run's request, epoch milliseconds, by the broker's clock
     * @param now epoch milliseconds, by ours; a difference below 0 counts as 0
     */
    public void firstToken(String target, long requestedAt, long now) {
        of(target).firstToken.record(Duration.ofMillis(Math.max(0, now - requestedAt)));
    }

    /** A call of that model ended, and that is what it was charged. */
    public void ended(String target, Ended how, Duration took, Usage usage) {
        of(target).ended(how, took, usage);
    }

    /** A call of that model failed and will be made again. {@code cause} is one of a few words. */
    public void retried(String target, String cause) {
        of(target).retries.of(cause).increment();
    }

    /** A call goes on to that model. {@code cause} is as of {@link #retried}, or one more word. */
    public void fellBack(String target, String cause) {
        of(target).fallbacks.of(cause).increment();
    }

    private Target of(String target) {
        return Objects.requireNonNull(targets.get(target), target);
    }

    /** The meters of one model. */
    private static final class Target {
        private final Timer firstToken;
        private final Map<Ended, Timer> calls = new EnumMap<>(Ended.class);
        private final Counter input;
        private final Counter output;
        private final Counter cacheRead;
        private final Counter cacheWrite;
        private final ByCause retries;
        private final ByCause fallbacks;

        Target(LaneMeters meters) {
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
            retries = new ByCause(meters, Metric.MODEL_RETRIES);
            fallbacks = new ByCause(meters, Metric.MODEL_FALLBACKS);
        }

        void ended(Ended how, Duration took, Usage usage) {
            Objects.requireNonNull(calls.get(how), "each has its timer").record(took);
            input.increment((double) usage.inputTokens());
            output.increment((double) usage.outputTokens());
            cacheRead.increment((double) usage.cacheReadTokens());
            cacheWrite.increment((double) usage.cacheWriteTokens());
        }
    }

    /** Counters of one metric, each there from its cause's first time on. */
    private static final class ByCause {
        private final Map<String, Counter> counters = new ConcurrentHashMap<>();
        private final Function<String, Counter> made;

        ByCause(LaneMeters meters, Metric metric) {
            made = cause -> meters.counter(metric, "cause", cause);
        }

        Counter of(String cause) {
            return counters.computeIfAbsent(cause, made);
        }
    }
}
