package dev.noesis.run;

import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import java.util.concurrent.atomic.AtomicBoolean;

/** Passes everything on, and tells once when the first piece of an answer has come. */
final class FirstToken implements LlmListener {
    private final LlmListener listener;
    private final AtomicBoolean told;
    private final Runnable first;

    /** @param told shared by the attempts of a call: only the first that says something counts */
    FirstToken(LlmListener listener, AtomicBoolean told, Runnable first) {
        this.listener = listener;
        this.told = told;
        this.first = first;
    }

    private void spoke() {
        // read before written: this is on the way of every token
        if (!told.get() && told.compareAndSet(false, true)) {
            first.run();
        }
    }

    @Override
    public void onText(String delta) {
        spoke();
        listener.onText(delta);
    }

    @Override
    public void onReasoning(String delta) {
        spoke();
        listener.onReasoning(delta);
    }

    @Override
    public void onToolStart(int index, String id, String name) {
        spoke();
        listener.onToolStart(index, id, name);
    }

    @Override
    public void onToolArguments(int index, String delta) {
        listener.onToolArguments(index, delta);
    }

    @Override
    public void onToolEnd(int index) {
        listener.onToolEnd(index);
    }

    @Override
    public void onEnd(LlmOutcome outcome) {
        listener.onEnd(outcome);
    }
}
