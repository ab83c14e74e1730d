package dev.noesis.chaos;

import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** The model server is killed, which resets its connections, or hangs with all of them open. */
record ModelStruck(How how, Duration away) implements Fault {
    /** What is done to it. */
    enum How {
        KILLED,
        HUNG
    }

    static Fault drawKilled(Random random, Shape shape) {
        return new ModelStruck(How.KILLED, Duration.ofMillis(random.nextInt(4_000)));
    }

    static Fault drawHung(Random random, Shape shape) {
        return new ModelStruck(How.HUNG, Duration.ofMillis(2_000 + random.nextInt(8_000)));
    }

    @Override
    public String kind() {
        return "model server " + how.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String what() {
        return "for " + away.toMillis() + " ms";
    }

    @Override
    public Set<String> needs() {
        return Set.of(MODEL);
    }

    @Override
    public Duration length() {
        return away.plusSeconds(2);
    }

    @Override
    public void inject(Scene scene) throws Exception {
        Member model = scene.cluster().model();
        switch (how) {
            case KILLED -> model.kill();
            case HUNG -> model.pause();
        }
        scene.hold(away);
        switch (how) {
            case KILLED -> {
                model.start();
                model.awaitReady();
            }
            case HUNG -> model.resume();
        }
    }
}
