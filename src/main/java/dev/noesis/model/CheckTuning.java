package dev.noesis.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How often a check is to look at an agent from here on, by what humans made of what it found.
 *
 * @param everyMs milliseconds; null: as often as it is configured
 * @param beforeMs what that was until now, where this changes it and may be taken back; null where not
 */
public record CheckTuning(
        String check, @Nullable Long everyMs, @Nullable Long beforeMs) {
    public CheckTuning {
        Objects.requireNonNull(check, "check");
    }
}
