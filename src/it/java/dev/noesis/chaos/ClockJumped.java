package dev.noesis.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A worker's wall clock jumps, forward or back, stays there for a while, and jumps to the right time again. */
record ClockJumped(int worker, Duration by, Duration held) implements Fault {
    private static final int LEAST_SECONDS = 5;
    private static final int MOST_SECONDS = 3_600;

    static Fault draw(Random random, Shape shape) {
        // as often by seconds as by minutes or by most of an hour
        double seconds = LEAST_SECONDS * Math.pow(MOST_SECONDS / (double) LEAST_SECONDS, random.nextDouble());
        long by = random.nextBoolean() ? (long) seconds : -(long) seconds;
        return new ClockJumped(
                random.nextInt(shape.workers()),
                Duration.ofSeconds(by),
                Duration.ofMillis(2_000 + random.nextInt(12_000)));
    }

    @Override
    public String kind() {
        return by.isNegative() ? "clock jumps back" : "clock jumps forward";
    }

    @Override
    public String what() {
        return Fault.worker(worker) + ", " + by.abs().toSeconds() + " s, for " + held.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(Fault.worker(worker));
    }

    @Override
    public Duration length() {
        return held.plusSeconds(3);
    }

    @Override
    public @Nullable String impossible(Cluster cluster) {
        return cluster.clocks().canJump() ? null : "a clock of its own takes libfaketime";
    }

    @Override
    public Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.partitionsOf(worker);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Clocks clocks = scene.cluster().clocks();
        clocks.set(worker, by);
        try {
            scene.hold(held);
        } finally {
            clocks.set(worker, Duration.ZERO);
        }
    }
}
