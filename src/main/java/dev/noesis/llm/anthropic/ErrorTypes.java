package dev.noesis.llm.anthropic;

/** The provider's error types and the HTTP statuses that they stand for. */
final class ErrorTypes {
    private ErrorTypes() {}

    /** The status of an error type; 0 for one that we do not know. */
    static int status(String type) {
        return switch (type) {
            case "invalid_request_error" -> 400;
            case "authentication_error" -> 401;
            case "billing_error" -> 402;
            case "permission_error" -> 403;
            case "not_found_error" -> 404;
            case "conflict_error" -> 409;
            case "request_too_large" -> 413;
            case "rate_limit_error" -> 429;
            case "api_error" -> 500;
            case "timeout_error" -> 504;
            case "overloaded_error" -> 529;
            default -> 0;
        };
    }
}
