package dev.noesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.chaos.Requests.Request;
import dev.noesis.it.Deployment;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sends what clients send, at a bounded rate, and notes in the {@link Ledger} what is to be answered.
 *
 * <p><b>Threading.</b> One thread sends the load; faults may send from any.
 */
final class Load implements AutoCloseable {
    private final Deployment deployment;
    private final Ledger ledger;
    private final Shape shape;
    private final Requests requests;
    private final AtomicInteger series = new AtomicInteger();
    private final Set<String> foreign = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("chaos-load").factory());

    Load(Deployment deployment, Ledger ledger, Shape shape) {
        this.deployment = deployment;
        this.ledger = ledger;
        this.shape = shape;
        this.requests = new Requests(deployment.topics(), shape.seed(), "load", shape.agents());
    }

    void start() {
        long between = (long) (1e9 / shape.runsPerSecond());
        var _ = timer.scheduleAtFixedRate(() -> send(requests.next()), 0, between, TimeUnit.NANOSECONDS);
    }

    Topics topics() {
        return deployment.topics();
    }

    /** What a fault sends, drawn by that seed. */
    Requests series(String name, long seed) {
        return new Requests(topics(), seed, name + series.incrementAndGet(), shape.agents());
    }

    /** Sends them, each after its time. */
    void send(List<Request> all) {
        long after = 0;
        for (Request request : all) {
            after += request.after().toMillis();
            var _ = timer.schedule(() -> send(request), after, TimeUnit.MILLISECONDS);
        }
    }

    private void send(Request request) {
        if (request.awaited() != null) {
            ledger.asked(request.awaited());
        }
        deployment.send(new ProducerRecord<>(
                request.topic(),
                request.partition(),
                request.timestamp(),
                request.agent().getBytes(UTF_8),
                Json.write(request.value())));
    }

    /** Sends a record as it is; nothing of it is awaited. */
    void send(ProducerRecord<byte[], byte[]> record) {
        deployment.send(record);
    }

    /** Puts a record on the log that is no event, into an agent's partition. */
    void poison(String agent, byte @Nullable [] value) {
        int partition = Topics.partitionOf(agent, shape.partitions());
        var record = new ProducerRecord<>(topics().mindLog(), partition, agent.getBytes(UTF_8), value);
        deployment.send(record, place -> foreign.add(place));
    }

    /** Places of the records that {@link #poison} has put on the log. */
    Set<String> foreign() {
        return Set.copyOf(foreign);
    }

    /** Sends no more, and waits until brokers have what was sent. */
    void stop() throws InterruptedException {
        timer.shutdown();
        if (!timer.awaitTermination(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the load does not come to an end");
        }
        deployment.flush();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
