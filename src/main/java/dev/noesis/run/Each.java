package dev.noesis.run;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Steps of which each is to be taken, whatever becomes of the others. */
final class Each {
    private Each() {}

    /** Takes each step; what the first failure was is thrown at the end, with the others in it. */
    static void run(Collection<? extends Runnable> steps) {
        RuntimeException first = null;
        for (Runnable step : steps) {
            first = after(step, first);
        }
        if (first != null) {
            throw first;
        }
    }

    private static @Nullable RuntimeException after(Runnable step, @Nullable RuntimeException first) {
        try {
            step.run();
            return first;
        } catch (RuntimeException e) {
            if (first == null) {
                return e;
            }
            first.addSuppressed(e);
            return first;
        }
    }
}
