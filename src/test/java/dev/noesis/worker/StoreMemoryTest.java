package dev.noesis.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.StoreConfig;
import dev.noesis.model.Lane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

class StoreMemoryTest {
    private static final int MIB = 1024 * 1024;
    /** Two lanes of 6 partitions, and as many standbys. */
    private static final int STORES = 24;

    private final StoreMemory memory = new StoreMemory(new StoreConfig(8 * MIB, 4 * MIB));
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    private Path dir;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        unlogged.close();
        memory.close();
    }

    @Test
    void allStoresTogetherStayWithinTheBoundHoweverMuchIsWrittenAndRead() throws Exception {
        List<RocksDB> stores = stores(STORES);
        Random random = new Random(1);
        for (int round = 0; round < 128; round++) {
            for (RocksDB store : stores) {
                store.put(unlogged, key(round), bytes(random));
                store.get(key(random.nextInt(round + 1)));
            }
        }

        // Each has taken 1 MiB, half of its own write buffer. The disk may have lagged behind: each writes out at its
        // next.
        await().untilAsserted(() -> {
            for (RocksDB store : stores) {
                store.put(unlogged, key(0), new byte[10]);
            }
            assertThat(memory.used()).isBetween(2L * MIB, 9L * MIB);
        });
    }

    @Test
    void aStoreThatIsWrittenFasterThanTheDiskTakesItWaits() throws Exception {
        RocksDB store = stores(1).getFirst();
        Random random = new Random(1);
        long most = 0;
        for (int i = 0; i < 2_048; i++) {
            store.put(unlogged, key(i), bytes(random));
            most = Math.max(most, memory.used());
        }

        assertThat(most).isBetween(2L * MIB, 10L * MIB);
    }

    @Test
    void storesThatHaveTakenLittleAreNotWrittenToDisk() throws Exception {
        List<RocksDB> stores = stores(STORES);
        for (int round = 0; round < 20; round++) {
            for (RocksDB store : stores) {
                store.put(unlogged, key(round), new byte[100]);
            }
        }

        assertThat(stores).allSatisfy(store -> assertThat(files(store)).isEmpty());
        assertThat(memory.used()).isLessThan(4L * MIB);
    }

    @Test
    void whatAClosedStoreHeldIsGivenBack() throws Exception {
        RocksDB store = stores(1).getFirst();
        for (int i = 0; i < 256; i++) {
            store.put(unlogged, key(i), new byte[8 * 1024]);
        }
        long before = memory.used();
        store.close();

        assertThat(before).isGreaterThan(2L * MIB);
        assertThat(memory.used()).isLessThan(MIB);
    }

    @Test
    void theStoresOfALaneAreHeldToIt() {
        var config = ConfigLoader.load(Map.of("state.dir", dir.toString()));
        var topology = new Topology();
        topology.addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), "in")
                .addProcessor("p", StoreMemoryTest::doingNothing, "in")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("state"), Serdes.String(), Serdes.ByteArray()),
                        "p");
        try (var driver = new TopologyTestDriver(topology, StreamsSettings.of(config, Lane.CHAT, "w", memory))) {
            var store = driver.<String, byte[]>getKeyValueStore("state");
            for (int i = 0; i < 256; i++) {
                store.put("k" + i, new byte[8 * 1024]);
            }

            assertThat(memory.used()).isBetween(2L * MIB, 4L * MIB);
        }
    }

    @Test
    void aWorkerThatEndsOpensNoStore() {
        memory.close();
        memory.close();

        assertThat(memory.used()).isZero();
        try (var options = options()) {
            assertThatThrownBy(() ->
                            new BoundedRocksDb().setConfig("state", options, Map.of(BoundedRocksDb.MEMORY, memory)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ends");
        }
    }

    private List<RocksDB> stores(int count) throws RocksDBException {
        List<RocksDB> stores = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Options options = options();
            opened.add(options);
            new BoundedRocksDb().setConfig("state", options, Map.of(BoundedRocksDb.MEMORY, memory));
            RocksDB store = RocksDB.open(options, dir.resolve("store-" + i).toString());
            opened.add(store);
            stores.add(store);
        }
        return stores;
    }

    /** As Kafka Streams hands them over. */
    private static Options options() {
        return new Options().setCreateIfMissing(true).setTableFormatConfig(new BlockBasedTableConfig());
    }

    private static Processor<byte[], byte[], Void, Void> doingNothing() {
        return new ContextualProcessor<>() {
            @Override
            public void process(Record<byte[], byte[]> record) {
                // the test writes to the store itself
            }
        };
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[8 * 1024];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] key(int number) {
        return ("key-" + number).getBytes(UTF_8);
    }

    private static List<String> files(RocksDB store) {
        return store.getLiveFilesMetaData().stream()
                .map(LiveFileMetaData::fileName)
                .toList();
    }
}
