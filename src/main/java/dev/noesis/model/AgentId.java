package dev.noesis.model;

import org.jspecify.annotations.Nullable;

/** The rules for the ids that clients choose. */
public final class AgentId {
    /** Longest id, in characters. */
    public static final int MAX_LENGTH = 200;

    private AgentId() {}

    /** What is wrong with it as a record's key; null if nothing is. */
    public static @Nullable String check(@Nullable String id) {
        if (id == null || id.isEmpty()) {
            return "the key is the agent's id, and there is none";
        }
        if (id.length() > MAX_LENGTH) {
            return "the agent's id is longer than " + MAX_LENGTH + " characters";
        }
        for (int i = 0; i < id.length(); i++) {
            if (!isLegal(id.charAt(i))) {
                return "the agent's id may hold letters, digits and ._:@/- only";
            }
        }
        return null;
    }

    /** What is wrong with the id of a thread, run, message, tick or signal, named {@code field}; null if nothing is. */
    public static @Nullable String checkPart(String field, @Nullable String id) {
        if (id == null || id.isEmpty()) {
            return field + " is required";
        }
        if (id.length() > MAX_LENGTH) {
            return field + " is longer than " + MAX_LENGTH + " characters";
        }
        if (id.chars().anyMatch(Character::isISOControl)) {
            return field + " holds control characters";
        }
        // as UTF-8, which keys are made of, all halves of surrogate pairs are the same
        return id.codePoints().anyMatch(AgentId::isHalfOfPair) ? field + " is not Unicode text" : null;
    }

    private static boolean isHalfOfPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "._:@/-".indexOf(c) >= 0;
    }
}
