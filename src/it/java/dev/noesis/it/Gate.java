package dev.noesis.it;

import dev.noesis.config.LlmTarget;
import dev.noesis.llm.ForwardingListener;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.model.Lane;
import dev.noesis.worker.Worker;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps calls in flight until so many are at once: each call's end is held back until that many have begun, however slow the
 * machine is. After that the gate stays open.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class Gate implements Worker.Clients {
    private final int opensAt;
    private final List<Runnable> held = new ArrayList<>();
    private int begun;

    Gate(int opensAt) {
        this.opensAt = opensAt;
    }

    @Override
    public LlmClient start(Lane lane, LlmTarget target) {
        LlmClient client = new NettyLlmClient(lane.id(), target.llm());
        return new LlmClient() {
            @Override
            public LlmCall start(LlmRequest request, LlmListener listener) {
                LlmCall call = client.start(request, new Held(listener));
                began();
                return call;
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    /** How many calls have begun. */
    synchronized int begun() {
        return begun;
    }

    private void began() {
        List<Runnable> released;
        synchronized (this) {
            begun++;
            if (begun < opensAt) {
                return;
            }
            released = List.copyOf(held);
            held.clear();
        }
        released.forEach(Runnable::run);
    }

    private void end(Runnable end) {
        synchronized (this) {
            if (begun < opensAt) {
                held.add(end);
                return;
            }
        }
        end.run();
    }

    /** All but the end passes at once. */
    private final class Held extends ForwardingListener {
        Held(LlmListener listener) {
            super(listener);
        }

        @Override
        public void onEnd(LlmOutcome outcome) {
            end(() -> super.onEnd(outcome));
        }
    }
}
