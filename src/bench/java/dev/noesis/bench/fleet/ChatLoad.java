package dev.noesis.bench.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A load of chat runs, and the wait for each reply.
 *
 * <p><b>Threading.</b> One thread of its own sends and reads; everything else may be called from any.
 */
public final class ChatLoad implements AutoCloseable {
    /** How many runs there should have been by now. */
    public interface Pace {
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

    /** Who says what, in which thread. */
    public record Ask(String agent, String threadId, String words) {}

    /** Who asks next. Used by the load's thread only. */
    public interface Talk {
        /** @param number of the run, from 0 */
        Ask next(long number);

        /** It was answered, or refused. */
        default void answered(Ask ask) {}
    }

    /**
     * A reply that came.
     *
     * @param at {@link System#nanoTime()}
     * @param waitedNanos since its request was sent
     * @param firstWordNanos from its request to its first word; −1 where none was heard
     */
    public record Answer(String runId, long at, long waitedNanos, long firstWordNanos, boolean isSuccess) {
        /** {@link System#nanoTime()}. */
        public long sentAt() {
            return at - waitedNanos;
        }
    }

    /** A request without its reply. */
    private static final class Sent {
        private final Ask ask;
        private final long at = System.nanoTime();
        private long firstWordNanos = -1;

        Sent(Ask ask) {
            this.ask = ask;
        }
    }

    private static final Duration POLL = Duration.ofMillis(5);

    private final String name;
    private final Topics topics;
    private final Talk talk;
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

    /** @param heard topics */
    private ChatLoad(String bootstrapServers, Topics topics, String name, Talk talk, Pace pace, String... heard) {
        this.name = name;
        this.topics = topics;
        this.talk = talk;
        this.pace = pace;
        this.requests = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.LINGER_MS_CONFIG, 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.replies = reader(bootstrapServers, "read_committed", heard);
        this.thread = Thread.ofPlatform().daemon().name("load-" + name).unstarted(this::goOn);
    }

    /**
     * Begins: each run in a thread of its own. First words are not heard.
     *
     * @param name begins its run ids, and is no other load's
     * @param agents how many take turns
     */
    public static ChatLoad start(String bootstrapServers, Topics topics, String name, int agents, Pace pace) {
        Talk talk = number ->
                new Ask("agent-" + number % agents, name + "-t" + number, "say the alphabet, as far as you can");
        return started(new ChatLoad(bootstrapServers, topics, name, talk, pace, topics.chatReplies()));
    }

    /** The same for that talk; first words are heard, too. */
    public static ChatLoad start(String bootstrapServers, Topics topics, String name, Talk talk, Pace pace) {
        return started(
                new ChatLoad(bootstrapServers, topics, name, talk, pace, topics.chatReplies(), topics.chatEvents()));
    }

    private static ChatLoad started(ChatLoad load) {
        load.thread.start();
        return load;
    }

    /** A reader of what comes from now on. */
    public static KafkaConsumer<byte[], byte[]> reader(String bootstrapServers, String isolation, String... topics) {
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
        List<TopicPartition> partitions = Arrays.stream(topics)
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    /** That share of the values is no larger; NaN where there is none. */
    public static double quantile(double[] values, double share) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        int at = (int) Math.ceil(share * sorted.length) - 1;
        return sorted.length == 0 ? Double.NaN : sorted[Math.clamp(at, 0, sorted.length - 1)];
    }

    public long sent() {
        return sent;
    }

    /** What was answered so far, in that order. */
    public Collection<Answer> answers() {
        return answers;
    }

    public long answered() {
        return answered.get();
    }

    public int unanswered() {
        return open.size();
    }

    /** Sends no more, and waits until all is answered, but no longer than that. Says whether it is. */
    public boolean drain(Duration limit) throws InterruptedException {
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
                ConsumerRecords<byte[], byte[]> polled = replies.poll(POLL);
                // a run's first word before its reply, where one poll has both
                polled.records(topics.chatEvents()).forEach(this::heard);
                polled.records(topics.chatReplies()).forEach(this::answered);
            }
        } finally {
            replies.close();
            requests.close(Duration.ofSeconds(5));
        }
    }

    private void send() {
        long number = sent;
        String runId = name + "-" + number;
        Ask ask = talk.next(number);
        var input = Json.object().put("threadId", ask.threadId()).put("runId", runId);
        input.putArray("messages")
                .addObject()
                .put("id", runId + "-m")
                .put("role", "user")
                .put("content", ask.words());
        open.put(runId, new Sent(ask));
        requests.send(new ProducerRecord<>(topics.chatRequests(), ask.agent().getBytes(UTF_8), Json.write(input)));
        sent = number + 1;
    }

    private void heard(ConsumerRecord<byte[], byte[]> record) {
        var event = Json.tree(record.value());
        Sent request = open.get(event.path("runId").asString(""));
        if (request != null
                && request.firstWordNanos < 0
                && event.path("type").asString("").equals("TEXT_MESSAGE_CONTENT")) {
            request.firstWordNanos = System.nanoTime() - request.at;
        }
    }

    private void answered(ConsumerRecord<byte[], byte[]> reply) {
        var event = Json.tree(reply.value());
        String runId = event.path("runId").asString("");
        Sent request = open.get(runId);
        if (request != null) {
            long now = System.nanoTime();
            boolean isSuccess = event.path("type").asString("").equals("RUN_FINISHED");
            answers.add(new Answer(runId, now, now - request.at, request.firstWordNanos, isSuccess));
            talk.answered(request.ask);
            answered.incrementAndGet();
            // last: who waits for the last one to be answered finds its answer
            open.remove(runId);
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
