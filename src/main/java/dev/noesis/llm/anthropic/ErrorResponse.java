package dev.noesis.llm.anthropic;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Reads an answer whose status is not 200: the body where it is the provider's, and what the headers say about retrying. */
public final class ErrorResponse {
    /** Waits longer than this, a year, are taken for this. */
    static final long LONGEST_WAIT_MS = Duration.ofDays(365).toMillis();

    private static final int LONGEST_QUOTE = 300;
    private static final Pattern SECONDS = Pattern.compile("\\d+(\\.\\d*)?|\\.\\d+");

    private ErrorResponse() {}

    /**
     * @param header the value of a response header by its lower-case name, or null
     * @param body what was received of it; a gateway's may be anything, or empty
     * @param nowMs the moment of the answer, in milliseconds since the epoch
     */
    public static LlmFailure of(int status, Function<String, @Nullable String> header, byte[] body, long nowMs) {
        EventReader error = error(body);
        String requestId = header.apply("request-id");
        if (requestId == null && error != null) {
            requestId = error.requestId;
        }
        return new LlmFailure(
                Kind.HTTP_STATUS,
                "HTTP " + status + ": " + words(error, body),
                status,
                retryAfterMs(header, nowMs),
                shouldRetry(header.apply("x-should-retry")),
                requestId);
    }

    private static @Nullable EventReader error(byte[] body) {
        try {
            EventReader read = EventReader.read(body);
            return read.errorType.isEmpty() && read.errorMessage.isEmpty() ? null : read;
        } catch (JacksonException notOurs) {
            return null;
        }
    }

    private static String words(@Nullable EventReader error, byte[] body) {
        if (error != null) {
            return error.errorType + ": " + quote(error.errorMessage);
        }
        return body.length == 0
                ? "no body"
                : "not the provider's body: " + quote(new String(body, StandardCharsets.UTF_8));
    }

    /** One line of bounded length of a text that comes from outside. */
    static String quote(String text) {
        String line = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
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
