package dev.noesis.llm.anthropic;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.WireFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The Anthropic Messages API. */
public final class MessagesFormat implements WireFormat {
    private static final String PATH = "/v1/messages";
    private static final int MAX_BODY_BYTES = 32_000_000;
    /** From this version on, sampling parameters are answered 400, even where they have their default. */
    private static final String WITHOUT_SAMPLING = "2026-10-21";

    private final String version;
    private final RequestConfig config;

    /** @param version of the API: a date, as the header {@code anthropic-version} has it */
    public MessagesFormat(String version, RequestConfig config) {
        this.version = version;
        this.config = config;
    }

    @Override
    public String path() {
        return Objects.requireNonNullElse(config.path(), PATH);
    }

    @Override
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("anthropic-version", version);
        if (!config.betas().isEmpty()) {
            headers.put("anthropic-beta", String.join(",", config.betas()));
        }
        return headers;
    }

    @Override
    public int maxBodyBytes() {
        return MAX_BODY_BYTES;
    }

    @Override
    public byte[] body(LlmRequest request) {
        // dates in this form compare as texts do
        return MessagesRequest.write(request, config, version.compareTo(WITHOUT_SAMPLING) < 0);
    }

    @Override
    public AnswerStream answer(LlmListener listener, int maxAnswerBytes, Function<String, @Nullable String> header) {
        return new MessagesStream(listener, maxAnswerBytes, header.apply("request-id"));
    }

    @Override
    public LlmFailure error(int status, Function<String, @Nullable String> header, byte[] body, long nowMs) {
        return ErrorResponse.of(status, header, body, nowMs);
    }
}
