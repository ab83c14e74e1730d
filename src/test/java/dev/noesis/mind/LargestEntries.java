package dev.noesis.mind;

import java.util.function.BiPredicate;

/** Entries that remember the largest value that was put. */
final class LargestEntries implements Entries {
    private final MapEntries entries = new MapEntries();
    private int largest;

    int largest() {
        return largest;
    }

    @Override
    public byte[] get(String key) {
        return entries.get(key);
    }

    @Override
    public void put(String key, byte[] value) {
        largest = Math.max(largest, value.length);
        entries.put(key, value);
    }

    @Override
    public void delete(String key) {
        entries.delete(key);
    }

    @Override
    public void scan(String prefix, BiPredicate<String, byte[]> visitor) {
        entries.scan(prefix, visitor);
    }

    @Override
    public void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor) {
        entries.scanFrom(from, prefix, visitor);
    }

    @Override
    public void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor) {
        entries.scanBackwards(prefix, visitor);
    }
}
