package dev.noesis.llm;

/**
 * Calls a language model and streams its answer. Each lane has its own.
 *
 * <p><b>Threading.</b> All methods may be called from any thread and never block, {@link #close()} excepted.
 */
public interface LlmClient extends AutoCloseable {
    /**
     * Starts one exchange with the model: one attempt, on one connection.
     *
     * <p>The listener's {@code onEnd} is called exactly once, whatever happens, and nothing after it. A client that is
     * closed ends the call at once with {@link LlmFailure.Kind#CLIENT_CLOSED}.
     */
    LlmCall start(LlmRequest request, LlmListener listener);

    /**
     * Cancels what is in flight (each call ends with {@code onEnd}), closes the connections and ends the event loops;
     * waits at most a few seconds for the last. Closing twice is harmless.
     */
    @Override
    void close();
}
