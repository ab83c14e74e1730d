package dev.noesis.bench.load;

import dev.noesis.config.RunConfig;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Calls the model from this process, by the worker's client: no Kafka, nobody in between. */
final class DirectTarget implements Target {
    private record End(String runId, long at, boolean isAnswer) {}

    private final LlmClient client;
    private final LinkedBlockingQueue<End> ends = new LinkedBlockingQueue<>();
    /** Hears of each piece of an answer. */
    private volatile BiConsumer<String, Long> tokens = (_, _) -> {};

    DirectTarget(LlmClient client) {
        this.client = client;
    }

    void onToken(BiConsumer<String, Long> hears) {
        tokens = hears;
    }

    @Override
    public void send(String runId, int slot) {
        client.start(
                new LlmRequest(
                        runId,
                        "model",
                        8_192,
                        RunConfig.DEFAULT_SYSTEM_PROMPT,
                        List.of(Message.user("m", "say the alphabet")),
                        List.of(),
                        new LlmRequest.ToolChoice.Auto(),
                        60_000),
                new Listener(runId));
    }

    @Override
    public void poll(Duration limit, Ends hears) throws InterruptedException {
        End end = ends.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        while (end != null) {
            hears.ended(end.runId(), end.at(), end.isAnswer());
            end = ends.poll();
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private final class Listener implements LlmListener {
        private final String runId;
        private boolean spoke;

        Listener(String runId) {
            this.runId = runId;
        }

        @Override
        public void onText(String delta) {
            if (!spoke) {
                spoke = true;
                tokens.accept(runId, System.nanoTime());
            }
        }

        @Override
        public void onEnd(LlmOutcome outcome) {
            ends.add(new End(runId, System.nanoTime(), outcome instanceof LlmOutcome.Completed));
        }

        @Override
        public void onReasoning(String delta) {}

        @Override
        public void onToolStart(int index, String id, String name) {}

        @Override
        public void onToolArguments(int index, String delta) {}

        @Override
        public void onToolEnd(int index) {}
    }
}
