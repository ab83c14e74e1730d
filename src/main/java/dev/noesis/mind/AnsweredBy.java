package dev.noesis.mind;

import org.jspecify.annotations.Nullable;

/**
 * Who answered, by the names that replies and outcomes tell.
 *
 * @param model in its provider's words
 * @param provider whose API it was; null where an older release wrote the answer
 * @param target {@code primary}, or the name of a fallback; null where an older release wrote the answer
 */
public record AnsweredBy(
        String model, @Nullable String provider, @Nullable String target) {}
