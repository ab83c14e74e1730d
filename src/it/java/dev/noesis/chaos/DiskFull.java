package dev.noesis.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** No space is left in a worker's state directory, for a while. */
record DiskFull(int worker, Duration full) implements Fault {
    static Fault draw(Random random, Shape shape) {
        return new DiskFull(random.nextInt(shape.workers()), Duration.ofMillis(3_000 + random.nextInt(10_000)));
    }

    @Override
    public String kind() {
        return "disk full";
    }

    @Override
    public String what() {
        return Fault.worker(worker) + ", " + full.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(Fault.worker(worker));
    }

    @Override
    public Duration length() {
        return full.plusSeconds(3);
    }

    @Override
    public @Nullable String impossible(Cluster cluster) {
        return cluster.stateDirs().canBeFull() ? null : "a file system of its own takes root";
    }

    @Override
    public Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.partitionsOf(worker);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        scene.cluster().stateDirs().fill(worker);
        try {
            scene.hold(full);
        } finally {
            scene.cluster().stateDirs().free(worker);
        }
    }
}
