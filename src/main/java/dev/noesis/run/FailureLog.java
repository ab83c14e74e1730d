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
 * Keeps an outage, or a storm of malformed records, from flooding the log file: of failures of one kind one line is written at
 * most every ten seconds. It counts those that were not.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class FailureLog {
    private static final long EVERY_NS = Duration.ofSeconds(10).toNanos();

    private final Logger log;
    private final LongSupplier nanos;
    private final Map<String, Kind> kinds = new HashMap<>();

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

    /**
     * A line about the failure, whose kind is its class, to be completed and logged: a warning, or nothing while it is too
     * soon for another.
     */
    LoggingEventBuilder warn(Throwable failure) {
        return warn(failure.getClass().getName()).addKeyValue("error", failure.toString());
    }

    /** A line about a failure of that kind, to be completed and logged, or nothing while it is too soon for another. */
    synchronized LoggingEventBuilder warn(String kindName) {
        long now = nanos.getAsLong();
        Kind kind = kinds.get(kindName);
        if (kind == null) {
            kind = new Kind();
            kinds.put(kindName, kind);
        } else if (now - kind.saidAt < EVERY_NS) {
            kind.unsaid++;
            return NOPLoggingEventBuilder.singleton();
        }
        LoggingEventBuilder line = log.atLevel(Level.WARN);
        if (kind.unsaid > 0) {
            line = line.addKeyValue("unsaid", kind.unsaid);
        }
        kind.saidAt = now;
        kind.unsaid = 0;
        return line;
    }
}
