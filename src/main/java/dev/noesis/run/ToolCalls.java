package dev.noesis.run;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.Origin;
import dev.noesis.tool.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tool calls of a lane, each on a virtual thread of its own and within its time.
 *
 * <p><b>Threading.</b> May be called from any thread. A lock guards the books; tools are called, and the log is written,
 * outside of it.
 */
final class ToolCalls {
    /** A tool's text of more characters is cut: it must fit a record, with others, and a model. */
    private static final int MAX_TEXT = 200_000;

    private static final String NOT_KEPT =
            "\n[not kept in memory: a part of the system is older and does not know this kind of"
                    + " memory yet; it can be kept once that is upgraded]";

    private final Lane lane;
    private final AgentRunner runner;
    private final LogAppender log;
    private final Timers timers;
    private final LongSupplier clock;
    private final Duration limit;
    private final ByEffect<Call> calls = new ByEffect<>();
    private int running;
    private boolean closed;

    ToolCalls(Lane lane, AgentRunner runner, LogAppender log, Timers timers, LongSupplier clock, Duration limit) {
        this.lane = lane;
        this.runner = runner;
        this.log = log;
        this.timers = timers;
        this.clock = clock;
        this.limit = limit;
    }

    /** Fields are guarded by the lock of the books, but for what is final. */
    private final class Call implements Runnable {
        private final Tenure tenure;
        private final Effects.ToolCall spec;
        private boolean over;
        /** Its tenure has ended, and left it to finish. */
        private boolean handedOver;
        /** Null until it begins. */
        private @Nullable Thread thread;
        /** Begins the call, or ends it when it takes too long. */
        private @Nullable ScheduledFuture<?> timer;

        Call(Tenure tenure, Effects.ToolCall spec) {
            this.tenure = tenure;
            this.spec = spec;
        }

        void begin() {
            synchronized (ToolCalls.this) {
                if (!over) {
                    running++;
                    timer = timers.in(limit.toMillis(), this::timeOut);
                    thread = Thread.ofVirtual()
                            .name("noesis-" + lane.id() + "-tool")
                            .start(this);
                }
            }
        }

        @Override
        public void run() {
            try {
                end(runner.dispatch(spec.call().tool(), spec.call().input(), spec.allowed(), spec.invocation()));
            } catch (InterruptedException e) {
                // Out of time or cancelled, and whoever interrupted has said so. Or the tool made it up: then it
                // failed.
                end(Tool.Result.error("the tool was interrupted"));
                Thread.currentThread().interrupt();
            } catch (Error e) {
                end(Tool.Result.error("the tool failed: " + e));
                throw e;
            }
        }

        void timeOut() {
            end(Tool.Result.error("the tool did not answer within " + limit.toMillis() + " ms"));
        }

        /** Tells the log, unless the call is over already. */
        void end(Tool.Result result) {
            MindEvent told = told(result);
            if (finish()) {
                log.append(tenure, spec.call().agentId(), told);
            }
        }

        void cancel() {
            finish();
        }

        /** Ends the call as far as the books go, and interrupts the tool; false if it was over already. */
        private boolean finish() {
            synchronized (ToolCalls.this) {
                if (over) {
                    return false;
                }
                over = true;
                calls.remove(spec.effectKey(), this);
                if (timer != null) {
                    timer.cancel(false);
                }
                if (thread != null) {
                    running--;
                    if (thread != Thread.currentThread()) {
                        thread.interrupt();
                    }
                }
                return true;
            }
        }

        /** A result that cannot be told, by a tool's fault, is a failure of the tool. */
        private MindEvent told(Tool.Result result) {
            try {
                return event(result);
            } catch (RuntimeException e) {
                return event(Tool.Result.error("the tool's answer cannot be used: " + e));
            }
        }

        private MindEvent event(Tool.Result result) {
            Effect.CallTool call = spec.call();
            String text = result.text().length() <= MAX_TEXT
                    ? result.text()
                    : Text.first(result.text(), MAX_TEXT) + "\n[cut: the tool answered "
                            + result.text().length() + " characters]";
            return new MindEvent(
                    call.runId() + "/" + call.step() + "/tool/" + call.callId(),
                    clock.getAsLong(),
                    lane,
                    call.runId(),
                    call.threadId(),
                    Origin.TOOL,
                    null,
                    foldable(new ToolCompleted(
                            call.step(),
                            call.callId(),
                            call.tool(),
                            text,
                            result.isError(),
                            result.writes(),
                            result.endsRun())));
        }

        /**
         * Without the writes that the build of one of the lanes does not know: that lane would stop at them. A decision would
         * wait for that build's upgrade, but a run does not: it is told, and goes on.
         */
        private ToolCompleted foldable(ToolCompleted completed) {
            if (completed.since() <= spec.logVersion()) {
                return completed;
            }
            return new ToolCompleted(
                    completed.step(),
                    completed.callId(),
                    completed.tool(),
                    completed.text() + NOT_KEPT,
                    true,
                    completed.writes().stream()
                            .filter(write -> write.since() <= spec.logVersion())
                            .toList(),
                    completed.endsRun());
        }
    }

    void submit(Tenure tenure, Effects.ToolCall spec, long delayMs) {
        Call call = new Call(tenure, spec);
        synchronized (this) {
            if (closed) {
                return;
            }
            calls.add(spec.effectKey(), call);
            if (delayMs > 0) {
                call.timer = timers.in(delayMs, call::begin);
            } else {
                call.begin();
            }
        }
    }

    synchronized void cancel(String effectKey) {
        calls.of(effectKey).forEach(Call::cancel);
    }

    /** Drops what waits under that tenure and names what is in flight, which goes on. */
    synchronized List<CallRef> release(Tenure tenure) {
        List<CallRef> inFlight = new ArrayList<>();
        for (Call call : calls.all()) {
            if (call.tenure == tenure) {
                if (call.thread == null) {
                    call.cancel();
                } else {
                    call.handedOver = true;
                    Effect.CallTool effect = call.spec.call();
                    inFlight.add(new CallRef(effect.agentId(), effect.runId(), effect.step(), effect.callId()));
                }
            }
        }
        return inFlight;
    }

    /** Cuts what still goes on of a tenure that has ended. */
    void cancelHandedOver(Tenure tenure) {
        cancel(call -> call.handedOver && call.tenure == tenure);
    }

    /** Ends all that is left, and says nothing: its runs go on elsewhere. No call is taken any more. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        cancel(_ -> true);
    }

    private synchronized void cancel(Predicate<Call> which) {
        calls.all().stream().filter(which).forEach(Call::cancel);
    }

    /** All that it knows of: in flight, or not due yet. */
    synchronized int held() {
        return calls.size();
    }

    /** How many have begun and are not over. */
    synchronized int inFlight() {
        return running;
    }
}
