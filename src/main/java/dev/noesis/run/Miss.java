package dev.noesis.run;

import dev.noesis.model.ErrorCode;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why a model did not answer a step.
 *
 * @param retryAt when it may be asked again, epoch milliseconds; null: not in time, or never
 */
record Miss(
        String target,
        ErrorCode code,
        String message,
        @Nullable Long retryAt) {

    /**
     * What there is to say where all of these were asked, the lane's own model first. A fallback can only make it better: the
     * step fails as the lane's own model failed, and waits where any of them can be waited for, for the one that may be asked
     * first.
     */
    static Miss all(List<Miss> misses) {
        Miss own = misses.getFirst();
        if (misses.size() == 1) {
            return own;
        }
        return new Miss(
                own.target,
                own.code,
                misses.stream().map(miss -> miss.target + ": " + miss.message).collect(Collectors.joining("; ")),
                misses.stream()
                        .map(Miss::retryAt)
                        .filter(Objects::nonNull)
                        .min(Long::compare)
                        .orElse(null));
    }
}
