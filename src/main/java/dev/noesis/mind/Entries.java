package dev.noesis.mind;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Sorted entries of one partition. Keys are ordered by their UTF-8 bytes, unsigned. Used by one thread at a time. */
public interface Entries {
    byte @Nullable [] get(String key);

    void put(String key, byte[] value);

    void delete(String key);

    /**
     * Visits the entries whose key begins with {@code prefix}, in ascending order, until the visitor answers false. The
     * visitor must not change the entries.
     */
    void scan(String prefix, BiPredicate<String, byte[]> visitor);

    /**
     * The same, but for the entries before {@code from}, which begins with the prefix, too: where many were deleted at the
     * front, a store would pass over what is left of each.
     */
    void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor);

    /** The same as {@link #scan} in descending order. */
    void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor);
}
