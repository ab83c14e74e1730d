package dev.noesis.bench.llm;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.LlmConfig;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.model.Message;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Ours, as a worker uses it: with all limits on, and one event loop. */
final class NoesisPeer implements Peer {
    private static final long CALL_LIMIT_MS = Duration.ofMinutes(10).toMillis();

    private final NettyLlmClient client;

    NoesisPeer(Settings settings) {
        String silence = Long.toString(settings.silence().toMillis());
        LlmConfig config = ConfigLoader.load(Map.of(
                        "bootstrap.servers",
                        "none:1",
                        "llm.base.url",
                        settings.server().toString(),
                        "llm.connections",
                        Integer.toString(settings.streams()),
                        "llm.first.byte.timeout.ms",
                        silence,
                        "llm.idle.timeout.ms",
                        silence,
                        "llm.progress.timeout.ms",
                        silence))
                .chat()
                .llm();
        client = new NettyLlmClient("bench", config);
    }

    @Override
    public void ask(String model, Ear ear) {
        client.start(
                new LlmRequest(
                        "bench",
                        model,
                        Settings.MAX_TOKENS,
                        "",
                        List.of(Message.user("m", Settings.PROMPT)),
                        List.of(),
                        new LlmRequest.ToolChoice.Auto(),
                        CALL_LIMIT_MS),
                new Heard(ear));
    }

    @Override
    public void close() {
        client.close();
    }

    /** Passes on what we hear; also what the peers that share our parser hear. */
    static final class Heard implements LlmListener {
        private final Ear ear;

        Heard(Ear ear) {
            this.ear = ear;
        }

        @Override
        public void onText(String delta) {
            ear.text(delta);
        }

        @Override
        public void onReasoning(String delta) {}

        @Override
        public void onToolStart(int index, String id, String name) {}

        @Override
        public void onToolArguments(int index, String delta) {}

        @Override
        public void onToolEnd(int index) {}

        @Override
        public void onEnd(LlmOutcome outcome) {
            ear.end(
                    switch (outcome) {
                        case LlmOutcome.Completed c -> null;
                        case LlmOutcome.Failed failed -> failed.failure().cause();
                        case LlmOutcome.Cancelled c -> "cancelled";
                    });
        }
    }
}
