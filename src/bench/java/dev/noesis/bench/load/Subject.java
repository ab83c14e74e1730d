package dev.noesis.bench.load;

import java.util.Locale;

/** Who answers the requests. */
enum Subject {
    /** Nobody: the driver calls the model itself, without Kafka. What it takes is what the model takes. */
    DIRECT,
    /** The worker, with its settings as they are but for the number of calls in flight. */
    NOESIS,
    /** Parallel Consumer in key order, with a thread for each run in flight. */
    PARALLEL,
    /** A plain consumer, with a thread for each run in flight and no order. */
    POOL,
    /** A Kafka Streams processor that waits for the model in {@code process()}, on one StreamThread. */
    BLOCKING;

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Subject of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    /**
     * Whether so many in flight are worth a window: one at a time answers no more of a thousand than of 64, and that the model
     * carries what is asked of the others is seen where they are asked for much.
     */
    boolean takes(int inFlight) {
        return switch (this) {
            case DIRECT -> inFlight >= 1_000;
            case NOESIS, PARALLEL, POOL -> true;
            case BLOCKING -> inFlight <= 64;
        };
    }
}
