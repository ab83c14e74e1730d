package dev.noesis.chaos;

import dev.noesis.model.Lane;
import java.time.Duration;
import java.util.Random;
import java.util.Set;

/** All workers stop, and the groups of both lanes are told to read again what they have read, the log included. */
record OffsetsSetBack(int workers, int records) implements Fault {
    static Fault draw(Random random, Shape shape) {
        return new OffsetsSetBack(shape.workers(), 1 + random.nextInt(200));
    }

    @Override
    public String kind() {
        return "group offsets set back";
    }

    @Override
    public String what() {
        return "by " + records + " records, both lanes stopped";
    }

    @Override
    public Set<String> needs() {
        return WorkersRestarted.all(workers);
    }

    @Override
    public Duration length() {
        return Duration.ofSeconds(25);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        for (Member worker : scene.cluster().workers()) {
            worker.stop();
        }
        Groups groups = scene.cluster().groups();
        for (Lane lane : Lane.values()) {
            // those that were killed before are members until their session ends
            while (!groups.isEmpty(lane)) {
                scene.hold(Duration.ofMillis(250));
            }
            groups.setBack(lane, records);
        }
        scene.cluster().workers().forEach(Member::start);
        scene.cluster().workers().forEach(Member::awaitReady);
    }
}
