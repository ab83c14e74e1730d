package dev.noesis.bench.llm;

import com.anthropic.client.AnthropicClientAsync;
import com.anthropic.client.okhttp.AnthropicOkHttpClientAsync;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.AsyncStreamResponse;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import java.util.Optional;

/** The provider's own client, asynchronous, as its README shows it; it leaves gathering the answer to its caller. */
final class AnthropicPeer implements Peer {
    private final AnthropicClientAsync client;

    AnthropicPeer(Settings settings) {
        client = AnthropicOkHttpClientAsync.builder()
                .baseUrl(settings.server().toString())
                .apiKey(Settings.KEY)
                .maxRetries(0)
                .timeout(Timeout.builder().read(settings.silence()).build())
                .build();
    }

    @Override
    public void ask(String model, Ear ear) {
        MessageCreateParams request = MessageCreateParams.builder()
                .model(model)
                .maxTokens(Settings.MAX_TOKENS)
                .addUserMessage(Settings.PROMPT)
                .build();
        var _ = client.messages().createStreaming(request).subscribe(new AsyncStreamResponse.Handler<>() {
            @Override
            public void onNext(RawMessageStreamEvent event) {
                event.contentBlockDelta()
                        .flatMap(delta -> delta.delta().text())
                        .ifPresent(text -> ear.text(text.text()));
            }

            @Override
            public void onComplete(Optional<Throwable> failure) {
                ear.end(failure.map(Failures::name).orElse(null));
            }
        });
    }

    @Override
    public void close() {
        client.close();
    }
}
