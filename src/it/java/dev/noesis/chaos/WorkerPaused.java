package dev.noesis.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.Set;

/** {@code kill -STOP} of a worker, for a moment, or for longer than its session: then it wakes when others have its work. */
record WorkerPaused(int worker, Duration pause) implements Fault {
    private static final Duration SESSION = Duration.ofSeconds(10);

    static Fault draw(Random random, Shape shape) {
        return new WorkerPaused(random.nextInt(shape.workers()), Duration.ofMillis(500 + random.nextInt(4_000)));
    }

    static Fault drawPastItsSession(Random random, Shape shape) {
        Duration pause = SESSION.plusMillis(3_000 + random.nextInt(8_000));
        return new WorkerPaused(random.nextInt(shape.workers()), pause);
    }

    @Override
    public String kind() {
        return pause.compareTo(SESSION) < 0 ? "worker paused" : "worker paused past its session";
    }

    @Override
    public String what() {
        return Fault.worker(worker) + ", " + pause.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(Fault.worker(worker));
    }

    @Override
    public Duration length() {
        return pause.plusSeconds(2);
    }

    @Override
    public Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.partitionsOf(worker);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Member struck = scene.worker(worker);
        struck.pause();
        try {
            scene.hold(pause);
        } finally {
            struck.resume();
        }
    }
}
