package dev.noesis.mind;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Entries in memory: for whoever folds the log outside a topology. */
public final class MapEntries implements Entries {
    private final NavigableMap<Bytes, byte[]> map = new TreeMap<>();

    @Override
    public byte @Nullable [] get(String key) {
        return map.get(StoreEntries.bytes(key));
    }

    @Override
    public void put(String key, byte[] value) {
        map.put(StoreEntries.bytes(key), value);
    }

    @Override
    public void delete(String key) {
        map.remove(StoreEntries.bytes(key));
    }

    @Override
    public void scan(String prefix, BiPredicate<String, byte[]> visitor) {
        visit(range(prefix), visitor);
    }

    @Override
    public void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor) {
        visit(range(prefix).tailMap(StoreEntries.bytes(from), true), visitor);
    }

    @Override
    public void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor) {
        visit(range(prefix).descendingMap(), visitor);
    }

    private NavigableMap<Bytes, byte[]> range(String prefix) {
        Bytes from = StoreEntries.bytes(prefix);
        return map.subMap(from, true, StoreEntries.behind(from), false);
    }

    private static void visit(NavigableMap<Bytes, byte[]> range, BiPredicate<String, byte[]> visitor) {
        for (Map.Entry<Bytes, byte[]> entry : range.entrySet()) {
            if (!visitor.test(StoreEntries.string(entry.getKey()), entry.getValue())) {
                return;
            }
        }
    }
}
