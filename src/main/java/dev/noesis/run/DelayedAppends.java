package dev.noesis.run;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * Appends whose time has not come, by the key of their effect.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class DelayedAppends {
    private final Timers timers;
    private final Map<String, Delayed> delayed = new HashMap<>();

    private static final class Delayed {
        final Tenure tenure;

        @Nullable
        ScheduledFuture<?> timer;

        Delayed(Tenure tenure) {
            this.tenure = tenure;
        }

        void cancel() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    DelayedAppends(Timers timers) {
        this.timers = timers;
    }

    /** Has it appended after that time, in milliseconds, in place of what was to be under that key. */
    synchronized void in(long delayMs, Tenure tenure, String effectKey, Runnable append) {
        Delayed entry = new Delayed(tenure);
        Delayed before = delayed.put(effectKey, entry);
        if (before != null) {
            before.cancel();
        }
        entry.timer = timers.in(delayMs, () -> due(effectKey, entry, append));
        if (entry.timer == null) {
            delayed.remove(effectKey);
        }
    }

    private void due(String effectKey, Delayed entry, Runnable append) {
        synchronized (this) {
            if (!delayed.remove(effectKey, entry)) {
                return;
            }
        }
        append.run();
    }

    synchronized void cancel(String effectKey) {
        Delayed entry = delayed.remove(effectKey);
        if (entry != null) {
            entry.cancel();
        }
    }

    /** Drops what waits under that tenure: its successor has it in its outbox. */
    synchronized void release(Tenure tenure) {
        delayed.values().removeIf(entry -> {
            boolean its = entry.tenure == tenure;
            if (its) {
                entry.cancel();
            }
            return its;
        });
    }

    /** Drops all. */
    synchronized void clear() {
        delayed.values().forEach(Delayed::cancel);
        delayed.clear();
    }

    synchronized int size() {
        return delayed.size();
    }
}
