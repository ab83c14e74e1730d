package dev.noesis.bench.isolation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.bench.fleet.Report;
import dev.noesis.it.Inputs;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A steady load of signals, each with a tick, so that the heartbeat constantly wants the model. All ticks have
 * one deadline, soon after the window: whatever hangs then ends with it.
 *
 * <p><b>Threading.</b> One thread of its own sends them; the rest may be called from any.
 */
final class Beats implements AutoCloseable {
    /** More than the heartbeat has permits: those that are answered leave no permit free. */
    private static final int AGENTS = 32;

    /** So that none has more signals waiting than it may. */
    private static final int SIGNALS_OF_AN_AGENT = 100;

    private static final Duration CLOSE = Duration.ofSeconds(10);

    private final Topics topics;
    private final String name;
    private final String summary;
    private final double perSecond;
    private final long endsAt;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<Exception> unsent = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean closed;

    private Beats(String bootstrapServers, Topics topics, String name, Trouble trouble, double perSecond, long endsAt) {
        this.topics = topics;
        this.name = name;
        this.summary = "what watches the harbour is " + trouble.id();
        this.perSecond = trouble == Trouble.NONE ? 0 : perSecond;
        this.endsAt = endsAt;
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        30_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.thread = Thread.ofPlatform().daemon().name("beats-" + name).unstarted(this::goOn);
    }

    /**
     * Begins. There is no heartbeat, and nothing to tick, with {@link Trouble#NONE}.
     *
     * @param name begins its agents' names, and is no other's
     * @param endsAt epoch milliseconds; after it none is sent
     */
    static Beats start(
            String bootstrapServers, Topics topics, String name, Trouble trouble, double perSecond, long endsAt) {
        Beats beats = new Beats(bootstrapServers, topics, name, trouble, perSecond, endsAt);
        beats.thread.start();
        return beats;
    }

    /** So many signals of other agents, as fast as the broker takes them. Returns when it has them. */
    void storm(int signals) {
        int agents = Math.max(1, signals / SIGNALS_OF_AN_AGENT);
        for (int i = 0; i < signals; i++) {
            send(
                    topics.agentSignals(),
                    name + "-storm-" + i % agents,
                    Json.write(Inputs.signal("s" + i, "a gust of wind", "low")));
        }
        producer.flush();
    }

    /** So many records in each of the heartbeat's topics that nobody can read. Returns when the broker has them. */
    void poison(int records, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < records; i++) {
            for (String topic : List.of(topics.heartbeatTicks(), topics.agentSignals(), topics.heartbeatSchedules())) {
                send(topic, agent(i), unreadable(random));
            }
        }
        producer.flush();
    }

    private static byte[] unreadable(Random random) {
        int draw = random.nextInt(Inputs.UNREADABLE.size() + 1);
        if (draw < Inputs.UNREADABLE.size()) {
            return Inputs.UNREADABLE.get(draw).getBytes(UTF_8);
        }
        byte[] noise = new byte[2_000];
        random.nextBytes(noise);
        return noise;
    }

    private void goOn() {
        long begun = System.nanoTime();
        for (long number = 0; isOn(); number++) {
            long due = begun + (long) (number * 1e9 / perSecond);
            for (long left = due - System.nanoTime(); left > 0 && isOn(); left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            if (isOn()) {
                beat(number);
            }
        }
    }

    private boolean isOn() {
        return perSecond > 0 && !closed && System.currentTimeMillis() < endsAt;
    }

    private void beat(long number) {
        String agent = agent(number);
        send(topics.agentSignals(), agent, Json.write(Inputs.signal("s" + number, summary, "low")));
        long left = Math.max(1, endsAt - System.currentTimeMillis());
        send(
                topics.heartbeatTicks(),
                agent,
                Json.write(Inputs.tick("k" + number).put("deadlineMs", left)));
    }

    private String agent(long number) {
        return name + "-beat-" + number % AGENTS;
    }

    private void send(String topic, String agent, byte[] value) {
        producer.send(new ProducerRecord<>(topic, agent.getBytes(UTF_8), value), (_, failure) -> {
            if (failure != null) {
                unsent.set(failure);
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(CLOSE);
        if (unsent.get() != null) {
            Report.progress(name + ": not all of the heartbeat's inputs were sent: " + unsent.get());
        }
    }
}
