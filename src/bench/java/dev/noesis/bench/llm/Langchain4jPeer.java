package dev.noesis.bench.llm;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * langchain4j's Anthropic model over its JDK client, which is its default. Where the response's head comes quickly its
 * {@code chat} reads the whole stream on the caller's thread, so each call is made on a thread of its own.
 */
final class Langchain4jPeer implements Peer {
    private final AnthropicStreamingChatModel client;
    private final ExecutorService callers =
            Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());

    Langchain4jPeer(Settings settings) {
        client = AnthropicStreamingChatModel.builder()
                .httpClientBuilder(new JdkHttpClientBuilder())
                .baseUrl(settings.server() + "/v1")
                .apiKey(Settings.KEY)
                .modelName("none")
                .maxTokens(Settings.MAX_TOKENS)
                .timeout(settings.silence())
                .build();
    }

    @Override
    public void ask(String model, Ear ear) {
        ChatRequest request = ChatRequest.builder()
                .modelName(model)
                .messages(UserMessage.from(Settings.PROMPT))
                .build();
        callers.execute(() -> client.chat(request, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                ear.text(text);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                ear.end(null);
            }

            @Override
            public void onError(Throwable failure) {
                ear.end(Failures.name(failure));
            }
        }));
    }

    @Override
    public void close() {
        callers.shutdownNow();
    }
}
