package dev.noesis.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A rolling restart: each worker is told to stop, and started again, one after the other. */
record WorkersRestarted(int workers) implements Fault {
    static Fault draw(Random random, Shape shape) {
        return new WorkersRestarted(shape.workers());
    }

    static Set<String> all(int workers) {
        return IntStream.range(0, workers).mapToObj(Fault::worker).collect(Collectors.toSet());
    }

    @Override
    public String kind() {
        return "rolling restart";
    }

    @Override
    public String what() {
        return workers + " workers, one by one";
    }

    @Override
    public Set<String> needs() {
        return all(workers);
    }

    @Override
    public Duration length() {
        return Duration.ofSeconds(14L * workers);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        for (Member worker : scene.cluster().workers()) {
            worker.stop();
            worker.start();
            worker.awaitReady();
        }
    }
}
