package dev.noesis.demo;

import org.jspecify.annotations.Nullable;

/**
 * An error as the Messages API words it.
 *
 * @param status the HTTP status
 * @param type e.g. {@code overloaded_error}
 * @param retryAfter the {@code retry-after} header: seconds or an HTTP date; null for none
 * @param retryAfterMs the {@code retry-after-ms} header; null for none
 * @param shouldRetry the {@code x-should-retry} header; null for none
 */
record ApiError(
        int status,
        String type,
        String message,
        @Nullable String retryAfter,
        @Nullable Long retryAfterMs,
        @Nullable Boolean shouldRetry) {

    static ApiError of(int status, String type, String message) {
        return new ApiError(status, type, message, null, null, null);
    }

    /** With the type and words that the API has for that status. */
    static ApiError of(int status) {
        return of(status, typeOf(status), messageOf(status));
    }

    static ApiError invalid(String message) {
        return of(400, "invalid_request_error", message);
    }

    static String typeOf(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 409 -> "conflict_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 504 -> "timeout_error";
            case 529 -> "overloaded_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    static String messageOf(int status) {
        return switch (status) {
            case 401 -> "invalid x-api-key";
            case 402 -> "Your credit balance is too low";
            case 403 -> "Your API key may not use this resource";
            case 404 -> "Not found";
            case 409 -> "Conflict";
            case 413 -> "Request exceeds the maximum size";
            case 429 -> "This request would exceed your rate limit";
            case 504 -> "The request took too long";
            case 529 -> "Overloaded";
            default -> status < 500 ? "Invalid request" : "Internal server error";
        };
    }

    /** The status that stands for a type, for errors that come inside a stream; 500 for a type it does not know. */
    static int statusOf(String type) {
        return switch (type) {
            case "invalid_request_error" -> 400;
            case "authentication_error" -> 401;
            case "billing_error" -> 402;
            case "permission_error" -> 403;
            case "not_found_error" -> 404;
            case "conflict_error" -> 409;
            case "request_too_large" -> 413;
            case "rate_limit_error" -> 429;
            case "timeout_error" -> 504;
            case "overloaded_error" -> 529;
            default -> 500;
        };
    }
}
