package dev.noesis.llm;

/**
 * Hears a call. All methods are called in order by one thread at a time, mostly an event loop: they must return at once
 * and never throw. {@link #onEnd} is the last.
 */
public interface LlmListener {
    /**
     * What the response's headers announce of rate limits, before all else of it; also where the response is an error. Not
     * called where they announce none.
     */
    default void onRateLimits(RateLimits limits) {}

    /** A piece of the answer's text, never empty. */
    void onText(String delta);

    /** A piece of the model's visible reasoning, never empty. */
    void onReasoning(String delta);

    /** The model begins to ask for a tool; {@code index} is the content block's, unique in the call. */
    void onToolStart(int index, String id, String name);

    /** A piece of that tool call's JSON arguments, never empty. */
    void onToolArguments(int index, String delta);

    /** The arguments of that tool call are complete. */
    void onToolEnd(int index);

    /** The call is over. */
    void onEnd(LlmOutcome outcome);
}
