package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a human says of a finding. */
public enum Reaction {
    /** It is known, and somebody sees to it. */
    ACKNOWLEDGE,
    /** It is done. */
    RESOLVE,
    /** It was nothing, and stays so for a time. */
    DISMISS;

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException for any other word */
    @JsonCreator
    public static Reaction of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
