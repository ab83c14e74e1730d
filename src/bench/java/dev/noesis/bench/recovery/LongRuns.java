package dev.noesis.bench.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.bench.fleet.ChatLoad;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs that stream until they are cancelled: what of them is seen on {@code chat.events}, and from which attempt.
 *
 * <p><b>Threading.</b> One thread, which reads while it waits.
 */
final class LongRuns implements AutoCloseable {
    /** In a request, it asks for the endless answer of {@link #SCRIPT}. */
    private static final String ENDLESS = "count for ever";

    /** 100 ms to the first word, two words a second; everything else is answered in a second. */
    static final String SCRIPT =
            """
            rules:
              - match: "%s"
                answer: "%s"
                latency: 100ms
                tokensPerSecond: 2
              - answer: "a b c d e f g h i j k l m n o p q r s t"
                latency: 200ms
                tokensPerSecond: 25
            """.formatted(ENDLESS, "one two three four ".repeat(150).strip());

    private static final Duration POLL = Duration.ofMillis(20);

    private final String name;
    private final Topics topics;
    private final int runs;
    private final KafkaProducer<byte[], byte[]> requests;
    private final KafkaConsumer<byte[], byte[]> events;
    private final KafkaConsumer<byte[], byte[]> replies;
    /** By run: the latest attempt of which a word came. */
    private final Map<String, String> attempts = new HashMap<>();
    /** When the first word of an attempt came that was not the run's first. */
    private final List<Long> again = new ArrayList<>();

    private int ended;

    LongRuns(String bootstrapServers, Topics topics, String name, int runs) {
        this.name = name;
        this.topics = topics;
        this.runs = runs;
        this.requests = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.LINGER_MS_CONFIG, 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.events = ChatLoad.reader(bootstrapServers, "read_uncommitted", topics.chatEvents());
        this.replies = ChatLoad.reader(bootstrapServers, "read_committed", topics.chatReplies());
    }

    /** Asks for all of them, and waits until each streams. */
    void begin(Duration limit) {
        for (int i = 0; i < runs; i++) {
            ObjectNode input = Json.object().put("threadId", name).put("runId", name + "-" + i);
            input.putArray("messages")
                    .addObject()
                    .put("id", "m")
                    .put("role", "user")
                    .put("content", ENDLESS);
            send(i, input);
        }
        require(limit, "each run streams", () -> attempts.size() == runs);
        again.clear();
    }

    /** Waits until so many have begun to stream again; when each did, {@link System#nanoTime()}, in that order. */
    List<Long> awaitAgain(int count, Duration limit) {
        await(limit, () -> again.size() >= count);
        return List.copyOf(again);
    }

    /** Reads for that long; how many have begun to stream again since {@link #begin}. */
    int watch(Duration time) {
        await(time, () -> false);
        return again.size();
    }

    /** Cancels all, and waits for their replies. */
    void cancel(Duration limit) {
        for (int i = 0; i < runs; i++) {
            send(
                    i,
                    Json.object()
                            .put("type", "cancel")
                            .put("threadId", name)
                            .put("runId", name + "-" + i)
                            .put("reason", "measured"));
        }
        require(limit, "each run ends", () -> ended >= runs);
    }

    private void send(int number, ObjectNode value) {
        requests.send(new ProducerRecord<>(
                topics.chatRequests(), MadeState.agent(number).getBytes(UTF_8), Json.write(value)));
    }

    private interface Condition {
        boolean holds();
    }

    private void require(Duration limit, String what, Condition condition) {
        if (!await(limit, condition)) {
            throw new IllegalStateException("waited " + limit + " until " + what + ": " + attempts.size() + " stream, "
                    + ended + " have ended, of " + runs);
        }
    }

    private boolean await(Duration limit, Condition condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                return false;
            }
            events.poll(POLL).forEach(this::saw);
            replies.poll(Duration.ZERO).forEach(this::ended);
        }
        return true;
    }

    private void saw(ConsumerRecord<byte[], byte[]> record) {
        JsonNode event = Json.tree(record.value());
        String runId = event.path("runId").asString("");
        if (!event.path("type").asString("").equals("TEXT_MESSAGE_CONTENT") || !runId.startsWith(name + "-")) {
            return;
        }
        String attempt = event.path("metadata").path("noesis").path("attempt").toString();
        String before = attempts.put(runId, attempt);
        if (before != null && !before.equals(attempt)) {
            again.add(System.nanoTime());
        }
    }

    private void ended(ConsumerRecord<byte[], byte[]> reply) {
        if (Json.tree(reply.value()).path("runId").asString("").startsWith(name + "-")) {
            ended++;
        }
    }

    @Override
    public void close() {
        requests.close(Duration.ofSeconds(5));
        events.close();
        replies.close();
    }
}
