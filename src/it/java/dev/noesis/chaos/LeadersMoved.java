package dev.noesis.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every partition of the deployment gets another leader. */
record LeadersMoved() implements Fault {
    static Fault draw(Random random, Shape shape) {
        return new LeadersMoved();
    }

    @Override
    public String kind() {
        return "leaders moved";
    }

    @Override
    public String what() {
        return "of all partitions";
    }

    @Override
    public Set<String> needs() {
        return Set.of(BROKERS);
    }

    @Override
    public Duration length() {
        return Duration.ofSeconds(3);
    }

    @Override
    public @Nullable String impossible(Cluster cluster) {
        return cluster.brokers().size() > 1 ? null : "there is one broker";
    }

    @Override
    public void inject(Scene scene) throws Exception {
        scene.cluster().groups().moveLeaders();
    }
}
