package dev.noesis.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Lane;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LaneMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LaneMetrics metrics = new LaneMetrics(registry, Lane.CHAT);

    @Test
    void aLaneIsReadyWhenEveryAssignedPartitionIs() {
        metrics.taskStarted(0);
        metrics.taskStarted(1);
        metrics.taskReady(0);
        assertThat(metrics.isReady()).isFalse();
        metrics.taskReady(1);
        assertThat(metrics.isReady()).isTrue();

        metrics.taskStarted(1);
        assertThat(metrics.isReady()).as("it started anew").isFalse();
        metrics.taskStopped(1);
        assertThat(metrics.isReady()).isTrue();
    }

    @Test
    void aCounterThatSomethingElseKeepsIsReadForAsLongAsThatLives() {
        AtomicLong keeper = new AtomicLong(3);
        new LaneMeters(registry, Lane.CHAT).counter(Metric.STREAM_EVENTS_DROPPED, keeper, kept -> (double) kept.get());
        System.gc();
        keeper.set(5);

        assertThat(registry.get(Metric.STREAM_EVENTS_DROPPED.id())
                        .functionCounter()
                        .count())
                .isEqualTo(5);
    }

    @Test
    void metersAreTaggedWithTheirLane() {
        new LaneMetrics(registry, Lane.HEARTBEAT).duplicate();
        metrics.runEnded("success");
        metrics.runEnded("success");

        assertThat(registry.get("noesis.inputs.duplicate")
                        .tag("lane", "heartbeat")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("noesis.inputs.duplicate")
                        .tag("lane", "chat")
                        .counter()
                        .count())
                .isZero();
        assertThat(registry.get("noesis.runs.ended")
                        .tags("lane", "chat", "outcome", "success")
                        .counter()
                        .count())
                .isEqualTo(2);
    }
}
