package dev.noesis.llm.openai;

import dev.noesis.llm.wire.Quote;

/**
 * An error as a server words it. The servers of this API agree on the shape and not on the words, so the status is taken from
 * whatever tells one.
 *
 * @param type a word such as {@code server_error}; empty where there is none
 * @param code a word such as {@code rate_limit_exceeded}, or a status; empty where there is none
 */
record ApiError(String type, String code, String message) {
    private static final int UNKNOWN = 500;

    /** The status that it stands for, where it came inside a stream. */
    int status() {
        if (code.length() == 3 && code.chars().allMatch(Character::isDigit)) {
            int number = Integer.parseInt(code);
            return number >= 400 && number <= 599 ? number : UNKNOWN;
        }
        int known = status(code);
        // what breaks a stream that had begun is the server's trouble, unless it says otherwise
        return known != 0 ? known : status(type) != 0 ? status(type) : UNKNOWN;
    }

    /** Whether it stays as it is however often the request is sent: a quota is spent, although the status says "later". */
    boolean isFinal() {
        return code.equals("insufficient_quota") || type.equals("insufficient_quota");
    }

    String words() {
        String name = code.isEmpty() || code.equals(type) ? type : type.isEmpty() ? code : type + " (" + code + ")";
        return name.isEmpty() ? Quote.of(message) : Quote.of(name) + ": " + Quote.of(message);
    }

    private static int status(String word) {
        return switch (word) {
            case "invalid_request_error", "BadRequestError", "context_length_exceeded" -> 400;
            case "authentication_error", "invalid_api_key", "AuthenticationError" -> 401;
            case "permission_error", "permission_denied", "PermissionDeniedError" -> 403;
            case "not_found_error", "model_not_found", "NotFoundError" -> 404;
            case "rate_limit_error", "rate_limit_exceeded", "insufficient_quota", "RateLimitError" -> 429;
            case "overloaded_error", "service_unavailable", "ServiceUnavailableError" -> 503;
            case "timeout_error", "timeout" -> 504;
            default -> 0;
        };
    }
}
