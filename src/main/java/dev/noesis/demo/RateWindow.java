package dev.noesis.demo;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * The rate-limit headers: a limit by the minute that is counted and told, but never enforced.
 *
 * <p><b>Threading.</b> Any thread.
 */
final class RateWindow {
    private static final long REQUESTS = 100_000;

    private final Clock clock;
    private Instant ends = Instant.EPOCH;
    private String endsText = "";
    private long requests;

    RateWindow(Clock clock) {
        this.clock = clock;
    }

    /** Counts a request and adds its headers, as the Messages API names them. */
    synchronized void count(Map<String, String> headers) {
        long left = count();
        add(headers, "requests", 1, left);
        add(headers, "tokens", 1_000, left);
        add(headers, "input-tokens", 1_000, left);
        add(headers, "output-tokens", 1_000, left);
    }

    /** Counts a request and adds its headers, as OpenAI names them. */
    synchronized void countForChat(Map<String, String> headers) {
        long left = count();
        long seconds = Math.max(0, ends.getEpochSecond() - clock.instant().getEpochSecond());
        for (String of : new String[] {"requests", "tokens"}) {
            long each = of.equals("tokens") ? 1_000 : 1;
            headers.put("x-ratelimit-limit-" + of, Long.toString(REQUESTS * each));
            headers.put("x-ratelimit-remaining-" + of, Long.toString(left * each));
            headers.put("x-ratelimit-reset-" + of, seconds + "s");
        }
    }

    private long count() {
        Instant now = clock.instant();
        if (!now.isBefore(ends)) {
            ends = now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(60);
            endsText = ends.toString();
            requests = 0;
        }
        requests++;
        return Math.max(0, REQUESTS - requests);
    }

    private void add(Map<String, String> headers, String of, long each, long left) {
        headers.put("anthropic-ratelimit-" + of + "-limit", Long.toString(REQUESTS * each));
        headers.put("anthropic-ratelimit-" + of + "-remaining", Long.toString(left * each));
        headers.put("anthropic-ratelimit-" + of + "-reset", endsText);
    }
}
