package dev.noesis.telemetry;

import dev.noesis.model.Lane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Makes the meters of one lane, each a {@link Metric} with the lane's tag.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
public final class LaneMeters {
    /** From a word's time to a long run's. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(2),
        Duration.ofMinutes(5),
        Duration.ofMinutes(10)
    };

    /** From what nobody notices to what everybody does. */
    private static final Duration[] FINE_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final MeterRegistry registry;
    private final Tags lane;

    public LaneMeters(MeterRegistry registry, Lane lane) {
        this(registry, Tags.of(Metric.LANE, lane.id()));
    }

    private LaneMeters(MeterRegistry registry, Tags lane) {
        this.registry = registry;
        this.lane = lane;
    }

    /** Meters of one of the models that the lane may ask. */
    public LaneMeters of(String target) {
        return new LaneMeters(registry, lane.and(Metric.TARGET, target));
    }

    /** Epoch milliseconds, by the registry's clock. */
    long now() {
        return registry.config().clock().wallTime();
    }

    /** @param tags names and values in turn, beside the lane's */
    public Counter counter(Metric metric, String... tags) {
        return Counter.builder(metric.id())
                .description(metric.meaning())
                .tags(lane.and(tags))
                .register(registry);
    }

    /**
     * A counter that something else keeps; it is read by whoever reads the metrics.
     *
     * @param keeper held weakly: somebody else must hold it for as long as it counts
     */
    public <T> void counter(Metric metric, T keeper, ToDoubleFunction<T> count) {
        FunctionCounter.builder(metric.id(), keeper, count)
                .description(metric.meaning())
                .tags(lane)
                .register(registry);
    }

    /** Read by whoever reads the metrics: it must touch nothing that belongs to one thread. */
    public void gauge(Metric metric, Supplier<Number> value, String... tags) {
        Gauge.builder(metric.id(), value)
                .description(metric.meaning())
                .baseUnit(metric.unit().isEmpty() ? null : metric.unit())
                .tags(lane.and(tags))
                .register(registry);
    }

    /** @param tags names and values in turn, beside the lane's */
    public Timer timer(Metric metric, String... tags) {
        return Timer.builder(metric.id())
                .description(metric.meaning())
                .serviceLevelObjectives(metric.kind() == Metric.Kind.FINE_TIMER ? FINE_BUCKETS : BUCKETS)
                .tags(lane.and(tags))
                .register(registry);
    }
}
