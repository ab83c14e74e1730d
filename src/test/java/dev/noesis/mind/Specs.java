package dev.noesis.mind;

import dev.noesis.model.RunSpec;
import java.util.List;

/** Terms of runs. */
public final class Specs {
    /** Log time of the first record of these tests, epoch milliseconds. */
    public static final long T0 = 1_800_000_000_000L;

    public static final long REMEMBER_MS = 60_000;

    private Specs() {}

    /** Four steps, a minute to live and to be remembered, no limit of tokens. */
    public static RunSpec spec() {
        return spec(4, null, null);
    }

    public static RunSpec steps(int maxSteps) {
        return spec(maxSteps, null, null);
    }

    public static RunSpec budget(long tokens) {
        return spec(4, tokens, null);
    }

    public static RunSpec requiring(String tool) {
        return spec(4, null, tool);
    }

    public static RunSpec spec(int maxSteps, Long budgetTokens, String requiredTool) {
        return new RunSpec(
                T0,
                T0 + 60_000,
                maxSteps,
                REMEMBER_MS,
                null,
                null,
                budgetTokens,
                List.of("learn_fact", "recall"),
                requiredTool,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }
}
