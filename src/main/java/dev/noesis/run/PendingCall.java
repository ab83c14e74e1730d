package dev.noesis.run;

import dev.noesis.llm.LlmCall;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A model call from when it is handed over until it has ended. Fields are guarded by {@link ModelCalls}, but for what is final. */
final class PendingCall {
    /** How far it has come. */
    enum State {
        /** Not due yet. */
        DELAYED,
        /** For a permit. */
        WAITING,
        /** It has a permit: an attempt is in flight, or the next one will be made here. */
        ACTIVE,
        DONE
    }

    final Tenure tenure;
    final Effects.ModelCall spec;
    final AtomicBoolean spoke = new AtomicBoolean();
    State state = State.DELAYED;
    boolean cancelled;
    /** Its tenure has ended: only success is told, for the next owner makes the call again. */
    boolean handedOver;

    /** Which of the lane's models is asked: an index, in the order in which they are. */
    int model;

    /** Of all models. */
    int attempts;

    /** Of the model that is asked. */
    int attemptsOfModel;

    /** Of the models that were asked, each that will not be asked again. */
    final List<Miss> misses = new ArrayList<>();

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

    PendingCall(Tenure tenure, Effects.ModelCall spec) {
        this.tenure = tenure;
        this.spec = spec;
    }

    /** The next model is asked. */
    void fallBack() {
        model++;
        attemptsOfModel = 0;
    }
}
