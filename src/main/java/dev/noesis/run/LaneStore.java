package dev.noesis.run;

import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** How a lane's store is kept: on disk, changelogged, compacted tightly so that a restore reads little that is old. */
public final class LaneStore {
    private static final Map<String, String> CHANGELOG = Map.of(
            // Records carry the time of the record in hand, which for the log's is shifted.
            TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime",
            TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(32 * 1024 * 1024),
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.1",
            TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG, Long.toString(60L * 60 * 1000),
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(8 * 1024 * 1024));

    private LaneStore() {}

    public static StoreBuilder<KeyValueStore<Bytes, byte[]>> named(String name) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                // Of the changes between two commits a fifth is overwritten or taken back, and need not be written.
                .withCachingEnabled()
                .withLoggingEnabled(CHANGELOG);
    }
}
