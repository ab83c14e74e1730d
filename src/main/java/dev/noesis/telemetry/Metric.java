package dev.noesis.telemetry;

import java.util.List;

/**
 * Every metric that a worker has beside those of its JVM: name, kind, unit and meaning. The names are part of the public
 * surface; {@code src/site/markdown/operations.md} says of each what to do about it, and a test holds the two together.
 */
public enum Metric {
    TASKS_ASSIGNED(Kind.GAUGE, "noesis.tasks.assigned", "", "partitions assigned to this worker"),
    TASKS_READY(Kind.GAUGE, "noesis.tasks.ready", "", "partitions whose barrier is folded"),
    LANE_FAILED(Kind.GAUGE, "noesis.lane.failed", "", "1 if the lane has stopped for good, else 0"),
    STREAM_THREADS(Kind.GAUGE, "noesis.stream.threads", "", "StreamThreads that live"),
    STREAM_THREADS_REPLACED(
            Kind.COUNTER, "noesis.stream.threads.replaced", "", "StreamThreads that failed and were replaced"),
    STREAM_THREAD_POLL_AGE(
            Kind.GAUGE,
            "noesis.stream.thread.poll.age",
            "seconds",
            "since the last poll of the StreamThread slowest in it"),

    STORES_MEMORY(
            Kind.GAUGE,
            "noesis.stores.memory",
            "bytes",
            "native memory that the stores of all lanes use of store.memory.bytes"),

    TOPIC_LAG(
            Kind.GAUGE,
            "noesis.topic.lag",
            "records",
            "records that the lane has not fetched of its partitions of a topic"),
    LOG_SKIPPED(Kind.COUNTER, "noesis.log.skipped", "", "log records that had been folded before"),
    LOG_POISON(Kind.COUNTER, "noesis.log.poison", "", "log records that are no event"),
    LOG_APPENDS_REPEATED(
            Kind.COUNTER, "noesis.log.appends.repeated", "", "appends to the log that failed and were made again"),
    EVENTS_STALE(
            Kind.COUNTER, "noesis.events.stale", "", "decisions of a task that did not own its partition any more"),
    EVENTS_IGNORED(Kind.COUNTER, "noesis.events.ignored", "", "events that came too late or twice"),
    STREAM_EVENTS_DROPPED(
            Kind.COUNTER, "noesis.stream.events.dropped", "", "provisional events that could not be written"),

    INPUTS_SKIPPED(Kind.COUNTER, "noesis.inputs.skipped", "", "input records that had been taken before"),
    INPUTS_REPUBLISHED(
            Kind.COUNTER,
            "noesis.inputs.republished",
            "",
            "input records found in a partition that is not their key's"),
    INPUTS_DEAD(Kind.COUNTER, "noesis.inputs.dead", "", "input records that could not be answered"),
    INPUTS_DUPLICATE(Kind.COUNTER, "noesis.inputs.duplicate", "", "requests and ticks that were known already"),

    OUTBOX_EFFECTS(
            Kind.GAUGE, "noesis.outbox.effects", "", "effects that were decided and are not known to be done, by kind"),
    OUTBOX_OLDEST_AGE(
            Kind.GAUGE, "noesis.outbox.oldest.age", "seconds", "how long the oldest effect that is due has been due"),
    RUNS(Kind.GAUGE, "noesis.runs", "", "runs that have not ended, by state"),
    RUNS_ENDED(Kind.COUNTER, "noesis.runs.ended", "", "runs that ended, by outcome"),
    RUN_FIRST_TOKEN(
            Kind.TIMER,
            "noesis.run.first.token",
            "seconds",
            "from a request's append to the first piece of its run's answer"),
    RUN_REPLY(Kind.TIMER, "noesis.run.reply", "seconds", "from a request's append to its reply"),

    TICK_DELAY(
            Kind.TIMER,
            "noesis.tick.delay",
            "seconds",
            "from when a tick of the scheduler was due to when it was made"),

