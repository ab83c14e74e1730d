package dev.noesis.run;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.Retry;
import dev.noesis.llm.RetryPolicy;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The model calls of a lane: those that wait for a permit and those in flight. Permits go round the agents in turn, later
 * steps before first ones, so that what was begun ends before more is begun. A permit is held for a whole call, short waits
 * between its attempts included; a wait that the server asked for and that is longer gives it back.
 *
 * <p><b>Threading.</b> May be called from any thread. A lock guards the books; models are called, and the log is written,
 * outside of it.
 */
final class ModelCalls {
    private final Lane lane;
    private final AgentRunner runner;
    private final LogAppender log;
    private final EventPublisher events;
    private final RetryPolicy retries;
    private final RandomGenerator random;
    private final Timers timers;
    private final LongSupplier clock;

    private final FairQueue<Call> laterSteps = new FairQueue<>(Integer.MAX_VALUE, _ -> 0);
    private final FairQueue<Call> firstSteps = new FairQueue<>(Integer.MAX_VALUE, _ -> 0);
    private final ByEffect<Call> calls = new ByEffect<>();
    private int permits;
    private int active;
    private boolean closed;

    ModelCalls(
            Lane lane,
            AgentRunner runner,
            LogAppender log,
            EventPublisher events,
            RetryPolicy retries,
            RandomGenerator random,
            Timers timers,
            LongSupplier clock,
            int permits) {
        this.lane = lane;
        this.runner = runner;
        this.log = log;
        this.events = events;
        this.retries = retries;
        this.random = random;
        this.timers = timers;
        this.clock = clock;
        this.permits = permits;
    }

    private enum State {
        DELAYED,
        WAITING,
        ACTIVE,
        DONE
    }

    /** Fields are guarded by the lock of the books, but for what is final. */
    private static final class Call {
        final Tenure tenure;
        final Effects.ModelCall spec;
        final AtomicBoolean spoke = new AtomicBoolean();
        State state = State.DELAYED;
        boolean cancelled;
        /** Its tenure has ended: only success is told, for the next owner makes the call again. */
        boolean handedOver;

        int attempts;
        Usage spent = Usage.NONE;

        /** The attempt in flight; null between two. */
        @Nullable
        Attempt attempt;

        /** Ends the attempt in flight; null before the client has returned it. */
        @Nullable
        LlmCall llm;

        /** Between two attempts: what there is to tell if the next is never made. */
        @Nullable
        MindEvent charge;

        @Nullable
        ScheduledFuture<?> timer;

        Call(Tenure tenure, Effects.ModelCall spec) {
            this.tenure = tenure;
            this.spec = spec;
        }
    }

    void submit(Tenure tenure, Effects.ModelCall spec, long delayMs) {
        Call call = new Call(tenure, spec);
        synchronized (this) {
            if (closed) {
                return;
            }
            calls.add(spec.effectKey(), call);
            if (delayMs > 0) {
                call.timer = timers.in(delayMs, () -> due(call));
                return;
            }
            enqueue(call);
        }
        dispatch();
    }

    /** Ends that effect's calls: drops those that wait, closes the connections of those in flight. */
    void cancel(String effectKey) {
        List<Runnable> cuts = new ArrayList<>();
        synchronized (this) {
            for (Call call : calls.of(effectKey)) {
                cancel(call, cuts);
            }
        }
        cut(cuts);
    }

    /** Drops what waits under that tenure and names what is in flight, which goes on. */
    synchronized List<CallRef> release(Tenure tenure) {
        List<CallRef> inFlight = new ArrayList<>();
        for (Call call : calls.all()) {
            if (call.tenure == tenure) {
                if (call.state == State.ACTIVE) {
                    call.handedOver = true;
                    inFlight.add(new CallRef(call.spec.agentId(), call.spec.runId(), call.spec.step(), null));
                } else {
                    cancel(call, new ArrayList<>());
                }
            }
        }
        return inFlight;
    }

    /** Cuts what still goes on of a tenure that has ended. */
    void cancelHandedOver(Tenure tenure) {
        cancelAll(call -> call.handedOver && call.tenure == tenure);
    }

    synchronized int inFlight() {
        return active;
    }

    /** All that it knows of: in flight, waiting, or not due yet. */
    synchronized int held() {
        return calls.size();
    }

    /** Calls that could begin now. */
    synchronized int freePermits() {
        return permits;
    }

    synchronized int waiting() {
        return laterSteps.size() + firstSteps.size();
    }

