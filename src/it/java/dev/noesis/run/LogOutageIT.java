package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.noesis.cli.Noesis;
import dev.noesis.mind.Writer;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The appender over a broker that falls silent in mid-load for longer than the producer waits, and wakes again. */
@Timeout(240)
class LogOutageIT {
    private static final int THREADS = 20;
    private static final int PARTITIONS = 4;
    private static final Duration OUTAGE = Duration.ofSeconds(20);
    private static final Pattern BROKER = Pattern.compile("broker at (\\S+),");
    private static final Writer CHAT = Writer.chat("c1");

    @TempDir
    private Path dir;

    private final Logger logger = (Logger) LoggerFactory.getLogger(LogAppender.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private Process broker;

    @AfterEach
    void close() {
        logger.detachAppender(lines);
        if (broker != null) {
            broker.destroyForcibly();
        }
    }

    @Test
    void whatWasToBeAppendedWhileTheBrokerSleptIsAppendedInOrderWhenItWakes() throws Exception {
        String servers = startBroker();
        lines.start();
        logger.addAppender(lines);
        AtomicInteger producersMade = new AtomicInteger();
        List<String> refusals = new CopyOnWriteArrayList<>();
        LogAppender log = new LogAppender(
                "mind.log",
                Lane.CHAT,
                () -> {
                    producersMade.incrementAndGet();
                    return producer(servers);
                },
                refusals::add);
        List<Chain> chains =
                IntStream.range(0, THREADS).mapToObj(i -> new Chain(log, i)).toList();
        try {
            chains.forEach(Chain::next);
            await().atMost(Duration.ofSeconds(30)).until(() -> allHave(chains, 100));

            signal("STOP");
            long asleepSince = System.nanoTime();
            await().pollInterval(Duration.ofMillis(200))
                    .atMost(OUTAGE.plusSeconds(5))
                    .until(() -> System.nanoTime() - asleepSince > OUTAGE.toNanos());
            List<Integer> then = chains.stream().map(Chain::acknowledged).toList();
            signal("CONT");

            await().atMost(Duration.ofSeconds(60))
                    .until(() -> IntStream.range(0, THREADS)
                            .allMatch(i -> chains.get(i).acknowledged() > then.get(i) + 100));
            chains.forEach(Chain::stop);
            assertThat(log.flush(Duration.ofSeconds(30))).isTrue();
        } finally {
            chains.forEach(Chain::stop);
            log.close();
        }

        Map<String, Set<String>> read = read(servers);
        for (Chain chain : chains) {
            assertThat(read.get(chain.thread))
                    .containsExactlyElementsOf(IntStream.range(0, chain.acknowledged())
                            .mapToObj(chain::eventId)
                            .toList());
        }
        assertThat(refusals).isEmpty();
        assertThat(lines.list)
                .as("there was an outage, and it did not flood the log file")
                .hasSizeBetween(1, 12);
        assertThat(producersMade.get()).as("a producer survives a silence").isEqualTo(1);
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .noneMatch(name -> name.equals("noesis-chat-log") || name.contains("outage-log")));
    }

    /** A thread of the log, whose next event is appended when the one before is acknowledged. */
    private static final class Chain {
        private final LogAppender log;
        private final int index;
        private final String thread;
        private final AtomicInteger acknowledged = new AtomicInteger();
        private volatile boolean stopped;

        Chain(LogAppender log, int index) {
            this.log = log;
            this.index = index;
            this.thread = "t" + index;
        }

        void next() {
            int n = acknowledged.get();
            log.announce(index % PARTITIONS, CHAT.cancelled(thread + "-" + n, thread), () -> {
                acknowledged.incrementAndGet();
                if (!stopped) {
                    next();
                }
            });
        }

        String eventId(int n) {
            return thread + "-" + n + "/cancelled";
        }

        int acknowledged() {
            return acknowledged.get();
        }

        void stop() {
            stopped = true;
        }
    }

    private static boolean allHave(List<Chain> chains, int events) {
        return chains.stream().allMatch(chain -> chain.acknowledged() > events);
    }

    /** As a lane's is. */
    private static Producer<byte[], byte[]> producer(String servers) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
                        ProducerConfig.CLIENT_ID_CONFIG, "outage-log",
                        ProducerConfig.ACKS_CONFIG, "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1,
                        ProducerConfig.LINGER_MS_CONFIG, 0,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 15_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private String startBroker() throws Exception {
        Path output = dir.resolve("broker.out");
        broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Noesis.class.getName(),
                        "broker",
                        "--port",
                        "0",
                        "--data",
                        dir.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !broker.isAlive()
                        || BROKER.matcher(Files.readString(output)).find());
        Matcher found = BROKER.matcher(Files.readString(output));
        assertThat(found.find()).as(Files.readString(output)).isTrue();
        String servers = found.group(1);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic("mind.log", PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        return servers;
    }

    private void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + broker.pid())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    /** The names of each thread's events, in the order in which they came first. */
    private static Map<String, Set<String>> read(String servers) {
        Map<String, Set<String>> byThread = new LinkedHashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int i = 0; i < PARTITIONS; i++) {
                partitions.add(new TopicPartition("mind.log", i));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    MindEvent event = Json.read(record.value(), MindEvent.class);
                    byThread.computeIfAbsent(String.valueOf(event.threadId()), _ -> new LinkedHashSet<>())
                            .add(event.eventId());
                }
            }
        }
        return byThread;
    }
}
