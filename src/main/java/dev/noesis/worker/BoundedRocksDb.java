package dev.noesis.worker;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * Sets up each store of a lane. Kafka Streams makes an instance for each of them, and hands over the lane's settings: the
 * worker's {@link StoreMemory} is among them.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {
    /** Under this name the settings hold the {@link StoreMemory}. */
    static final String MEMORY = "noesis.store.memory";

    /** @throws IllegalStateException if the settings hold no memory, or one that is closed */
    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        if (!(configs.get(MEMORY) instanceof StoreMemory memory)) {
            throw new IllegalStateException("the settings of store " + storeName + " have no " + MEMORY);
        }
        memory.boundTo(options);
    }

    /** The memory is the worker's, not the store's. */
    @Override
    public void close(String storeName, Options options) {}
}
