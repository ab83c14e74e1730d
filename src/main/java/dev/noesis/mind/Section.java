package dev.noesis.mind;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A part of some entries, whose keys share a name in front. A task's parts live in one store: a store costs a RocksDB to open
 * and a changelog partition in every transaction.
 */
public final class Section implements Entries {
    private final Entries whole;
    private final String name;

    /** @param name of letters and digits */
    public Section(Entries whole, String name) {
        this.whole = whole;
        this.name = name + "\1";
    }

    @Override
    public byte @Nullable [] get(String key) {
        return whole.get(name + key);
    }

    @Override
    public void put(String key, byte[] value) {
        whole.put(name + key, value);
    }

    @Override
    public void delete(String key) {
        whole.delete(name + key);
    }

    @Override
    public void scan(String prefix, BiPredicate<String, byte[]> visitor) {
        whole.scan(name + prefix, (key, value) -> visitor.test(key.substring(name.length()), value));
    }

    @Override
    public void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor) {
        whole.scanFrom(name + from, name + prefix, (key, value) -> visitor.test(key.substring(name.length()), value));
    }

    @Override
    public void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor) {
        whole.scanBackwards(name + prefix, (key, value) -> visitor.test(key.substring(name.length()), value));
    }
}
