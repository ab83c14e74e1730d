package dev.noesis.llm.wire;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of an error say about trying again; both providers use the same ones.
 *
 * @param retryAfterMs how long to wait, from the moment of the answer; null where it does not say
 * @param shouldRetry {@code x-should-retry}; null where it does not say
 */
public record RetryHeaders(
        @Nullable Long retryAfterMs, @Nullable Boolean shouldRetry) {
    /** Waits longer than this, a year, are taken for this. */
    public static final long LONGEST_WAIT_MS = Duration.ofDays(365).toMillis();

    private static final Pattern SECONDS = Pattern.compile("\\d+(\\.\\d*)?|\\.\\d+");

    /**
     * @param header the value of a response header by its lower-case name, or null
     * @param nowMs the moment of the answer, in milliseconds since the epoch
     */
    public static RetryHeaders of(Function<String, @Nullable String> header, long nowMs) {
        return new RetryHeaders(retryAfterMs(header, nowMs), shouldRetry(header.apply("x-should-retry")));
    }

    private static @Nullable Boolean shouldRetry(@Nullable String value) {
        if (value == null) {
            return null;
        }
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    private static @Nullable Long retryAfterMs(Function<String, @Nullable String> header, long nowMs) {
        String millis = header.apply("retry-after-ms");
        Long wait = millis == null ? null : wait(millis, 1);
        if (wait != null) {
            return wait;
        }
        String after = header.apply("retry-after");
        if (after == null) {
            return null;
        }
        wait = wait(after, 1_000);
        return wait != null ? wait : untilDate(after, nowMs);
    }

    /** A number times its unit; null where it is none, or negative. */
    private static @Nullable Long wait(String value, long unitMs) {
        String number = value.strip();
        if (!SECONDS.matcher(number).matches()) {
            return null;
        }
        double ms = Math.ceil(Double.parseDouble(number) * unitMs);
        return ms >= LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (long) ms;
    }

    /** The time until an HTTP date (RFC 9110, 5.6.7); 0 where it has passed, null where that is none. */
    private static @Nullable Long untilDate(String value, long nowMs) {
        try {
            long then = ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .toEpochMilli();
            return Math.clamp(then - nowMs, 0, LONGEST_WAIT_MS);
        } catch (DateTimeException | ArithmeticException noDate) {
            return null;
        }
    }
}
