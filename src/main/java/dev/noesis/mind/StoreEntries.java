package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.BiPredicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Entries in a Kafka Streams store, changelogged and transactional with the task. StreamThread only. */
public final class StoreEntries implements Entries {
    private final KeyValueStore<Bytes, byte[]> store;

    public StoreEntries(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    @Override
    public byte @Nullable [] get(String key) {
        return store.get(bytes(key));
    }

    @Override
    public void put(String key, byte[] value) {
        store.put(bytes(key), value);
    }

    @Override
    public void delete(String key) {
        store.delete(bytes(key));
    }

    @Override
    public void scan(String prefix, BiPredicate<String, byte[]> visitor) {
        scanFrom(prefix, prefix, visitor);
    }

    @Override
    public void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor) {
        try (KeyValueIterator<Bytes, byte[]> range = store.range(bytes(from), behind(bytes(prefix)))) {
            visit(prefix, range, visitor);
        }
    }

    @Override
    public void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor) {
        Bytes from = bytes(prefix);
        try (KeyValueIterator<Bytes, byte[]> range = store.reverseRange(from, behind(from))) {
            visit(prefix, range, visitor);
        }
    }

    /** The range includes its upper end, which is the first key behind the prefix: it is passed over. */
    private static void visit(
            String prefix, KeyValueIterator<Bytes, byte[]> range, BiPredicate<String, byte[]> visitor) {
        while (range.hasNext()) {
            KeyValue<Bytes, byte[]> entry = range.next();
            String key = string(entry.key);
            if (key.startsWith(prefix) && !visitor.test(key, entry.value)) {
                return;
            }
        }
    }

    /** The first key behind all that begin with this one. The last byte of UTF-8 text is never 0xFF. */
    static Bytes behind(Bytes prefix) {
        byte[] next = prefix.get().clone();
        next[next.length - 1]++;
        return Bytes.wrap(next);
    }

    static Bytes bytes(String key) {
        return Bytes.wrap(key.getBytes(UTF_8));
    }

    static String string(Bytes key) {
        return new String(key.get(), UTF_8);
    }
}
