package dev.noesis.bench.llm;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long deltas were on their way, to 1.6 % of each value.
 *
 * <p><b>Threading.</b> Any; {@link #record} allocates nothing.
 */
final class Delays {
    private static final int SUB_BITS = 6;
    private static final int SUBS = 1 << SUB_BITS;

    private final AtomicLongArray counts = new AtomicLongArray(SUBS * (Long.SIZE - SUB_BITS + 1));

    void record(long micros) {
        counts.incrementAndGet(bucket(Math.max(0, micros)));
    }

    /** Below {@link #SUBS} each value has its bucket; above, each power of two has {@code SUBS / 2} of them. */
    private static int bucket(long micros) {
        int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(micros) - SUB_BITS);
        return shift * (SUBS / 2) + (int) (micros >>> shift);
    }

    private static long micros(int bucket) {
        int shift = Math.max(0, bucket / (SUBS / 2) - 1);
        return (long) (bucket - shift * (SUBS / 2)) << shift;
    }

    void clear() {
        for (int i = 0; i < counts.length(); i++) {
            counts.set(i, 0);
        }
    }

    /** The value below which that share of all lies, in microseconds; 0 where there is none. */
    long quantile(double share) {
        long all = 0;
        for (int i = 0; i < counts.length(); i++) {
            all += counts.get(i);
        }
        long rank = (long) Math.ceil(all * share);
        long seen = 0;
        for (int i = 0; i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= rank && seen > 0) {
                return micros(i);
            }
        }
        return 0;
    }
}
