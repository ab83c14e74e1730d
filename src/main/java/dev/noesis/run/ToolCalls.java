package dev.noesis.run;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.Origin;
import dev.noesis.tool.Tool;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tool calls of a lane, each on a virtual thread of its own and within its time.
 *
 * <p><b>Threading.</b> May be called from any thread.
 */
final class ToolCalls {
    /** A tool's text of more characters is cut: it must fit a record, with others, and a model. */
    private static final int MAX_TEXT = 200_000;

    private final Lane lane;
    private final AgentRunner runner;
    private final LogAppender log;
    private final Timers timers;
    private final LongSupplier clock;
    private final Duration limit;
    private final Map<String, Call> calls = new ConcurrentHashMap<>();

    ToolCalls(Lane lane, AgentRunner runner, LogAppender log, Timers timers, LongSupplier clock, Duration limit) {
        this.lane = lane;
        this.runner = runner;
        this.log = log;
        this.timers = timers;
        this.clock = clock;
        this.limit = limit;
    }

    private final class Call implements Runnable {
        private final Tenure tenure;
        private final Effects.ToolCall spec;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile @Nullable Thread thread;
        private volatile @Nullable ScheduledFuture<?> limiter;

        Call(Tenure tenure, Effects.ToolCall spec) {
            this.tenure = tenure;
            this.spec = spec;
        }

        @Override
        public void run() {
            try {
                end(runner.dispatch(spec.call().tool(), spec.call().input(), spec.allowed(), spec.invocation()));
            } catch (InterruptedException e) {
                // Out of time or cancelled; whoever interrupted has said so.
                Thread.currentThread().interrupt();
            } catch (Error e) {
                end(Tool.Result.error("the tool failed: " + e));
                throw e;
            }
        }

        void timeOut() {
            end(Tool.Result.error("the tool did not answer within " + limit.toMillis() + " ms"));
            interrupt();
        }

        void end(Tool.Result result) {
            if (over.compareAndSet(false, true)) {
                forget();
                log.append(tenure.partition(), spec.call().agentId(), event(result));
            }
        }

        void cancel() {
            if (over.compareAndSet(false, true)) {
                forget();
                interrupt();
            }
        }

        private void forget() {
            calls.remove(spec.effectKey(), this);
            ScheduledFuture<?> timer = limiter;
            if (timer != null) {
                timer.cancel(false);
            }
        }

        private void interrupt() {
            Thread running = thread;
            if (running != null) {
                running.interrupt();
            }
        }

        private MindEvent event(Tool.Result result) {
            Effect.CallTool call = spec.call();
            String text = result.text().length() <= MAX_TEXT
                    ? result.text()
                    : result.text().substring(0, MAX_TEXT) + "\n[cut: the tool answered "
                            + result.text().length() + " characters]";
            return new MindEvent(
                    call.runId() + "/" + call.step() + "/tool/" + call.callId(),
                    clock.getAsLong(),
                    lane,
                    call.runId(),
                    call.threadId(),
                    Origin.TOOL,
                    null,
                    new ToolCompleted(
                            call.step(),
                            call.callId(),
                            call.tool(),
                            text,
                            result.isError(),
                            result.writes(),
                            result.endsRun()));
        }
    }

    void submit(Tenure tenure, Effects.ToolCall spec) {
        Call call = new Call(tenure, spec);
        calls.put(spec.effectKey(), call);
        call.limiter = timers.in(limit.toMillis(), call::timeOut);
        call.thread = Thread.ofVirtual().name("noesis-" + lane.id() + "-tool").start(call);
    }

    void cancel(String effectKey) {
        Call call = calls.get(effectKey);
        if (call != null) {
            call.cancel();
        }
    }

    void cancelAll() {
        calls.values().forEach(Call::cancel);
    }

    int inFlight() {
        return calls.size();
    }
}
