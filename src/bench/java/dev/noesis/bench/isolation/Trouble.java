package dev.noesis.bench.isolation;

import java.util.Locale;

/** What the heartbeat does, or suffers, while chat is measured. */
enum Trouble {
    NONE("no heartbeat"),
    HEALTHY("healthy"),
    /** Its calls are never answered. */
    HUNG("hung"),
    /** Its answers take longer than the window. */
    CRAWLING("crawling"),
    /** Its calls are refused with 429, and made again after 100 ms. */
    LIMITED("429 storm"),
    /** The connection of each of its calls is reset. */
    RESET("calls reset"),
    /** The model server that it has for itself is not there: connections are refused. */
    DOWN("model server down"),
    /** As many signals as the broker takes, at once. */
    STORM("storm of signals"),
    /** Records that nobody can read, in each topic that it reads. */
    POISONED("topics poisoned"),
    KILLED("process killed and started again"),
    STOPPED("process stopped");

    private final String title;

    Trouble(String title) {
        this.title = title;
    }

    /** Stands in its signals: by it the model knows what to do. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    /** Whether it strikes the heartbeat's model server, which then has to be another than chat's. */
    boolean isOfModel() {
        return this == DOWN;
    }

    /** Whether it strikes the heartbeat's process, which then has to be another than chat's. */
    boolean isOfProcess() {
        return this == KILLED || this == STOPPED;
    }
}
