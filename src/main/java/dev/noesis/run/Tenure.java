package dev.noesis.run;

import dev.noesis.model.Attempt;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time in which one task owns one partition: from the fold of its barrier to its end. What is launched under a tenure
 * carries its name, so that the log can tell the owner's decisions from a zombie's.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
public final class Tenure {
    private final int partition;
    private final String incarnation;
    private final long barrier;
    private final AtomicLong attempts = new AtomicLong();

    /** @param barrier offset of the barrier in {@code mind.log} */
    public Tenure(int partition, String incarnation, long barrier) {
        this.partition = partition;
        this.incarnation = incarnation;
        this.barrier = barrier;
    }

    public int partition() {
        return partition;
    }

    public String incarnation() {
        return incarnation;
    }

    /** A name for one more model call, above all that were given before. */
    Attempt nextAttempt() {
        return new Attempt(barrier, attempts.getAndIncrement());
    }

    @Override
    public String toString() {
        return partition + "/" + incarnation;
    }
}
