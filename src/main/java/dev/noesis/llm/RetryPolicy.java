package dev.noesis.llm;

import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Decides whether, and when, a failed call is worth another attempt.
 *
 * <ul>
 *   <li><b>Yes:</b> what happened before the answer began (connect, TLS handshake cut short, no connection free), a stream
 *       that fell silent or was cut, and the statuses 408, 409, 429 and 500 up; the same statuses where they came as an error
 *       inside the stream.
 *   <li><b>Once:</b> an answer that breaks the protocol. A gateway's error page or a garbled tool call may well be gone the
 *       next time; a wrong endpoint is as wrong as before, so a second attempt that fails so is the last.
 *   <li><b>Never:</b> all other statuses, and what another attempt cannot change: a refused certificate or tunnel, a request or an
 *       answer that is too large, a closed client, a fault of our own.
 * </ul>
 *
 * <p>The server's {@code x-should-retry} overrides the lists of statuses. Its {@code retry-after} is honoured in full; else
 * the wait is drawn evenly from zero to an upper bound that doubles with each attempt ("full jitter"), so that callers that
 * failed together do not come back together. Nothing is tried again whose wait would reach the deadline.
 *
 * <p>What is not tried again, or only much later, may be asked of another model, unless it is the request's own fault or ours.
 *
 * <p><b>Threading.</b> Immutable; the random generator is the caller's.
 */
public final class RetryPolicy {
    private static final Duration BASE = Duration.ofMillis(500);
    private static final Duration CAP = Duration.ofSeconds(8);
    private static final Duration MAX_HOLD = Duration.ofSeconds(10);

    private static final int MOST_PROTOCOL_ATTEMPTS = 2;

    private final int maxAttempts;
    private final long baseMs;
    private final long capMs;
    private final long maxHoldMs;

    /**
     * With a base of 0.5 s, a cap of 8 s, and 10 s as the longest wait for which a permit is held.
     *
     * @param maxAttempts most attempts, the first included, ≥ 1
     */
    public RetryPolicy(int maxAttempts) {
        this(maxAttempts, BASE, CAP, MAX_HOLD);
    }

    /**
     * @param maxAttempts most attempts, the first included, ≥ 1
     * @param base upper bound of the wait after the first attempt, ≥ 1 ms
     * @param cap upper bound of any wait that we choose ourselves, ≥ {@code base}
     * @param maxHold the longest wait for which a permit is held
     */
    public RetryPolicy(int maxAttempts, Duration base, Duration cap, Duration maxHold) {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts is at least 1, not " + maxAttempts);
        }
        if (base.toMillis() < 1 || cap.compareTo(base) < 0 || maxHold.isNegative()) {
            throw new IllegalArgumentException(
                    "1 ms <= base <= cap and maxHold >= 0, not " + base + ", " + cap + ", " + maxHold);
        }
        this.maxAttempts = maxAttempts;
        this.baseMs = base.toMillis();
        this.capMs = cap.toMillis();
        this.maxHoldMs = maxHold.toMillis();
    }

    /**
     * What to do after a failed attempt.
     *
     * @param attempts how many were made so far, this one included, ≥ 1
     * @param nowMs the present, in milliseconds since the epoch
     * @param deadlineMs when the run ends at the latest, in milliseconds since the epoch
     */
    public Retry decide(LlmFailure failure, int attempts, long nowMs, long deadlineMs, RandomGenerator random) {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts is at least 1, not " + attempts);
        }
        if (attempts >= maxAttempts || !worthIt(failure, attempts)) {
            return new Retry.GiveUp();
        }
        long delayMs = delayMs(failure, attempts, random);
        // subtracting cannot overflow where adding an absurd retry-after could
        if (delayMs >= deadlineMs - nowMs) {
            return new Retry.GiveUp();
        }
        return delayMs > maxHoldMs ? new Retry.At(nowMs + delayMs) : new Retry.After(delayMs);
    }

    /**
     * What to do about a call that must not be made before some moment, which lies in the future.
     *
     * @param nowMs the present, in milliseconds since the epoch
     * @param deadlineMs when the run ends at the latest, in milliseconds since the epoch
     */
    public Retry hold(long untilMs, long nowMs, long deadlineMs) {
        if (untilMs >= deadlineMs) {
            return new Retry.GiveUp();
        }
        long delayMs = untilMs - nowMs;
        return delayMs > maxHoldMs ? new Retry.At(untilMs) : new Retry.After(Math.max(0, delayMs));
    }

    /** Whether another provider's model may answer what failed so. */
    public boolean mayBeAnsweredElsewhere(LlmFailure failure) {
        return switch (failure.kind()) {
            case CONNECT_TIMEOUT,
                    CONNECT_FAILED,
                    TLS_TIMEOUT,
                    TLS_FAILED,
                    PROXY_FAILED,
                    PROXY_REFUSED,
                    ACQUIRE_TIMEOUT,
                    ACQUIRE_QUEUE_FULL,
                    FIRST_BYTE_TIMEOUT,
                    IDLE_TIMEOUT,
                    PROGRESS_TIMEOUT,
                    CALL_TIMEOUT,
                    CONNECTION_LOST,
                    STREAM_CUT,
                    PROTOCOL -> true;
            case HTTP_STATUS, STREAM_ERROR ->
                failure.status() != 400 && failure.status() != 413 && failure.status() != 422;
            case ANSWER_TOO_LARGE, REQUEST_TOO_LARGE, INTERNAL, CLIENT_CLOSED -> false;
        };
    }

    private static boolean worthIt(LlmFailure failure, int attempts) {
        return switch (failure.kind()) {
            case CONNECT_TIMEOUT,
                    CONNECT_FAILED,
                    TLS_TIMEOUT,
                    PROXY_FAILED,
                    ACQUIRE_TIMEOUT,
                    ACQUIRE_QUEUE_FULL,
                    FIRST_BYTE_TIMEOUT,
                    IDLE_TIMEOUT,
                    PROGRESS_TIMEOUT,
                    CALL_TIMEOUT,
                    CONNECTION_LOST,
                    STREAM_CUT -> true;
            case HTTP_STATUS -> Objects.requireNonNullElse(failure.shouldRetry(), passing(failure.status()));
            // a request that was accepted and then failed for a reason we have no name for: the server's fault until it
            // says not
            case STREAM_ERROR ->
                Objects.requireNonNullElse(failure.shouldRetry(), failure.status() == 0 || passing(failure.status()));
            case PROTOCOL -> attempts < MOST_PROTOCOL_ATTEMPTS;
            case TLS_FAILED, PROXY_REFUSED, ANSWER_TOO_LARGE, REQUEST_TOO_LARGE, INTERNAL, CLIENT_CLOSED -> false;
        };
    }

    private static boolean passing(int status) {
        return status == 408 || status == 409 || status == 429 || status >= 500;
    }

    private long delayMs(LlmFailure failure, int attempts, RandomGenerator random) {
        Long asked = failure.retryAfterMs();
        if (asked != null && asked > 0) {
            return asked;
        }
        int doublings = Math.min(attempts - 1, Long.SIZE - 2);
        long bound = baseMs > capMs >> doublings ? capMs : baseMs << doublings;
        return random.nextLong(bound + 1);
    }
}
