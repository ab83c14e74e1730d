package dev.noesis.mind;

import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Entries in a Kafka Streams store that lives in memory. */
public final class StoreFixture implements AutoCloseable {
    private final KeyValueStore<Bytes, byte[]> store = Stores.keyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore("entries"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .withCachingDisabled()
            .build();

    public StoreFixture() {
        store.init(new MockProcessorContext<Void, Void>(quietly()).getStateStoreContext(), store);
    }

    /** Kafka Streams warns about this setting where it is not made. */
    private static Properties quietly() {
        Properties properties = new Properties();
        properties.put("processing.exception.handler.global.enabled", "true");
        return properties;
    }

    public StoreEntries entries() {
        return new StoreEntries(store);
    }

    @Override
    public void close() {
        store.close();
    }
}