    MODEL_CALL(Kind.TIMER, "noesis.model.call", "seconds", "calls of the model, by how they ended"),
    MODEL_CALLS_ENDED(
            Kind.COUNTER,
            "noesis.model.calls.ended",
            "",
            "calls of the model that ended, each attempt, by kind of end"),
    MODEL_FIRST_TOKEN(
            Kind.TIMER,
            "noesis.model.first.token",
            "seconds",
            "from the start of a call to the first piece of its answer"),
    MODEL_OUTPUT_TOKEN(
            Kind.FINE_TIMER,
            "noesis.model.output.token",
            "seconds",
            "per token of an answer, from its first piece to its end"),
    MODEL_CALLS_IN_FLIGHT(Kind.GAUGE, "noesis.model.calls.in.flight", "", "model calls that hold a permit"),
    MODEL_CALLS_WAITING(Kind.GAUGE, "noesis.model.calls.waiting", "", "model calls that wait for a permit"),
    MODEL_PERMITS(Kind.GAUGE, "noesis.model.permits", "", "most model calls at a time"),
    MODEL_RETRIES(Kind.COUNTER, "noesis.model.retries", "", "model calls that failed and are made again, by cause"),
    MODEL_FALLBACKS(
            Kind.COUNTER,
            "noesis.model.fallbacks",
            "",
            "model calls that went on to another model, by its name and by why the one before did not answer"),
    MODEL_TOKENS(Kind.COUNTER, "noesis.model.tokens", "", "tokens that were charged, by kind"),
    MODEL_CONNECTIONS(Kind.GAUGE, "noesis.model.connections", "", "connections to the model, by state"),
    MODEL_CONNECTIONS_OPENED(
            Kind.COUNTER, "noesis.model.connections.opened", "", "connections to the model that were begun"),
    MODEL_CONNECTION_WAITERS(
            Kind.GAUGE, "noesis.model.connection.waiters", "", "model calls that wait for a connection"),
    MODEL_CONNECTION_ACQUIRE(
            Kind.FINE_TIMER,
            "noesis.model.connection.acquire",
            "seconds",
            "how long a model call waited for a connection, or for the right to open one"),
    MODEL_CONNECTION_OPEN(
            Kind.TIMER,
            "noesis.model.connection.open",
            "seconds",
            "to open a connection to the model, proxy and TLS included"),
    MODEL_LOOP_LAG(
            Kind.FINE_TIMER,
            "noesis.model.loop.lag",
            "seconds",
            "how late the client's event loops do what is due, once a second");

    /** The tag of all but those that are of the whole process: the lane's id. */
    public static final String LANE = "lane";

    /** The tag of those that are of one model: {@code primary}, or the name of the fallback. */
    public static final String TARGET = "target";

    /** What sort of figure it is. */
    public enum Kind {
        GAUGE,
        COUNTER,
        /** From a word's time to a long run's. */
        TIMER,
        /** Of what takes milliseconds, or should. */
        FINE_TIMER
    }

    private final Kind kind;
    private final String id;
    private final String unit;
    private final String meaning;

    Metric(Kind kind, String id, String unit, String meaning) {
        this.kind = kind;
        this.id = id;
        this.unit = unit;
        this.meaning = meaning;
    }

    /** Micrometer's name. */
    public String id() {
        return id;
    }

    Kind kind() {
        return kind;
    }

    /** Empty for counts. */
    public String unit() {
        return unit;
    }

    public String meaning() {
        return meaning;
    }

    /** The names under which Prometheus has it: one, or those of a histogram. */
    public List<String> prometheusNames() {
        String name = id.replace('.', '_');
        return switch (kind) {
            case GAUGE -> List.of(unit.isEmpty() ? name : name + "_" + unit);
            case COUNTER -> List.of(name + "_total");
            case TIMER, FINE_TIMER ->
                List.of(
                        name + "_seconds",
                        name + "_seconds_bucket",
                        name + "_seconds_count",
                        name + "_seconds_sum",
                        name + "_seconds_max");
        };
    }
}
