package dev.noesis.bench.recovery;

import java.util.List;

/**
 * The straight line through a series, and whether it rises.
 *
 * @param mean of the values
 * @param perHour how much more in an hour
 * @param error standard error of {@code perHour}
 * @param hours how long the series is
 */
record Trend(double mean, double perHour, double error, double hours) {
    /** A rise over the whole series that is smaller than this share of its mean is none. */
    private static final double SHARE = 0.03;

    /** A rise that is not larger than so many standard errors is chance. */
    private static final double ERRORS = 4;

    /** A value at its time, in hours. */
    record Sample(double hour, double value) {}

    /** By least squares. */
    static Trend of(List<Sample> samples) {
        int n = samples.size();
        double meanHour = samples.stream().mapToDouble(Sample::hour).average().orElse(0);
        double mean = samples.stream().mapToDouble(Sample::value).average().orElse(Double.NaN);
        double squares = 0;
        double products = 0;
        for (Sample sample : samples) {
            squares += (sample.hour() - meanHour) * (sample.hour() - meanHour);
            products += (sample.hour() - meanHour) * (sample.value() - mean);
        }
        double slope = squares == 0 ? 0 : products / squares;
        double left = 0;
        for (Sample sample : samples) {
            double off = sample.value() - mean - slope * (sample.hour() - meanHour);
            left += off * off;
        }
        double error = n > 2 && squares > 0 ? Math.sqrt(left / (n - 2) / squares) : Double.POSITIVE_INFINITY;
        double hours =
                n == 0 ? 0 : samples.getLast().hour() - samples.getFirst().hour();
        return new Trend(mean, slope, error, hours);
    }

    boolean isRising() {
        return perHour > ERRORS * error && perHour * hours > SHARE * mean;
    }
}
