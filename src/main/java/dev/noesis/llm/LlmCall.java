package dev.noesis.llm;

/** A call in flight. All methods may be called from any thread, return at once, and do nothing once the call has ended. */
public interface LlmCall {
    /** Ends the call by closing its connection; it ends with {@link LlmOutcome.Cancelled} unless it ended before. */
    void cancel();

    /** Stops reading from the connection, so that the model's server has to wait. Idle timers stand still meanwhile. */
    void pause();

    /** Reads on after {@link #pause()}. Of pauses and resumes the last one counts. */
    void resume();
}
