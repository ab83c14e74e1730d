package dev.noesis.chaos;

import dev.noesis.chaos.Network.Link;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Packets between a worker and all brokers, or the model server, vanish both ways. */
record NetworkCut(int worker, Link link, Duration away) implements Fault {
    static Fault drawFromBrokers(Random random, Shape shape) {
        // half of them for longer than a session and a delivery
        int millis = random.nextBoolean() ? 1_000 + random.nextInt(5_000) : 16_000 + random.nextInt(6_000);
        return new NetworkCut(random.nextInt(shape.workers()), Link.BROKERS, Duration.ofMillis(millis));
    }

    static Fault drawFromModel(Random random, Shape shape) {
        return new NetworkCut(
                random.nextInt(shape.workers()), Link.MODEL, Duration.ofMillis(1_000 + random.nextInt(8_000)));
    }

    @Override
    public String kind() {
        return "network cut from " + link.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String what() {
        return Fault.worker(worker) + ", " + away.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(Fault.worker(worker));
    }

    @Override
    public Duration length() {
        return away.plusSeconds(3);
    }

    @Override
    public @Nullable String impossible(Cluster cluster) {
        return cluster.network().canCut() ? null : "network namespaces take root, ip and nsenter";
    }

    @Override
    public Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.partitionsOf(worker);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Network network = scene.cluster().network();
        network.cut(worker, link);
        try {
            scene.hold(away);
        } finally {
            network.join(worker, link);
        }
    }
}
