package dev.noesis.bench.llm;

import com.openai.client.OpenAIClientAsync;
import com.openai.client.okhttp.OpenAIOkHttpClientAsync;
import com.openai.core.Timeout;
import com.openai.core.http.AsyncStreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.util.Optional;

/** That provider's own client, asynchronous, on chat completions. */
final class OpenAiPeer implements Peer {
    private final OpenAIClientAsync client;

    OpenAiPeer(Settings settings) {
        client = OpenAIOkHttpClientAsync.builder()
                .baseUrl(settings.server() + "/v1")
                .apiKey(Settings.KEY)
                .maxRetries(0)
                .timeout(Timeout.builder().read(settings.silence()).build())
                .build();
    }

    @Override
    public void ask(String model, Ear ear) {
        ChatCompletionCreateParams request = ChatCompletionCreateParams.builder()
                .model(model)
                .maxCompletionTokens(Settings.MAX_TOKENS)
                .addUserMessage(Settings.PROMPT)
                .build();
        var _ = client.chat().completions().createStreaming(request).subscribe(new AsyncStreamResponse.Handler<>() {
            @Override
            public void onNext(ChatCompletionChunk chunk) {
                for (ChatCompletionChunk.Choice choice : chunk.choices()) {
                    choice.delta().content().ifPresent(ear::text);
                }
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
