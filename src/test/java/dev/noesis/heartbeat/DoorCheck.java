package dev.noesis.heartbeat;

import dev.noesis.heartbeat.checks.Check;
import dev.noesis.heartbeat.checks.Found;
import dev.noesis.heartbeat.checks.View;
import dev.noesis.model.Finding.Urgency;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** A check by class name, which blocks, and does as a test says: configuration makes it, so that is said to the class. */
public final class DoorCheck implements Check {
    static final AtomicInteger LOOKS = new AtomicInteger();
    private static volatile Callable<List<Found>> next = List::of;

    /** What the next looks do. */
    static void next(Callable<List<Found>> look) {
        LOOKS.set(0);
        next = look;
    }

    static List<Found> open(Urgency urgency) {
        return List.of(new Found("back", "house", "the back door is open", urgency, true, null));
    }

    @Override
    public String name() {
        return "door";
    }

    @Override
    public Duration every() {
        return Duration.ofMinutes(5);
    }

    @Override
    public boolean isUrgent() {
        return true;
    }

    @Override
    public List<Found> look(View view) throws Exception {
        LOOKS.incrementAndGet();
        return next.call();
    }
}
