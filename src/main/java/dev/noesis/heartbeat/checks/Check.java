package dev.noesis.heartbeat.checks;

import java.time.Duration;
import java.util.List;

/**
 * Looks after one thing of an agent, at most once in {@link #every()}.
 *
 * <p>After three failures in a row an agent's check is left out for a while (its breaker is open), and is then tried again.
 *
 * <p><b>Threading.</b> {@link #look} of a check that {@link #blocks()} runs on a virtual thread of its own, for several agents
 * at once, and is interrupted after {@link #timeout()}; of one that does not, on the StreamThread, where it must be quick. The
 * rest answers the same on any thread, always.
 */
public interface Check {
    /** 1 to 64 characters of {@code a-z 0-9 . _ -}; findings carry it, and no two checks of a worker have the same. */
    String name();

    /**
     * How often it looks after an agent, at most. It looks when a tick comes, so never more often than those. Of a look that does
     * not block, and changed nothing, no note is taken: the next tick looks again.
     */
    Duration every();

    /** How long one look may take. After that it has failed. */
    default Duration timeout() {
        return Duration.ofSeconds(10);
    }

    /** Whether it does I/O, or may take longer than a millisecond. */
    default boolean blocks() {
        return true;
    }

    /** Whether it looks in quiet hours too. */
    default boolean isUrgent() {
        return false;
    }

    /**
     * Whether what it does not find any more is over: two looks that miss a finding resolve it. Else what it finds has happened,
     * once: what has the same id later is the same event, and no news.
     */
    default boolean seesAll() {
        return true;
    }

    /**
     * Looks.
     *
     * @return what was found, at most 50 of it counts; the same thing has the same id each time
     * @throws Exception if it could not look; the outcome of the tick says why, and the tick goes on
     */
    List<Found> look(View view) throws Exception;
}
