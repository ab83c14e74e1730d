package dev.noesis.llm;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a response's headers announce of the limits that its caller is under. Success and failure carry them alike.
 *
 * @param limits by what they limit; empty where the provider says nothing
 */
public record RateLimits(Map<Resource, Limit> limits) {
    public static final RateLimits NONE = new RateLimits(Map.of());

    private static final Pattern COUNT = Pattern.compile("\\d{1,18}");
    /** {@code 6m0s}, {@code 1.5s}, {@code 250ms}. */
    private static final Pattern PIECE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h|d)");

    /** What a provider limits. */
    public enum Resource {
        REQUESTS,
        TOKENS,
        INPUT_TOKENS,
        OUTPUT_TOKENS;

        private final String header = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * A limit.
     *
     * @param remaining how much may be used yet, ≥ 0
     * @param resetAt when it may be used in full again, epoch milliseconds
     */
    public record Limit(long remaining, long resetAt) {}

    public RateLimits {
        limits = Map.copyOf(limits);
    }

    /**
     * Reads {@code anthropic-ratelimit-<resource>-<remaining|reset>} and {@code x-ratelimit-<remaining|reset>-<resource>}. A
     * limit whose two headers are not both there, or make no sense, is passed over.
     *
     * @param header the value of a response header by its lower-case name, or null
     * @param nowMs the moment of the response, epoch milliseconds
     */
    public static RateLimits read(Function<String, @Nullable String> header, long nowMs) {
        Map<Resource, Limit> limits = new EnumMap<>(Resource.class);
        for (Resource resource : Resource.values()) {
            String prefix = "anthropic-ratelimit-" + resource.header;
            Limit limit = limit(header.apply(prefix + "-remaining"), header.apply(prefix + "-reset"), nowMs);
            if (limit == null) {
                limit = limit(
                        header.apply("x-ratelimit-remaining-" + resource.header),
                        header.apply("x-ratelimit-reset-" + resource.header),
                        nowMs);
            }
            if (limit != null) {
                limits.put(resource, limit);
            }
        }
        return limits.isEmpty() ? NONE : new RateLimits(limits);
    }

    private static @Nullable Limit limit(@Nullable String remaining, @Nullable String reset, long nowMs) {
        if (remaining == null
                || reset == null
                || !COUNT.matcher(remaining.strip()).matches()) {
            return null;
        }
        Long resetAt = moment(reset.strip(), nowMs);
        return resetAt == null ? null : new Limit(Long.parseLong(remaining.strip()), resetAt);
    }

    /** An instant as RFC 3339 has it, or a time from now; null where it is neither. */
    private static @Nullable Long moment(String reset, long nowMs) {
        try {
            return Instant.parse(reset).toEpochMilli();
        } catch (DateTimeException | ArithmeticException noInstant) {
            return after(reset, nowMs);
        }
    }

    private static @Nullable Long after(String wait, long nowMs) {
        Matcher piece = PIECE.matcher(wait);
        double ms = 0;
        int end = 0;
        while (piece.find() && piece.start() == end) {
            ms += Double.parseDouble(piece.group(1)) * millis(piece.group(2));
            end = piece.end();
        }
        return end == 0 || end < wait.length() ? null : nowMs + (long) Math.ceil(ms);
    }

    private static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> Duration.ofSeconds(1).toMillis();
            case "m" -> Duration.ofMinutes(1).toMillis();
            case "h" -> Duration.ofHours(1).toMillis();
            default -> Duration.ofDays(1).toMillis();
        };
    }
}
