package dev.noesis.llm.netty;

import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RateLimits;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before a caller's listener: what it throws goes no further, after that it hears only the end, and the end it hears
 * exactly once.
 *
 * <p><b>Threading.</b> {@link #onEnd} from any thread, all else like {@link LlmListener}.
 */
final class GuardedListener implements LlmListener {
    private static final Logger LOG = LoggerFactory.getLogger(NettyLlmClient.class);

    private final String label;
    private final LlmListener listener;
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable Throwable thrown;

    GuardedListener(String label, LlmListener listener) {
        this.label = label;
        this.listener = listener;
    }

    /** What the listener threw; null while it did not. */
    @Nullable
    Throwable thrown() {
        return thrown;
    }

    @Override
    public void onRateLimits(RateLimits limits) {
        guard(() -> listener.onRateLimits(limits));
    }

    @Override
    public void onText(String delta) {
        guard(() -> listener.onText(delta));
    }

    @Override
    public void onReasoning(String delta) {
        guard(() -> listener.onReasoning(delta));
    }

    @Override
    public void onToolStart(int index, String id, String name) {
        guard(() -> listener.onToolStart(index, id, name));
    }

    @Override
    public void onToolArguments(int index, String delta) {
        guard(() -> listener.onToolArguments(index, delta));
    }

    @Override
    public void onToolEnd(int index) {
        guard(() -> listener.onToolEnd(index));
    }

    @Override
    public void onEnd(LlmOutcome outcome) {
        if (ended.compareAndSet(false, true)) {
            try {
                listener.onEnd(outcome);
            } catch (Throwable t) {
                log(t);
            }
        }
    }

    private void guard(Runnable call) {
        if (thrown == null) {
            try {
                call.run();
            } catch (Throwable t) {
                thrown = t;
                log(t);
            }
        }
    }

    private void log(Throwable t) {
        LOG.atError().setCause(t).addKeyValue("call", label).log("A listener of a model call threw; it must not");
    }
}
