package dev.noesis.llm.wire;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a provider is spoken to: what a request looks like, how the stream of an answer is read, what an error means.
 *
 * <p><b>Threading.</b> Immutable.
 */
public interface WireFormat {
    /** Behind the base URL's own path, with a slash at its start. */
    String path();

    /** What is sent with each request beside HTTP's own headers and the key; names in lower case. */
    Map<String, String> headers();

    /** The longest body that the provider takes, in bytes; {@link #body} does not check it. */
    int maxBodyBytes();

    /** The request as UTF-8 JSON, always for a streamed answer. */
    byte[] body(LlmRequest request);

    /**
     * A reader of one answer's events.
     *
     * @param listener hears the pieces; its {@code onEnd} is not called
     * @param maxAnswerBytes most bytes of the answer, as UTF-8
     * @param header the value of a response header by its lower-case name, or null
     */
    AnswerStream answer(LlmListener listener, int maxAnswerBytes, Function<String, @Nullable String> header);

    /**
     * What an answer with an error status says.
     *
     * @param header the value of a response header by its lower-case name, or null
     * @param body what was received of it; a gateway's may be anything, or empty
     * @param nowMs the moment of the answer, in milliseconds since the epoch
     */
    LlmFailure error(int status, Function<String, @Nullable String> header, byte[] body, long nowMs);
}
