package dev.noesis.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mind log, read from any offset on, apart from the task that reads it as it grows. */
public interface LogHistory {
    /** Begins to read at that offset. Returns at once. */
    Reader from(int partition, long offset);

    /** One reading. Used by one thread at a time. */
    interface Reader extends AutoCloseable {
        /**
         * The next records, in order and without a gap; none if they have not arrived yet. Does not block.
         *
         * @throws RuntimeException if they cannot be read, as when they are not in the log any more
         */
        List<LogRecord> poll();

        @Override
        void close();
    }

    /** @param timestamp append time, epoch milliseconds */
    record LogRecord(long offset, byte @Nullable [] key, byte @Nullable [] value, long timestamp) {}
}
