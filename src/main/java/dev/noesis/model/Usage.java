package dev.noesis.model;

/**
 * Tokens that a model call, or a run, was charged for. All counts are ≥ 0.
 *
 * @param inputTokens tokens read that were not in a cache
 * @param outputTokens tokens written
 * @param cacheReadTokens tokens read from the provider's prompt cache
 * @param cacheWriteTokens tokens written to the provider's prompt cache
 */
public record Usage(long inputTokens, long outputTokens, long cacheReadTokens, long cacheWriteTokens) {
    public static final Usage NONE = new Usage(0, 0, 0, 0);

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                cacheReadTokens + other.cacheReadTokens,
                cacheWriteTokens + other.cacheWriteTokens);
    }

    public Usage minus(Usage other) {
        return new Usage(
                inputTokens - other.inputTokens,
                outputTokens - other.outputTokens,
                cacheReadTokens - other.cacheReadTokens,
                cacheWriteTokens - other.cacheWriteTokens);
    }

    /** All tokens, cached ones included; what a budget is held against. */
    public long total() {
        return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
    }
}
