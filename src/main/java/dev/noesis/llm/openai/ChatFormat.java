package dev.noesis.llm.openai;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.Quote;
import dev.noesis.llm.wire.RetryHeaders;
import dev.noesis.llm.wire.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** OpenAI's chat completions. */
public final class ChatFormat implements WireFormat {
    private static final String PATH = "/v1/chat/completions";
    private static final String REQUEST_ID = "x-request-id";
    /** Servers differ, and few say what they take; this much none of them should mind. */
    private static final int MAX_BODY_BYTES = 32_000_000;

    private final RequestConfig config;

    public ChatFormat(RequestConfig config) {
        this.config = config;
    }

    @Override
    public String path() {
        return Objects.requireNonNullElse(config.path(), PATH);
    }

    @Override
    public Map<String, String> headers() {
        return Map.of();
    }

    @Override
    public int maxBodyBytes() {
        return MAX_BODY_BYTES;
    }

    @Override
    public byte[] body(LlmRequest request) {
        return ChatRequest.write(request, config);
    }

    @Override
    public AnswerStream answer(LlmListener listener, int maxAnswerBytes, Function<String, @Nullable String> header) {
        return new ChatStream(listener, maxAnswerBytes, header.apply(REQUEST_ID));
    }

    @Override
    public LlmFailure error(int status, Function<String, @Nullable String> header, byte[] body, long nowMs) {
        ApiError error = errorIn(body);
        RetryHeaders retry = RetryHeaders.of(header, nowMs);
        Boolean shouldRetry = retry.shouldRetry();
        if (shouldRetry == null && error != null && error.isFinal()) {
            shouldRetry = Boolean.FALSE;
        }
        return new LlmFailure(
                Kind.HTTP_STATUS,
                "HTTP " + status + ": " + (error == null ? words(body) : error.words()),
                status,
                retry.retryAfterMs(),
                shouldRetry,
                header.apply(REQUEST_ID));
    }

    private static @Nullable ApiError errorIn(byte[] body) {
        try {
            return ChunkReader.read(body, true).error();
        } catch (JacksonException notTheProviders) {
            return null;
        }
    }

    private static String words(byte[] body) {
        return body.length == 0
                ? "no body"
                : "not the provider's body: " + Quote.of(new String(body, StandardCharsets.UTF_8));
    }
}
