package dev.noesis.run;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Puts the log before the inputs. A task takes the record with the lowest timestamp among its partitions, so that behind a
 * backlog of requests a completion would wait for all of them; the log's records get their own time less a constant that no
 * backlog is older than.
 *
 * <p>The constant reaches the changelogs, whose records carry the time of the record in hand; they are kept by append time
 * for that reason.
 */
public final class LogFirstTimestamps implements TimestampExtractor {
    /** 60 days: input topics keep their records for 7. */
    private static final long SHIFT_MS = 60L * 24 * 60 * 60 * 1000;

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return Math.max(0, record.timestamp() - SHIFT_MS);
    }

    /** The append time of a log record whose timestamp came from here. */
    static long appendTime(long extracted) {
        return extracted + SHIFT_MS;
    }
}
