package dev.noesis.heartbeat;

import java.util.Locale;

/** Whether a tick may go on to its checks. Pure, and free: no refusal costs a model call. */
final class Gate {
    private Gate() {}

    /** Why a tick was skipped. The names are part of the contract of {@code heartbeat.outcomes}. */
    enum Skip {
        DUPLICATE,
        STALE,
        BUSY,
        NO_FINDINGS,
        COOLDOWN;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What the gate looks at. All times in milliseconds.
     *
     * @param cooling the partition's log has taken as many findings in this second as it may
     */
    record View(boolean seen, long age, long staleAfter, boolean busy, boolean anythingToDo, boolean cooling) {}

    sealed interface Verdict {
        record Pass() implements Verdict {}

        record Refuse(Skip reason) implements Verdict {}
    }

    static Verdict judge(View view) {
        if (view.seen()) {
            return new Verdict.Refuse(Skip.DUPLICATE);
        }
        if (view.age() > view.staleAfter()) {
            return new Verdict.Refuse(Skip.STALE);
        }
        if (view.busy()) {
            return new Verdict.Refuse(Skip.BUSY);
        }
        if (!view.anythingToDo()) {
            return new Verdict.Refuse(Skip.NO_FINDINGS);
        }
        return view.cooling() ? new Verdict.Refuse(Skip.COOLDOWN) : new Verdict.Pass();
    }
}
