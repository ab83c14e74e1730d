package dev.noesis.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** All workers but one are told to stop at once, and later started again at once. */
record WorkersScaled(int workers, int left, Duration alone) implements Fault {
    static Fault draw(Random random, Shape shape) {
        return new WorkersScaled(
                shape.workers(), random.nextInt(shape.workers()), Duration.ofMillis(2_000 + random.nextInt(6_000)));
    }

    @Override
    public String kind() {
        return "scaled to one and back";
    }

    @Override
    public String what() {
        return Fault.worker(left) + " alone for " + alone.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return WorkersRestarted.all(workers);
    }

    @Override
    public Duration length() {
        return alone.plusSeconds(22);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Member stays = scene.worker(left);
        List<Member> others = scene.cluster().workers().stream()
                .filter(worker -> worker != stays)
                .toList();
        for (Member worker : others) {
            worker.stop();
        }
        scene.hold(alone);
        others.forEach(Member::start);
        others.forEach(Member::awaitReady);
    }
}
