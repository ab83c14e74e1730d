package dev.noesis.run;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A model that answers when the test says so. */
final class FakeLlm implements LlmClient {
    static final Usage COST = new Usage(10, 5, 0, 0);

    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile Consumer<Call> onStart = _ -> {};
    private volatile boolean closed;

    /** A call, in flight until it is ended here. */
    static final class Call implements LlmCall {
        final LlmRequest request;
        final LlmListener listener;
        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile boolean answered;
        private volatile boolean cancelled;
        private volatile boolean paused;

        Call(LlmRequest request, LlmListener listener) {
            this.request = request;
            this.listener = listener;
        }

        String label() {
            return request.label();
        }

        boolean isCancelled() {
            return cancelled;
        }

        boolean isPaused() {
            return paused;
        }

        boolean wasAnswered() {
            return answered;
        }

        boolean isEnded() {
            return ended.get();
        }

        void answer(String text) {
            if (!text.isEmpty()) {
                listener.onText(text);
            }
            end(new LlmOutcome.Completed(List.of(new Content.Text(text)), "end_turn", COST, "model"));
        }

        void fail(LlmFailure failure) {
            end(new LlmOutcome.Failed(failure, COST, false));
        }

        void failFree(LlmFailure.Kind kind) {
            end(new LlmOutcome.Failed(LlmFailure.of(kind, "gone"), Usage.NONE, false));
        }

        void end(LlmOutcome outcome) {
            if (ended.compareAndSet(false, true)) {
                answered = outcome instanceof LlmOutcome.Completed;
                listener.onEnd(outcome);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            end(new LlmOutcome.Cancelled(Usage.NONE));
        }

        @Override
        public void pause() {
            paused = true;
        }

        @Override
        public void resume() {
            paused = false;
        }
    }

    /** Has each call go on as told, from within its start. */
    FakeLlm atOnce(Consumer<Call> then) {
        onStart = then;
        return this;
    }

    @Override
    public LlmCall start(LlmRequest request, LlmListener listener) {
        Call call = new Call(request, listener);
        calls.add(call);
        onStart.accept(call);
        return call;
    }

    /** All calls ever started, in order. */
    List<Call> calls() {
        return calls;
    }

    Call call(int index) {
        return calls.get(index);
    }

    List<String> labels() {
        return calls.stream().map(Call::label).toList();
    }

    List<Call> inFlight() {
        return calls.stream().filter(call -> !call.isEnded()).toList();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
