package dev.noesis.chaos;

import dev.noesis.chaos.Requests.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * Many requests of one trying sort at once, all of which are to be answered.
 *
 * @param sort draws one such request, or a few that belong together
 */
record Burst(String kind, int size, long seed, Function<Requests, List<Request>> sort) implements Fault {
    static Fault drawModelFaults(Random random, Shape shape) {
        String word = Requests.MODEL_FAULTS.get(random.nextInt(Requests.MODEL_FAULTS.size()));
        return draw("model answers " + word, random, requests -> List.of(requests.chat(word)));
    }

    static Fault drawDuplicates(Random random, Shape shape) {
        return draw("duplicate requests", random, Requests::twice);
    }

    static Fault drawCancels(Random random, Shape shape) {
        return draw("cancels race completions", random, Requests::cancelled);
    }

    static Fault drawStrays(Random random, Shape shape) {
        return draw("requests in wrong partitions", random, requests -> List.of(requests.stray(shape.partitions())));
    }

    static Fault drawOddClocks(Random random, Shape shape) {
        return draw("clients with clocks years off", random, requests -> List.of(requests.oddClock()));
    }

    /** Answers that are too large for a run, or for what is kept of it. */
    static Fault drawLargeAnswers(Random random, Shape shape) {
        String word = random.nextBoolean() ? "large-answer" : "huge-answer";
        return new Burst("model answers " + word, 4, random.nextLong(), requests -> List.of(requests.chat(word)));
    }

    static Fault drawLargeRequests(Random random, Shape shape) {
        return new Burst("requests over the limit", 4, random.nextLong(), requests -> List.of(requests.tooLarge()));
    }

    private static Fault draw(String kind, Random random, Function<Requests, List<Request>> sort) {
        return new Burst(kind, 10 + random.nextInt(20), random.nextLong(), sort);
    }

    @Override
    public String what() {
        return size + " at once";
    }

    @Override
    public Set<String> needs() {
        return Set.of();
    }

    @Override
    public Duration length() {
        return Duration.ZERO;
    }

    @Override
    public void inject(Scene scene) {
        Requests requests = scene.load().series("burst", seed);
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            all.addAll(sort.apply(requests));
        }
        scene.load().send(all);
    }
}
