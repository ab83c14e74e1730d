package dev.noesis.llm;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed.
 *
 * @param message for people: what happened, where, after how long; free of secrets
 * @param status the HTTP status where there was one, else 0
 * @param retryAfterMs how long the server asked to wait, from the moment of the answer; null where it did not say
 * @param shouldRetry the server's {@code x-should-retry}, which overrides our own rules; null where it did not say
 * @param requestId the provider's name for the request; null where it gave none
 */
public record LlmFailure(
        Kind kind,
        String message,
        int status,
        @Nullable Long retryAfterMs,
        @Nullable Boolean shouldRetry,
        @Nullable String requestId) {

    public static LlmFailure of(Kind kind, String message) {
        return new LlmFailure(kind, message, 0, null, null, null);
    }

    /** The cause in a word, one of a few: {@code connect_timeout}, or {@code http_429} where there was a status. */
    public String cause() {
        return status > 0 ? "http_" + status : kind.name().toLowerCase(Locale.ROOT);
    }

    /** Each way to fail has its own name, so that whoever reads a log or a metric knows which limit or which side it was. */
    public enum Kind {
        /** The connection was not established in time. */
        CONNECT_TIMEOUT,
        /** The connection was refused, or the host is unknown or unreachable. */
        CONNECT_FAILED,
        /** The TLS handshake did not end in time. */
        TLS_TIMEOUT,
        /** The TLS handshake failed: untrusted certificate, wrong host name, no common protocol. */
        TLS_FAILED,
        /** The proxy could not be reached, broke off, or made no tunnel for a reason that may pass. */
        PROXY_FAILED,
        /** The proxy refused the tunnel: our credentials, or where it should lead. */
        PROXY_REFUSED,
        /** All connections were in use for longer than a caller waits. */
        ACQUIRE_TIMEOUT,
        /** All connections were in use and as many callers waited as may. */
        ACQUIRE_QUEUE_FULL,
        /** No byte of the response came in time. */
        FIRST_BYTE_TIMEOUT,
        /** The stream fell silent. */
        IDLE_TIMEOUT,
        /** The stream sent nothing but pings. */
        PROGRESS_TIMEOUT,
        /** The whole call took too long. */
        CALL_TIMEOUT,
        /** The connection broke before the response's headers. */
        CONNECTION_LOST,
        /** The stream ended, or broke, without its terminal event. */
        STREAM_CUT,
        /** The server answered with an error status. */
        HTTP_STATUS,
        /** The server sent an error inside the stream; {@code status} is the one that its type stands for. */
        STREAM_ERROR,
        /** The response breaks the protocol: not an event stream, malformed JSON, events out of order, a line over the cap. */
        PROTOCOL,
        /** The answer grew over its cap. */
        ANSWER_TOO_LARGE,
        /** The request is larger than the provider takes; it was not sent. */
        REQUEST_TOO_LARGE,
        /** A fault of our own: the caller's listener threw, or the client has a bug. The log says which. */
        INTERNAL,
        /** The client was closed. */
        CLIENT_CLOSED
    }
}
