package dev.noesis.worker;

import dev.noesis.llm.ForwardingListener;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.Metric;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures a client's calls from outside: how long until the first piece, how long per token, how they end.
 *
 * <p><b>Threading.</b> As {@link LlmClient}.
 */
final class MeasuredClient implements LlmClient {
    private final LlmClient client;
    private final LaneMeters meters;
    private final LongSupplier nanoTime;
    private final Timer firstToken;
    private final Timer perToken;

    MeasuredClient(LlmClient client, LaneMeters meters, LongSupplier nanoTime) {
        this.client = client;
        this.meters = meters;
        this.nanoTime = nanoTime;
        firstToken = meters.timer(Metric.MODEL_FIRST_TOKEN);
        perToken = meters.timer(Metric.MODEL_OUTPUT_TOKEN);
    }

    @Override
    public LlmCall start(LlmRequest request, LlmListener listener) {
        return client.start(request, new Watching(listener, nanoTime.getAsLong()));
    }

    @Override
    public void close() {
        client.close();
    }

    private static String kind(LlmOutcome outcome) {
        return switch (outcome) {
            case LlmOutcome.Completed _ -> "completed";
            case LlmOutcome.Cancelled _ -> "cancelled";
            case LlmOutcome.Failed failed -> failed.failure().cause();
        };
    }

    private final class Watching extends ForwardingListener {
        private final long began;
        private long first;
        private boolean spoke;

        Watching(LlmListener listener, long began) {
            super(listener);
            this.began = began;
        }

        @Override
        public void onText(String delta) {
            piece();
            super.onText(delta);
        }

        @Override
        public void onReasoning(String delta) {
            piece();
            super.onReasoning(delta);
        }

        @Override
        public void onToolStart(int index, String id, String name) {
            piece();
            super.onToolStart(index, id, name);
        }

        @Override
        public void onEnd(LlmOutcome outcome) {
            meters.counter(Metric.MODEL_CALLS_ENDED, "kind", kind(outcome)).increment();
            long tokens = outcome.usage().outputTokens();
            // the first token came with the first piece; a stream that was cut says too little about its pace
            if (outcome instanceof LlmOutcome.Completed && spoke && tokens > 1) {
                perToken.record((nanoTime.getAsLong() - first) / (tokens - 1), TimeUnit.NANOSECONDS);
            }
            super.onEnd(outcome);
        }

        private void piece() {
            if (!spoke) {
                spoke = true;
                first = nanoTime.getAsLong();
                firstToken.record(first - began, TimeUnit.NANOSECONDS);
            }
        }
    }
}
