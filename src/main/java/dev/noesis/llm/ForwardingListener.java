package dev.noesis.llm;

/**
 * Tells another listener all that it hears: to be extended by who has something to add.
 *
 * <p><b>Threading.</b> Like {@link LlmListener}.
 */
public abstract class ForwardingListener implements LlmListener {
    private final LlmListener to;

    protected ForwardingListener(LlmListener to) {
        this.to = to;
    }

    @Override
    public void onRateLimits(RateLimits limits) {
        to.onRateLimits(limits);
    }

    @Override
    public void onText(String delta) {
        to.onText(delta);
    }

    @Override
    public void onReasoning(String delta) {
        to.onReasoning(delta);
    }

    @Override
    public void onToolStart(int index, String id, String name) {
        to.onToolStart(index, id, name);
    }

    @Override
    public void onToolArguments(int index, String delta) {
        to.onToolArguments(index, delta);
    }

    @Override
    public void onToolEnd(int index) {
        to.onToolEnd(index);
    }

    @Override
    public void onEnd(LlmOutcome outcome) {
        to.onEnd(outcome);
    }
}
