package dev.noesis.run;

import dev.noesis.llm.ForwardingListener;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RateGate;
import dev.noesis.llm.RateLimits;
import dev.noesis.llm.Retry;
import dev.noesis.llm.RetryPolicy;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.Usage;
import dev.noesis.run.PendingCall.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The model calls of a lane: those that wait for a permit and those in flight. Permits go round the agents in turn, later
 * steps before first ones, so that what was begun ends before more is begun. A permit is held for a whole call, short waits
 * between its attempts included; a wait that the server asked for and that is longer gives it back.
 *
 * <p>A lane may have several models. A call begins with the lane's own; once that has used up its attempts, will not do, or
 * wants to be asked much later, the next is asked at once, under the same permit and with attempts of its own. Only when the
 * last has been asked the step fails or waits, as {@link Miss#all} says.
 *
 * <p><b>Threading.</b> May be called from any thread. A lock guards the books; models are called, and the log is written,
 * outside of it.
 */
final class ModelCalls {
    /** Why a model was not asked, where its provider had announced a limit. */
    private static final String LIMIT = "announced_limit";

    private final Lane lane;
    private final AgentRunner runner;
    private final LogAppender log;
    private final EventPublisher events;
    private final RetryPolicy retries;
    private final RandomGenerator random;
    private final Timers timers;
    private final LongSupplier clock;

    private final Permits permits;
    /** Of each model: limits are their providers'. */
    private final List<RateGate> gates;

    private final ByEffect<PendingCall> calls = new ByEffect<>();
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
        this.permits = new Permits(permits);
        this.gates = runner.models().stream().map(_ -> new RateGate()).toList();
    }

    void submit(Tenure tenure, Effects.ModelCall spec, long delayMs) {
        PendingCall call = new PendingCall(tenure, spec);
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
            for (PendingCall call : calls.of(effectKey)) {
                cancel(call, cuts);
            }
        }
        cut(cuts);
    }

    /** Drops what waits under that tenure and names what is in flight, which goes on. */
    synchronized List<CallRef> release(Tenure tenure) {
        List<CallRef> inFlight = new ArrayList<>();
        for (PendingCall call : calls.all()) {
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
        return permits.taken();
    }

    /** All that it knows of: in flight, waiting, or not due yet. */
    synchronized int held() {
        return calls.size();
    }

    /** Calls that could begin now. */
    synchronized int freePermits() {
        return permits.free();
    }

    synchronized int waiting() {
        return permits.waiting();
    }

    /**
     * Ends all that is left, and says nothing: its runs go on elsewhere, where the calls are made again. No call is taken any
     * more.
     */
    void close() {
        List<Runnable> cuts = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (PendingCall call : calls.all()) {
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

    private synchronized void forget(PendingCall call) {
        giveBack(call);
    }

    private void cancelAll(Predicate<PendingCall> which) {
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
    private void cancel(PendingCall call, List<Runnable> cuts) {
        if (call.timer != null) {
            call.timer.cancel(false);
        }
        switch (call.state) {
            case DELAYED -> done(call);
            case WAITING -> {
                permits.leave(call);
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

    private void due(PendingCall call) {
        synchronized (this) {
            if (call.state != State.DELAYED) {
                return;
            }
            enqueue(call);
        }
        dispatch();
    }

    private void enqueue(PendingCall call) {
        call.state = State.WAITING;
        permits.await(call);
    }

    private void dispatch() {
        for (PendingCall call = next(); call != null; call = next()) {
            attempt(call);
        }
    }

    private synchronized @Nullable PendingCall next() {
        PendingCall call = permits.take();
        if (call != null) {
            call.state = State.ACTIVE;
        }
        return call;
    }

    private void attempt(PendingCall call) {
        List<Runnable> words = new ArrayList<>();
        Begun begun;
        synchronized (this) {
            begun = begin(call, words);
        }
        words.forEach(Runnable::run);
        if (begun == null) {
            return;
        }
        EventStream stream = begun.stream();
        stream.begin();
        LlmCall llm;
        try {
            llm = runner.start(begun.model(), call.spec.request().within(begun.timeoutMs()), watched(call, begun));
        } catch (RuntimeException e) {
            // A fault of the client's, which must not cost a permit nor the thread that gave it.
            stream.onEnd(new LlmOutcome.Failed(
                    LlmFailure.of(LlmFailure.Kind.INTERNAL, "the call could not be started: " + e), Usage.NONE, false));
            return;
        }
        boolean cancelled;
        synchronized (this) {
            cancelled = call.cancelled;
            if (stream.attempt().equals(call.attempt)) {
                // else it has ended before the client returned it, and another may be under way
                call.llm = llm;
            }
        }
        stream.readFrom(llm);
        if (cancelled) {
            llm.cancel();
        }
    }

    /** An attempt that is to be made. */
    private record Begun(ModelTarget model, EventStream stream, RateGate gate, long launch, long timeoutMs) {}

    /** Begins an attempt as far as the books go; null where none is to be made now. */
    private @Nullable Begun begin(PendingCall call, List<Runnable> words) {
        long now = clock.getAsLong();
        long left = call.spec.deadlineAt() - now;
        if (call.state != State.ACTIVE) {
            return null;
        }
        if (left <= 0) {
            // The run's expiry is due as well, and ends it.
            giveBack(call);
            return null;
        }
        call.timer = null;
        RateGate gate = gates.get(call.model);
        return switch (gate.admit(now)) {
            case RateGate.Admission.NotBefore limit -> held(call, limit, now, words);
            case RateGate.Admission.Admitted(long launch) -> {
                call.attempts++;
                call.attemptsOfModel++;
                call.charge = null;
                Attempt attempt = call.tenure.nextAttempt();
                call.attempt = attempt;
                EventStream stream = new EventStream(
                        events,
                        call.tenure.partition(),
                        call.spec,
                        attempt,
                        (outcome, nextSeq) -> ended(call, attempt, outcome, nextSeq));
                yield new Begun(model(call), stream, gate, launch, left);
            }
        };
    }

    /**
     * The provider announced that it would refuse the call: it is made soon, or of the next model, or later, by us or by the
     * run's next owner.
     */
    private @Nullable Begun held(PendingCall call, RateGate.Admission.NotBefore limit, long now, List<Runnable> words) {
        Long retryAt;
        switch (retries.hold(limit.epochMs(), now, call.spec.deadlineAt())) {
            case Retry.After(long delayMs) -> {
                again(call, delayMs);
                return null;
            }
            case Retry.At(long epochMs) -> retryAt = epochMs;
            case Retry.GiveUp() -> retryAt = null;
        }
        call.misses.add(StepReport.miss(model(call), limit, retryAt));
        if (fallsBack(call, LIMIT)) {
            return begin(call, words);
        }
        MindEvent told = new StepReport(
                        lane, call.tenure, call.spec, call.tenure.nextAttempt(), call.attempts, call.spent, 0, now)
                .failed(call.misses);
        words.add(() -> log.append(call.tenure, call.spec.agentId(), told));
        giveBack(call);
        return null;
    }

    private ModelTarget model(PendingCall call) {
        return runner.models().get(call.model);
    }

    /** Turns to the next model, if there is one left. */
    private boolean fallsBack(PendingCall call, String cause) {
        if (call.model + 1 == runner.models().size()) {
            return false;
        }
        call.fallBack();
        runner.metrics().fellBack(model(call).name(), cause);
        return true;
    }

    private LlmListener watched(PendingCall call, Begun begun) {
        LlmListener told = call.spec.step() > 0
                ? begun.stream()
                : new FirstToken(
                        begun.stream(),
                        call.spoke,
                        () -> runner.metrics()
                                .firstToken(begun.model().name(), call.spec.requestedAt(), clock.getAsLong()));
        return new ForwardingListener(told) {
            @Override
            public void onRateLimits(RateLimits limits) {
                begun.gate().heard(begun.launch(), limits, clock.getAsLong());
            }
        };
    }

    private void ended(PendingCall call, Attempt attempt, LlmOutcome outcome, long nextSeq) {
        MindEvent told;
        synchronized (this) {
            call.attempt = null;
            call.llm = null;
            call.spent = call.spent.plus(outcome.usage());
            StepReport report = new StepReport(
                    lane, call.tenure, call.spec, attempt, call.attempts, call.spent, nextSeq, clock.getAsLong());
            told = switch (outcome) {
                case LlmOutcome.Completed completed -> report.completed(completed, model(call));
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

    /** Tries again here and now, or the next model, if that is worth it; else says what is to be told to the log. */
    private @Nullable MindEvent retried(PendingCall call, LlmFailure failure, StepReport report) {
        return switch (retries.decide(
                failure, call.attemptsOfModel, clock.getAsLong(), call.spec.deadlineAt(), random)) {
            case Retry.After(long delayMs) -> {
                runner.metrics().retried(model(call).name(), failure.cause());
                call.charge = report.cut();
                again(call, delayMs);
                yield null;
            }
            case Retry.At(long epochMs) -> missed(call, failure, epochMs, report);
            case Retry.GiveUp() -> missed(call, failure, null, report);
        };
    }

    private @Nullable MindEvent missed(
            PendingCall call, LlmFailure failure, @Nullable Long retryAt, StepReport report) {
        call.misses.add(StepReport.miss(model(call), failure, retryAt));
        if (retries.mayBeAnsweredElsewhere(failure) && fallsBack(call, failure.cause())) {
            call.charge = report.cut();
            again(call, 0);
            return null;
        }
        if (retryAt != null) {
            runner.metrics().retried(model(call).name(), failure.cause());
        }
        return report.failed(call.misses);
    }

    private void again(PendingCall call, long delayMs) {
        call.timer = timers.in(delayMs, () -> {
            attempt(call);
            dispatch();
        });
    }

    private void giveBack(PendingCall call) {
        if (call.state == State.ACTIVE) {
            permits.giveBack();
            done(call);
        }
    }

    private void done(PendingCall call) {
        call.state = State.DONE;
        calls.remove(call.spec.effectKey(), call);
    }
}
