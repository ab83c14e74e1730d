package dev.noesis.chaos;

import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** A broker that is restarted, killed, or put to sleep past the time in which producers deliver. */
record BrokerStruck(How how, int broker, Duration away) implements Fault {
    /** What is done to it. */
    enum How {
        RESTARTED,
        KILLED,
        PAUSED
    }

    /** As long as the log's producer tries to deliver. */
    private static final Duration DELIVERY = Duration.ofSeconds(15);

    static Fault drawRestarted(Random random, Shape shape) {
        return draw(How.RESTARTED, random, shape, Duration.ofMillis(random.nextInt(3_000)));
    }

    static Fault drawKilled(Random random, Shape shape) {
        return draw(How.KILLED, random, shape, Duration.ofMillis(random.nextInt(6_000)));
    }

    static Fault drawPaused(Random random, Shape shape) {
        return draw(How.PAUSED, random, shape, DELIVERY.plusMillis(2_000 + random.nextInt(4_000)));
    }

    private static Fault draw(How how, Random random, Shape shape, Duration away) {
        return new BrokerStruck(how, random.nextInt(shape.brokers()), away);
    }

    @Override
    public String kind() {
        return "broker " + how.name().toLowerCase(Locale.ROOT) + (how == How.PAUSED ? " past the delivery" : "");
    }

    @Override
    public String what() {
        return "broker-" + broker + ", away " + away.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(BROKERS);
    }

    @Override
    public Duration length() {
        return away.plusSeconds(10);
    }

    @Override
    public Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.groups().partitionsLedBy(broker + 1);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Member struck = scene.cluster().brokers().get(broker);
        switch (how) {
            case RESTARTED -> struck.stop();
            case KILLED -> struck.kill();
            case PAUSED -> struck.pause();
        }
        scene.hold(away);
        if (how == How.PAUSED) {
            struck.resume();
        } else {
            struck.start();
            struck.awaitReady();
        }
    }
}
