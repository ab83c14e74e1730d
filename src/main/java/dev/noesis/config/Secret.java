package dev.noesis.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A value that never shows itself: its {@code toString} is the same for all, and so is its hash. */
public final class Secret {
    private final String value;

    /**
     * @param value without line ends or other control characters, since it is sent in a header
     * @throws IllegalArgumentException if it is blank or has a control character; the message does not show it
     */
    public Secret(String value) {
        if (value.isBlank() || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a secret must be text on one line, not blank");
        }
        this.value = value;
    }

    /** The value itself, for the one place that sends it. */
    public String reveal() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        // in constant time, so that comparing tells nothing
        return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
    }

    @Override
    public int hashCode() {
        // of no value: a hash of a short secret can be searched for
        return Secret.class.hashCode();
    }

    @Override
    public String toString() {
        return "[hidden]";
    }

    private byte[] bytes() {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
