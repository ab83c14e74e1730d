package dev.noesis.check;

import org.jspecify.annotations.Nullable;

/**
 * From when on a partition of a topic has all its records: those before are gone by retention, and what they would prove is
 * not provable.
 */
final class Kept {
    /** Between a record's cause and the record, at most; and what clocks differ by. */
    private static final long MARGIN_MS = 60_000;

    private final boolean isWhole;
    private @Nullable Long since;

    Kept(History history, String topic, int partition) {
        isWhole = history.beginning(topic, partition) == 0;
    }

    /** Hears of the partition's records in their order. */
    void saw(Seen record) {
        if (since == null) {
            since = record.timestamp() + MARGIN_MS;
        }
    }

    boolean isWhole() {
        return isWhole;
    }

    /**
     * Whether a record that followed from something that happened then is still kept. To be asked at the partition's end.
     *
     * @param at epoch milliseconds
     */
    boolean covers(long at) {
        return isWhole || (since != null && at > since);
    }
}
