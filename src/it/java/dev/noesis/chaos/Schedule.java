package dev.noesis.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Which faults happen when: the same for the same seed. Each kind comes once before any comes twice, in an order drawn anew
 * each time.
 *
 * @param planned in the order of their beginning
 */
record Schedule(List<Planned> planned) {
    /** Until then the cluster is left alone. */
    private static final Duration QUIET = Duration.ofSeconds(6);

    private static final long SHORTEST_GAP_MS = 2_000;
    private static final long LONGEST_GAP_MS = 6_000;
    /** After a fault, what it struck is left alone for so long. */
    private static final Duration REST = Duration.ofSeconds(5);

    /** Draws one fault of its kind. */
    interface Kind {
        Fault draw(Random random, Shape shape);
    }

    /** A fault, and when it is to begin, counted from the load's beginning. */
    record Planned(Duration at, Fault fault) {}

    Schedule {
        planned = List.copyOf(planned);
    }

    static Schedule draw(Shape shape, List<Kind> kinds) {
        Random random = new Random(shape.seed());
        List<Planned> planned = new ArrayList<>();
        Map<String, Duration> busyUntil = new HashMap<>();
        List<Kind> bag = new ArrayList<>();
        Duration at = QUIET;
        while (at.compareTo(shape.length()) < 0) {
            if (bag.isEmpty()) {
                bag.addAll(kinds);
                Collections.shuffle(bag, random);
            }
            Fault fault = bag.removeFirst().draw(random, shape);
            Duration begin = at;
            for (String needed : fault.needs()) {
                Duration free = busyUntil.getOrDefault(needed, Duration.ZERO);
                begin = free.compareTo(begin) > 0 ? free : begin;
            }
            Duration end = begin.plus(fault.length()).plus(REST);
            fault.needs().forEach(needed -> busyUntil.put(needed, end));
            planned.add(new Planned(begin, fault));
            at = at.plusMillis(random.nextLong(SHORTEST_GAP_MS, LONGEST_GAP_MS));
        }
        return new Schedule(planned.stream()
                .filter(one -> one.at().compareTo(shape.length()) < 0)
                .sorted((a, b) -> a.at().compareTo(b.at()))
                .toList());
    }
}
