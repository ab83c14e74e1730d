package dev.noesis.worker;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes things one after another: a step that fails is told and does not keep the next from being taken. */
final class Closing {
    private static final Logger log = LoggerFactory.getLogger(Closing.class);

    /** A step of a close. */
    interface Step {
        void run() throws Exception;
    }

    private record Named(String name, Step step) {}

    private final List<Named> steps = new ArrayList<>();

    Closing then(String name, Step step) {
        steps.add(new Named(name, step));
        return this;
    }

    /** Takes all steps in order. */
    void run() {
        boolean interrupted = false;
        for (Named named : steps) {
            try {
                named.step().run();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (Exception e) {
                log.atError().addKeyValue("step", named.name()).setCause(e).log("a step of the close failed");
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
