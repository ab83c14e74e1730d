package dev.noesis.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.slf4j.spi.NOPLoggingEventBuilder;

/**
 * Keeps an outage from flooding the log file: of failures of one kind, which is their exception's class, one line is written
 * at most every ten seconds. It counts those that were not.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class FailureLog {
    private static final long EVERY_NS = Duration.ofSeconds(10).toNanos();

    private final Logger log;
    private final LongSupplier nanos;
    private final Map<Class<?>, Kind> kinds = new HashMap<>();

    private static final class Kind {
        long saidAt;
        long unsaid;
    }

    FailureLog(Logger log) {
        this(log, System::nanoTime);
    }

    /** @param nanos a clock as {@link System#nanoTime} is one */
    FailureLog(Logger log, LongSupplier nanos) {
        this.log = log;
        this.nanos = nanos;
    }

    /** A line about the failure, to be completed and logged: a warning, or nothing while it is too soon for another. */
    synchronized LoggingEventBuilder warn(Throwable failure) {
        long now = nanos.getAsLong();
        Kind kind = kinds.get(failure.getClass());
        if (kind == null) {
            kind = new Kind();
            kinds.put(failure.getClass(), kind);
        } else if (now - kind.saidAt < EVERY_NS) {
            kind.unsaid++;
            return NOPLoggingEventBuilder.singleton();
        }
        LoggingEventBuilder line = log.atLevel(Level.WARN).addKeyValue("error", failure.toString());
        if (kind.unsaid > 0) {
            line = line.addKeyValue("unsaid", kind.unsaid);
        }
        kind.saidAt = now;
        kind.unsaid = 0;
        return line;
    }
}
