package dev.noesis.bench.load;

import java.util.Arrays;

/**
 * Durations, and their quantiles.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class Delays {
    private long[] nanos = new long[1_024];
    private int count;

    synchronized void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = duration;
    }

    synchronized int count() {
        return count;
    }

    /** In milliseconds; NaN where there is nothing. */
    synchronized double quantile(double share) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.min(count - 1, (int) (share * count))] / 1e6;
    }
}
