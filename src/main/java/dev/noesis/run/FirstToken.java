package dev.noesis.run;

import dev.noesis.llm.ForwardingListener;
import dev.noesis.llm.LlmListener;
import java.util.concurrent.atomic.AtomicBoolean;

/** Passes everything on, and tells once when the first piece of an answer has come. */
final class FirstToken extends ForwardingListener {
    private final AtomicBoolean told;
    private final Runnable first;

    /** @param told shared by the attempts of a call: only the first that says something counts */
    FirstToken(LlmListener listener, AtomicBoolean told, Runnable first) {
        super(listener);
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
        super.onText(delta);
    }

    @Override
    public void onReasoning(String delta) {
        spoke();
        super.onReasoning(delta);
    }

    @Override
    public void onToolStart(int index, String id, String name) {
        spoke();
        super.onToolStart(index, id, name);
    }
}
