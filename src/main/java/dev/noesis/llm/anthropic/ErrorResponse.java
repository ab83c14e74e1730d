package dev.noesis.llm.anthropic;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.wire.Quote;
import dev.noesis.llm.wire.RetryHeaders;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Reads an answer whose status is not 200: the body where it is the provider's, and what the headers say about retrying. */
final class ErrorResponse {
    private ErrorResponse() {}

    /**
     * @param header the value of a response header by its lower-case name, or null
     * @param body what was received of it; a gateway's may be anything, or empty
     * @param nowMs the moment of the answer, in milliseconds since the epoch
     */
    static LlmFailure of(int status, Function<String, @Nullable String> header, byte[] body, long nowMs) {
        EventReader error = error(body);
        String requestId = header.apply("request-id");
        if (requestId == null && error != null) {
            requestId = error.requestId;
        }
        RetryHeaders retry = RetryHeaders.of(header, nowMs);
        return new LlmFailure(
                Kind.HTTP_STATUS,
                "HTTP " + status + ": " + words(error, body),
                status,
                retry.retryAfterMs(),
                retry.shouldRetry(),
                requestId);
    }

    private static @Nullable EventReader error(byte[] body) {
        try {
            EventReader read = EventReader.read(body);
            return read.errorType.isEmpty() && read.errorMessage.isEmpty() ? null : read;
        } catch (JacksonException notOurs) {
            return null;
        }
    }

    private static String words(@Nullable EventReader error, byte[] body) {
        if (error != null) {
            return error.errorType + ": " + Quote.of(error.errorMessage);
        }
        return body.length == 0
                ? "no body"
                : "not the provider's body: " + Quote.of(new String(body, StandardCharsets.UTF_8));
    }
}
