package dev.noesis.bench.isolation;

import dev.noesis.bench.fleet.Figures;
import dev.noesis.bench.fleet.Fleet;
import dev.noesis.bench.fleet.ModelProcess;
import dev.noesis.it.WorkerProcess;
import dev.noesis.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A deployment of one arrangement: the process that answers chat, and the one that has the heartbeat, which may be the same.
 * They end with their fleet.
 *
 * <p><b>Threading.</b> One thread.
 */
final class Workers {
    static final int PARTITIONS = 8;

    /** Of each lane's pool. */
    static final int CONNECTIONS = 5;

    /** One fewer than there are connections: chat alone never waits for one. */
    static final int CHAT_CALLS = 4;

    /** As many as there are connections: where it uses chat's, it can take them all. */
    static final int HEARTBEAT_CALLS = CONNECTIONS;

    static final int ACQUIRE_TIMEOUT_MS = 2_000;
    static final int ATTEMPTS = 2;

    private static final Duration POLL = Duration.ofMillis(100);

    /**
     * What its metrics say.
     *
     * @param acquireTimeouts calls that got no connection of the client that chat uses, since the process began
     * @param heartbeatCalls of the heartbeat's model that have ended, since the process began
     * @param heartbeatInFlight of the heartbeat's model, now
     */
    record Counts(double acquireTimeouts, double heartbeatCalls, double heartbeatInFlight) {}

    private final Fleet fleet;
    private final ModelProcess heartbeatModel;
    private final Arrangement arrangement;
    private final Topics topics;
    private final WorkerProcess chat;
    private WorkerProcess heartbeat;

    private Workers(Fleet fleet, ModelProcess heartbeatModel, Arrangement arrangement) {
        this.fleet = fleet;
        this.heartbeatModel = heartbeatModel;
        this.arrangement = arrangement;
        this.topics = fleet.deploy(arrangement.id(), PARTITIONS);
        if (arrangement == Arrangement.APART) {
            this.chat = launch(0, "chat");
            this.heartbeat = launch(1, "heartbeat");
        } else {
            this.chat = launch(0, "chat,heartbeat");
            this.heartbeat = chat;
        }
    }

    /**
     * Makes the topics and starts the processes, and does not wait for them.
     *
     * @param heartbeatModel for a heartbeat that has one of its own
     */
    static Workers launch(Fleet fleet, ModelProcess heartbeatModel, Arrangement arrangement) {
        return new Workers(fleet, heartbeatModel, arrangement);
    }

    private WorkerProcess launch(int number, String lanes) {
        Map<String, String> settings = new HashMap<>();
        settings.put("lanes", lanes);
        settings.put("heartbeat.llm.isolation", arrangement.isolation());
        if (arrangement.hasOwnModel()) {
            settings.put("heartbeat.llm.base.url", heartbeatModel.url().toString());
        }
        settings.put("chat.max.in.flight", Integer.toString(CHAT_CALLS));
        settings.put("heartbeat.max.in.flight", Integer.toString(HEARTBEAT_CALLS));
        settings.put("llm.connections", Integer.toString(CONNECTIONS));
        settings.put("llm.acquire.timeout.ms", Integer.toString(ACQUIRE_TIMEOUT_MS));
        settings.put("run.max.attempts", Integer.toString(ATTEMPTS));
        return fleet.launch(arrangement.id(), number, settings);
    }

    Arrangement arrangement() {
        return arrangement;
    }

    ModelProcess heartbeatModel() {
        return heartbeatModel;
    }

    Topics topics() {
        return topics;
    }

    /** @throws AssertionError if one of them ends before, or takes longer */
    void awaitReady(Duration limit) {
        chat.awaitReady(limit);
        heartbeat.awaitReady(limit);
    }

    /** Kills the heartbeat's process and starts it again, and does not wait for it. */
    void restartHeartbeat() throws InterruptedException {
        requireApart();
        heartbeat.kill();
        heartbeat = launch(1, "heartbeat");
    }

    /** {@code STOP} or {@code CONT}. */
    void signalHeartbeat(String name) throws IOException, InterruptedException {
        requireApart();
        heartbeat.signal(name);
    }

    private void requireApart() {
        if (heartbeat == chat) {
            throw new IllegalStateException("the heartbeat's process is chat's");
        }
    }

    /** While both are ready and awake. */
    Counts counts() {
        Figures figures = Figures.of(heartbeat.http());
        return new Counts(
                acquireTimeouts(),
                orZero(figures.sum("noesis_model_call_seconds_count", "lane=\"heartbeat\"")),
                orZero(figures.sum("noesis_model_calls_in_flight", "lane=\"heartbeat\"")));
    }

    /** As in {@link Counts}. Asks chat's process only. */
    double acquireTimeouts() {
        return orZero(Figures.of(chat.http())
                .sum("noesis_model_calls_ended_total", "lane=\"chat\"", "kind=\"acquire_timeout\""));
    }

    /**
     * Waits until the heartbeat has nothing left to do.
     *
     * @param hold how long that must have been so, without a break
     * @return whether it came to that within the limit
     */
    boolean awaitIdle(Duration hold, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        long since = System.nanoTime();
        while (System.nanoTime() < end) {
            long now = System.nanoTime();
            if (!isIdle()) {
                since = System.nanoTime();
            } else if (now - since >= hold.toNanos()) {
                return true;
            }
            Thread.sleep(POLL);
        }
        return false;
    }

    private boolean isIdle() {
        try {
            Figures figures = Figures.of(heartbeat.http());
            return figures.sum("noesis_tasks_ready", "lane=\"heartbeat\"") == PARTITIONS
                    && orZero(figures.sum("noesis_model_calls_in_flight", "lane=\"heartbeat\"")) == 0
                    && orZero(figures.sum("noesis_model_calls_waiting", "lane=\"heartbeat\"")) == 0
                    && lag(figures, topics.agentSignals()) == 0
                    && lag(figures, topics.heartbeatTicks()) == 0;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static double lag(Figures figures, String topic) {
        return orZero(figures.sum("noesis_topic_lag_records", "lane=\"heartbeat\"", "topic=\"" + topic + "\""));
    }

    private static double orZero(double value) {
        return Double.isNaN(value) ? 0 : value;
    }
}
