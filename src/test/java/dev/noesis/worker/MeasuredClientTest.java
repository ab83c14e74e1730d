package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.RecordingListener;
import dev.noesis.model.Lane;
import dev.noesis.model.Usage;
import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MeasuredClientTest {
    private static final LlmRequest REQUEST = null;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private long now = 5_000_000_000L;

    @Test
    void theFirstPieceIsMeasuredFromTheStartAndTheOthersPerToken() {
        RecordingListener heard = call(listener -> {
            pass(300);
            listener.onReasoning("hm");
            pass(40);
            listener.onText("Hello");
            pass(60);
            listener.onEnd(new LlmOutcome.Completed(List.of(), "end_turn", new Usage(3, 11, 0, 0), "m"));
        });

        assertThat(heard.heard()).containsExactly("reasoning:hm", "text:Hello");
        assertThat(heard.completed().stopReason()).isEqualTo("end_turn");
        assertThat(timer(Metric.MODEL_FIRST_TOKEN).totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(300);
        assertThat(timer(Metric.MODEL_OUTPUT_TOKEN).count()).isEqualTo(1);
        assertThat(timer(Metric.MODEL_OUTPUT_TOKEN).totalTime(TimeUnit.MILLISECONDS))
                .as("100 ms for the ten tokens after the first")
                .isEqualTo(10);
        assertThat(ended("completed")).isEqualTo(1);
    }

    @Test
    void aCallThatSaidNothingHasNoFirstTokenAndItsEndIsCountedByItsKind() {
        call(listener -> listener.onEnd(failed(LlmFailure.of(LlmFailure.Kind.IDLE_TIMEOUT, "silent"))));
        call(listener ->
                listener.onEnd(failed(new LlmFailure(LlmFailure.Kind.HTTP_STATUS, "", 529, null, null, null))));
        call(listener -> listener.onEnd(new LlmOutcome.Cancelled(Usage.NONE)));

        assertThat(timer(Metric.MODEL_FIRST_TOKEN).count()).isZero();
        assertThat(timer(Metric.MODEL_OUTPUT_TOKEN).count()).isZero();
        assertThat(List.of(ended("idle_timeout"), ended("http_529"), ended("cancelled")))
                .containsOnly(1.0);
    }

    @Test
    void aStreamThatWasCutHasAFirstTokenAndNoPace() {
        call(listener -> {
            listener.onToolStart(0, "t1", "recall");
            pass(1_000);
            listener.onEnd(new LlmOutcome.Failed(
                    LlmFailure.of(LlmFailure.Kind.STREAM_CUT, "cut"), new Usage(3, 100, 0, 0), true));
        });

        assertThat(timer(Metric.MODEL_FIRST_TOKEN).count()).isEqualTo(1);
        assertThat(timer(Metric.MODEL_OUTPUT_TOKEN).count()).isZero();
    }

    private RecordingListener call(Consumer<LlmListener> model) {
        LlmClient client = new LlmClient() {
            @Override
            public LlmCall start(LlmRequest request, LlmListener listener) {
                model.accept(listener);
                return null;
            }

            @Override
            public void close() {}
        };
        RecordingListener heard = new RecordingListener();
        new MeasuredClient(client, new LaneMeters(registry, Lane.CHAT), () -> now).start(REQUEST, heard);
        return heard;
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private Timer timer(Metric metric) {
        return registry.get(metric.id()).tag("lane", "chat").timer();
    }

    private double ended(String kind) {
        Counter counter =
                registry.find(Metric.MODEL_CALLS_ENDED.id()).tag("kind", kind).counter();
        return counter == null ? 0 : counter.count();
    }

    private static LlmOutcome failed(LlmFailure failure) {
        return new LlmOutcome.Failed(failure, Usage.NONE, false);
    }
}
