package dev.noesis.topics;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * One topic as it should be. Its partition count is the deployment's, the same for all; its key is always the agent's id.
 *
 * @param name with the deployment's prefix
 * @param retention how long a record is kept; null for ever
 * @param compacted whether only the last record of a key is kept, too
 * @param clock whose time a record carries
 */
public record TopicSpec(String name, @Nullable Duration retention, boolean compacted, Clock clock) {
    /** Largest batch of records that a topic takes, and so the largest record: 8 MiB. */
    public static final int MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

    /** A segment is dropped whole, when its last record is too old: this many of them share the retention. */
    private static final int SEGMENTS_PER_RETENTION = 7;

    /** Whose time a record carries. */
    public enum Clock {
        /** The broker's at append: what is read as input. A fold's time, and so every deadline, rests on it. */
        BROKER("LogAppendTime"),
        /** The writer's: what is written by a lane, which stamps it with the time of its cause. */
        WRITER("CreateTime");

        private final String timestampType;

        Clock(String timestampType) {
            this.timestampType = timestampType;
        }

        /** The value of {@code message.timestamp.type}. */
        public String timestampType() {
            return timestampType;
        }
    }

    /** The value of {@code cleanup.policy}. */
    public String cleanupPolicy() {
        return compacted ? "compact,delete" : "delete";
    }

    /**
     * The topic's own settings.
     *
     * @param replicas of each partition; with three or more, a write waits for two
     */
    public Map<String, String> settings(int replicas) {
        var settings = new LinkedHashMap<String, String>();
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanupPolicy());
        settings.put(TopicConfig.RETENTION_MS_CONFIG, String.valueOf(retention == null ? -1 : retention.toMillis()));
        settings.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
        if (retention != null) {
            long segment = retention.dividedBy(SEGMENTS_PER_RETENTION).toMillis();
            settings.put(TopicConfig.SEGMENT_MS_CONFIG, String.valueOf(segment));
        }
        settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(MAX_MESSAGE_BYTES));
        settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, clock.timestampType());
        settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, replicas >= 3 ? "2" : "1");
        settings.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        return settings;
    }
}
