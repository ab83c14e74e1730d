package dev.noesis.chaos;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Starts again what ended by itself, as an init system does. */
final class Keeper implements AutoCloseable {
    private static final long EVERY_MS = 1_000;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("chaos-keeper").factory());

    Keeper(Cluster cluster, Incidents incidents) {
        var _ = timer.scheduleWithFixedDelay(
                () -> cluster.members().stream().filter(Member::hasFailed).forEach(member -> {
                    incidents.ended(member.name() + ": " + member.lastWords());
                    member.start();
                }),
                EVERY_MS,
                EVERY_MS,
                TimeUnit.MILLISECONDS);
    }

    /** Lets what ends stay so from now on. */
    void leave() {
        timer.shutdownNow();
    }

    @Override
    public void close() {
        leave();
    }
}