    /**
     * Ends all that is left, and says nothing: its runs go on elsewhere, where the calls are made again. No call is taken any
     * more.
     */
    void close() {
        List<Runnable> cuts = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (Call call : calls.all()) {
                call.handedOver = true;
                List<Runnable> its = new ArrayList<>();
                cancel(call, its);
                // Its client may tell its end when nobody hears it any more.
                its.add(() -> forget(call));
                cuts.add(() -> its.forEach(Runnable::run));
            }
        }
        cut(cuts);
    }

    private synchronized void forget(Call call) {
        giveBack(call);
    }

    private void cancelAll(Predicate<Call> which) {
        List<Runnable> cuts = new ArrayList<>();
        synchronized (this) {
            calls.all().stream().filter(which).forEach(call -> cancel(call, cuts));
        }
        cut(cuts);
    }

    /** Outside of the lock: what a cut calls may call back. One that fails does not keep the others from being made. */
    private void cut(List<Runnable> cuts) {
        try {
            Each.run(cuts);
        } finally {
            dispatch();
        }
    }

    /** Ends the call as far as the books go; the rest is added to {@code cuts}. */
    private void cancel(Call call, List<Runnable> cuts) {
        if (call.timer != null) {
            call.timer.cancel(false);
        }
        switch (call.state) {
            case DELAYED -> done(call);
            case WAITING -> {
                queue(call).removeIf(call.spec.agentId(), call::equals);
                done(call);
            }
            case ACTIVE -> {
                call.cancelled = true;
                LlmCall llm = call.llm;
                MindEvent charge = call.charge;
                if (llm != null) {
                    cuts.add(llm::cancel);
                } else {
                    // Between two attempts, or before the client has returned one: nothing is there that could be
                    // ended.
                    giveBack(call);
                }
                if (charge != null && !call.handedOver) {
                    cuts.add(() -> log.append(call.tenure, call.spec.agentId(), charge));
                }
            }
            case DONE -> {}
        }
    }

    private void due(Call call) {
        synchronized (this) {
            if (call.state != State.DELAYED) {
                return;
            }
            enqueue(call);
        }
        dispatch();
    }

    private void enqueue(Call call) {
        call.state = State.WAITING;
        queue(call).offer(call.spec.agentId(), call);
    }

    private FairQueue<Call> queue(Call call) {
        return call.spec.step() > 0 ? laterSteps : firstSteps;
    }

    private void dispatch() {
        for (Call call = next(); call != null; call = next()) {
            attempt(call);
        }
    }

    private synchronized @Nullable Call next() {
        if (permits == 0) {
            return null;
        }
        Call call = laterSteps.poll();
        if (call == null) {
            call = firstSteps.poll();
        }
        if (call != null) {
            permits--;
            active++;
            call.state = State.ACTIVE;
            // Turns are all that these queues are for: nothing is held that would have to be remembered.
            queue(call).release(call.spec.agentId());
        }
        return call;
    }

    private void attempt(Call call) {
        long left = call.spec.deadlineAt() - clock.getAsLong();
        EventStream stream;
        Attempt attempt;
        synchronized (this) {
            if (call.state != State.ACTIVE) {
                return;
            }
            if (left <= 0) {
                // The run's expiry is due as well, and ends it.
                giveBack(call);
                return;
            }
            call.attempts++;
            call.timer = null;
            call.charge = null;
            attempt = call.tenure.nextAttempt();
            call.attempt = attempt;
            stream = new EventStream(
                    events,
                    call.tenure.partition(),
                    call.spec,
                    attempt,
                    (outcome, nextSeq) -> ended(call, attempt, outcome, nextSeq));
        }
        stream.begin();
        LlmCall llm;
        try {
            llm = runner.start(timed(call.spec.request(), left), watched(call, stream));
        } catch (RuntimeException e) {
            // A fault of the client's, which must not cost a permit nor the thread that gave it.
            stream.onEnd(new LlmOutcome.Failed(
                    LlmFailure.of(LlmFailure.Kind.INTERNAL, "the call could not be started: " + e), Usage.NONE, false));
            return;
        }
        boolean cancelled;
        synchronized (this) {
            cancelled = call.cancelled;
            if (attempt.equals(call.attempt)) {
                // else it has ended before the client returned it, and another may be under way
                call.llm = llm;
            }
        }
        stream.readFrom(llm);
        if (cancelled) {
            llm.cancel();
        }
    }

    private LlmListener watched(Call call, EventStream stream) {
        return call.spec.step() > 0
                ? stream
                : new FirstToken(
                        stream,
                        call.spoke,
                        () -> runner.metrics().firstToken(call.spec.requestedAt(), clock.getAsLong()));
    }

    private static LlmRequest timed(LlmRequest request, long timeoutMs) {
        return new LlmRequest(
                request.label(),
                request.model(),
                request.maxTokens(),
                request.system(),
                request.messages(),
                request.tools(),
                request.toolChoice(),
                timeoutMs);
    }

    private void ended(Call call, Attempt attempt, LlmOutcome outcome, long nextSeq) {
        MindEvent told;
        synchronized (this) {
            call.attempt = null;
            call.llm = null;
            call.spent = call.spent.plus(outcome.usage());
            StepReport report = new StepReport(
                    lane, call.tenure, call.spec, attempt, call.attempts, call.spent, nextSeq, clock.getAsLong());
            told = switch (outcome) {
                case LlmOutcome.Completed completed -> report.completed(completed);
                case LlmOutcome.Failed _, LlmOutcome.Cancelled _ when call.handedOver -> null;
                case LlmOutcome.Failed failed when !call.cancelled -> retried(call, failed.failure(), report);
                case LlmOutcome.Failed _, LlmOutcome.Cancelled _ -> report.cut();
            };
            if (call.timer == null) {
                giveBack(call);
            }
        }
        if (told != null) {
            log.append(call.tenure, call.spec.agentId(), told);
        }
        dispatch();
    }

    /** Tries again here and now if that is worth it; else says what is to be told to the log. */
    private @Nullable MindEvent retried(Call call, LlmFailure failure, StepReport report) {
        Retry retry = retries.decide(failure, call.attempts, clock.getAsLong(), call.spec.deadlineAt(), random);
        if (!(retry instanceof Retry.GiveUp)) {
            runner.metrics().retried(failure.cause());
        }
        return switch (retry) {
            case Retry.After(long delayMs) -> {
                call.charge = report.cut();
                call.timer = timers.in(delayMs, () -> {
                    attempt(call);
                    dispatch();
                });
                yield null;
            }
            case Retry.At(long epochMs) -> report.failed(failure, epochMs);
            case Retry.GiveUp() -> report.failed(failure, null);
        };
    }

    private void giveBack(Call call) {
        if (call.state == State.ACTIVE) {
            permits++;
            active--;
            done(call);
        }
    }

    private void done(Call call) {
        call.state = State.DONE;
        calls.remove(call.spec.effectKey(), call);
    }
}
