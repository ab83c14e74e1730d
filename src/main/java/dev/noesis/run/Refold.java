package dev.noesis.run;

import dev.noesis.mind.Build;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Fold;
import dev.noesis.run.LogHistory.LogRecord;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Folds a task's memory anew from the log's beginning, because a build folded it that meant something else by its fold. What
 * the old fold had been reacted to is not reacted to again: the outbox and what waits stay as they are. Records that the task
 * hears meanwhile are passed over, for they come again from the log's history.
 *
 * <p>It goes in slices, each in a transaction of the task's with how far it has come, so that a restart goes on from there.
 * StreamThread only.
 */
final class Refold implements AutoCloseable {
    private static final String KEY = "refold";
    private static final int EMPTIED_AT_ONCE = 1_000;

    private final Entries position;
    private final LogHistory history;
    private final int partition;
    private Progress progress;
    private LogHistory.@Nullable Reader reader;

    /**
     * How far it has come.
     *
     * @param reactedTo offset of the last record that the old fold was reacted to
     * @param target offset of the last record that the task has heard
     * @param isEmptied whether what the old fold left is gone
     */
    private record Progress(long reactedTo, long target, boolean isEmptied) {}

    private Refold(Entries position, LogHistory history, int partition, Progress progress) {
        this.position = position;
        this.history = history;
        this.partition = partition;
        this.progress = progress;
    }

    /** The one that is called for, or that was under way when the task ended; null if there is none. */
    static @Nullable Refold of(Entries position, Fold.Position stored, Build build, LogHistory history, int partition) {
        byte[] underWay = position.get(KEY);
        Progress before = underWay == null ? null : Json.read(underWay, Progress.class);
        if (stored.foldVersion() != build.foldVersion()) {
            Progress anew = before == null
                    ? new Progress(stored.offset(), stored.offset(), false)
                    : new Progress(Math.max(before.reactedTo(), stored.offset()), before.target(), false);
            return new Refold(position, history, partition, anew);
        }
        return before == null ? null : new Refold(position, history, partition, before);
    }

    /** Whether what the old fold left is gone: before that the fold is at its start, whatever is stored. */
    boolean isEmptied() {
        return progress.isEmptied();
    }

    /** The task has heard that record, and leaves it to this. */
    void heard(long offset) {
        progress = new Progress(progress.reactedTo(), Math.max(progress.target(), offset), progress.isEmptied());
        keep();
    }

    /** Whether what the record says is to be acted on. */
    boolean isNews(long offset) {
        return offset > progress.reactedTo();
    }

    /**
     * Does some more of it, for about that long.
     *
     * @param fold takes the next record of the log
     * @return whether the fold has come to what the task had heard; then this is over
     */
    boolean advance(Duration slice, Fold at, Consumer<LogRecord> fold) {
        long end = System.nanoTime() + slice.toNanos();
        while (!progress.isEmptied() && System.nanoTime() < end) {
            empty(at);
        }
        if (progress.isEmptied()) {
            read(at, fold, end);
        }
        boolean isDone = progress.isEmptied() && at.position().offset() >= progress.target();
        if (isDone) {
            position.delete(KEY);
            close();
        } else {
            keep();
        }
        return isDone;
    }

    private void read(Fold at, Consumer<LogRecord> fold, long end) {
        while (at.position().offset() < progress.target() && System.nanoTime() < end) {
            if (reader == null) {
                reader = history.from(partition, at.position().offset() + 1);
            }
            List<LogRecord> batch = reader.poll();
            if (batch.isEmpty()) {
                return;
            }
            batch.forEach(fold);
        }
    }

    private void empty(Fold fold) {
        if (fold.remove(EMPTIED_AT_ONCE) == 0) {
            progress = new Progress(progress.reactedTo(), progress.target(), true);
        }
    }

    private void keep() {
        position.put(KEY, Json.write(progress));
    }

    @Override
    public void close() {
        LogHistory.Reader open = reader;
        if (open != null) {
            reader = null;
            open.close();
        }
    }
}
