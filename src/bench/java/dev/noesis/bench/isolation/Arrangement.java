package dev.noesis.bench.isolation;

import java.util.Locale;

/** Whose model client the heartbeat uses, and in which process it runs. */
enum Arrangement {
    /** One process; the heartbeat borrows chat's client. */
    SHARED("shared", "shared"),
    /** One process; the heartbeat has a client of its own. */
    DEDICATED("dedicated", "dedicated"),
    /** Each lane has a process, and so a client, of its own. */
    APART("dedicated, two processes", "dedicated");

    private final String title;
    private final String isolation;

    Arrangement(String title, String isolation) {
        this.title = title;
        this.isolation = isolation;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    /** The value of {@code heartbeat.llm.isolation}. */
    String isolation() {
        return isolation;
    }

    /** Whether the heartbeat has a model server of its own; where it uses chat's client it has chat's. */
    boolean hasOwnModel() {
        return this != SHARED;
    }

    /**
     * The heartbeat's process can be struck only where it is not chat's, and so can its model server; all else is the harder on
     * chat in one process.
     */
    boolean has(Trouble trouble) {
        return trouble == Trouble.NONE
                || ((this == APART) == trouble.isOfProcess() && (hasOwnModel() || !trouble.isOfModel()));
    }
}
