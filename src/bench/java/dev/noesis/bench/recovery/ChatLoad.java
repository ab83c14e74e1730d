package dev.noesis.bench.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A load of chat runs, each in a thread of its own, and the wait for each reply.
 *
 * <p><b>Threading.</b> One thread of its own sends and reads; everything else may be called from any.
 */
final class ChatLoad implements AutoCloseable {
    /** How many runs there should have been by now. */
    interface Pace {
        /** @param nanos since the load began */
        long due(long answered, long nanos);

        /** As many in flight at all times. */
        static Pace inFlight(int runs) {
            return (answered, _) -> answered + runs;
        }

        /** As many in each second, however long they take. */
        static Pace perSecond(double runs) {
            return (_, nanos) -> (long) (nanos / 1e9 * runs);
        }
    }

    /**
     * A reply that came.
     *
     * @param at {@link System#nanoTime()}
     * @param waitedNanos since its request was sent
     */
    record Answer(String runId, long at, long waitedNanos, boolean isSuccess) {}

    private record Sent(long at) {}

    private static final Duration POLL = Duration.ofMillis(5);

    private final String name;
    private final Topics topics;
    private final int agents;
    private final Pace pace;
    private final KafkaProducer<byte[], byte[]> requests;
    private final KafkaConsumer<byte[], byte[]> replies;
    private final Map<String, Sent> open = new ConcurrentHashMap<>();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile long sent;
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean sending = true;
    private volatile boolean closed;

    private ChatLoad(String bootstrapServers, Topics topics, String name, int agents, Pace pace) {
        this.name = name;
        this.topics = topics;
        this.agents = agents;
        this.pace = pace;
        this.requests = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.LINGER_MS_CONFIG, 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.replies = reader(bootstrapServers, "read_committed", topics.chatReplies());
        this.thread = Thread.ofPlatform().daemon().name("load-" + name).unstarted(this::goOn);
    }

    /**
     * Begins.
     *
     * @param name begins its run ids, and is no other load's
     * @param agents how many take turns
     */
    static ChatLoad start(String bootstrapServers, Topics topics, String name, int agents, Pace pace) {
        ChatLoad load = new ChatLoad(bootstrapServers, topics, name, agents, pace);
        load.thread.start();
        return load;
    }

    /** A reader of what comes from now on. */
    static KafkaConsumer<byte[], byte[]> reader(String bootstrapServers, String isolation, String topic) {
        var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        isolation,
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        50,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    long sent() {
        return sent;
    }

    /** What was answered so far, in that order. */
    Collection<Answer> answers() {
        return answers;
    }

    long answered() {
        return answered.get();
    }

    int unanswered() {
        return open.size();
    }

    /** Sends no more, and waits until all is answered, but no longer than that. Says whether it is. */
    boolean drain(Duration limit) throws InterruptedException {
        sending = false;
        long end = System.nanoTime() + limit.toNanos();
        while (!open.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        return open.isEmpty();
    }

    private void goOn() {
        long begun = System.nanoTime();
        try {
            while (!closed) {
                long due = sending ? pace.due(answered.get(), System.nanoTime() - begun) : 0;
                while (sent < due && !closed) {
                    send();
                }
                for (ConsumerRecord<byte[], byte[]> reply : replies.poll(POLL)) {
                    answered(reply);
                }
            }
        } finally {
            replies.close();
            requests.close(Duration.ofSeconds(5));
        }
    }

    private void send() {
        long number = sent;
        String runId = name + "-" + number;
        var input = Json.object().put("threadId", name + "-t" + number).put("runId", runId);
        input.putArray("messages")
                .addObject()
                .put("id", "m")
                .put("role", "user")
                .put("content", "say the alphabet, as far as you can");
        open.put(runId, new Sent(System.nanoTime()));
        requests.send(new ProducerRecord<>(
                topics.chatRequests(), ("agent-" + number % agents).getBytes(UTF_8), Json.write(input)));
        sent = number + 1;
    }

    private void answered(ConsumerRecord<byte[], byte[]> reply) {
        var event = Json.tree(reply.value());
        String runId = event.path("runId").asString("");
        Sent request = open.remove(runId);
        if (request != null) {
            long now = System.nanoTime();
            boolean isSuccess = event.path("type").asString("").equals("RUN_FINISHED");
            answers.add(new Answer(runId, now, now - request.at(), isSuccess));
            answered.incrementAndGet();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
