package dev.noesis.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.Set;

/** {@code kill -9} of a worker, which is started again after a while. */
record WorkerKilled(int worker, Duration down, boolean stateLost) implements Fault {
    static Fault draw(Random random, Shape shape) {
        return new WorkerKilled(random.nextInt(shape.workers()), Duration.ofMillis(random.nextInt(6_000)), false);
    }

    /** One that finds an empty state directory. */
    static Fault drawWithoutState(Random random, Shape shape) {
        return new WorkerKilled(random.nextInt(shape.workers()), Duration.ofMillis(random.nextInt(3_000)), true);
    }

    @Override
    public String kind() {
        return stateLost ? "worker killed, state deleted" : "worker killed";
    }

    @Override
    public String what() {
        return Fault.worker(worker) + ", down " + down.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(Fault.worker(worker));
    }

    @Override
    public Duration length() {
        return down.plusSeconds(8);
    }

    @Override
    public Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.partitionsOf(worker);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Member struck = scene.worker(worker);
        struck.kill();
        scene.hold(down);
        if (stateLost) {
            scene.cluster().stateDirs().wipe(worker);
        }
        struck.start();
        struck.awaitReady();
    }
}
