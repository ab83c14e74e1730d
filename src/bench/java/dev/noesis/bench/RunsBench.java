package dev.noesis.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.KafkaProperties;
import dev.noesis.config.NoesisConfig;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import dev.noesis.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Many runs of equal length at a bounded number in flight: how long they take over the ideal, which is the number of runs
 * divided by those in flight, times the length of one. Broker, model server, worker and load share this process and its
 * cores.
 */
final class RunsBench {
    private static final int RUNS = Integer.getInteger("runs", 1_000);
    private static final int IN_FLIGHT = Integer.getInteger("inFlight", 256);
    private static final int AGENTS = Integer.getInteger("agents", 250);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** 200 ms to the first of 20 words, 25 words a second: one second. */
    private static final String SCRIPT = """
            rules:
              - answer: "a b c d e f g h i j k l m n o p q r s t"
                latency: 200ms
                tokensPerSecond: 25
            """;

    private RunsBench() {}

    static void run() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                ScriptedModelServer model = ScriptedModelServer.start(
                        ScriptedModelServer.Options.defaults().withScript(Script.parse(SCRIPT, "runs")))) {
            NoesisConfig config = ConfigLoader.load(Map.of(
                    "bootstrap.servers", broker.bootstrapServers(),
                    "llm.base.url", model.baseUrl().toString(),
                    "state.dir", Files.createTempDirectory("noesis-bench").toString(),
                    "chat.max.in.flight", Integer.toString(IN_FLIGHT),
                    "http.port", "-1",
                    "lanes", "chat"));
            Topics topics = new Topics("");
            var _ = new TopicAdmin(config.kafka(), Duration.ofSeconds(30))
                    .create(topics.specs(), config.partitions(), config.replicationFactor());
            try (Worker worker = Worker.start(config)) {
                if (!worker.awaitReady(LIMIT)) {
                    throw new IllegalStateException("the worker did not become ready");
                }
                System.out.printf(
                        "%d runs of 1.0 s and 20 words, %d agents, %d in flight; %d cores, Java %s%n",
                        RUNS, AGENTS, IN_FLIGHT, Runtime.getRuntime().availableProcessors(), Runtime.version());
                round(config, topics, "warm-up", model);
                for (int round = 1; round <= ROUNDS; round++) {
                    round(config, topics, "round " + round, model);
                }
            }
        }
    }

    private static void round(NoesisConfig config, Topics topics, String name, ScriptedModelServer model)
            throws Exception {
        long callsBefore = model.calls();
        long cpuBefore = cpuMillis();
        try (var replies = replies(config, topics);
                var requests = new KafkaProducer<>(
                        KafkaProperties.forProducer(config.kafka()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            long begun = System.nanoTime();
            for (int i = 0; i < RUNS; i++) {
                requests.send(request(topics, name, i));
            }
            requests.flush();
            Set<String> answered = new HashSet<>();
            int failed = 0;
            while (answered.size() < RUNS && System.nanoTime() - begun < LIMIT.toNanos()) {
                for (ConsumerRecord<byte[], byte[]> reply : replies.poll(Duration.ofMillis(100))) {
                    var event = Json.tree(reply.value());
                    answered.add(event.path("runId").asString());
                    failed += event.path("type").asString("").equals("RUN_FINISHED") ? 0 : 1;
                }
            }
            double took = (System.nanoTime() - begun) / 1e9;
            double ideal = Math.ceil((double) RUNS / IN_FLIGHT);
            System.out.printf(
                    "%-8s %,6d answered, %d failed, in %5.2f s; ideal %.2f s, over it %5.2f s; %.0f runs/s, %d model calls, %.1f ms CPU a run%n",
                    name,
                    answered.size(),
                    failed,
                    took,
                    ideal,
                    took - ideal,
                    answered.size() / took,
                    model.calls() - callsBefore,
                    (cpuMillis() - cpuBefore) / (double) RUNS);
        }
    }

    private static ProducerRecord<byte[], byte[]> request(Topics topics, String round, int number) {
        var input = Json.object().put("threadId", "t" + number).put("runId", round + "-" + number);
        input.putArray("messages")
                .addObject()
                .put("id", "m")
                .put("role", "user")
                .put("content", "say the alphabet");
        return new ProducerRecord<>(
                topics.chatRequests(), ("agent-" + number % AGENTS).getBytes(UTF_8), Json.write(input));
    }

    private static KafkaConsumer<byte[], byte[]> replies(NoesisConfig config, Topics topics) {
        Map<String, Object> settings = new HashMap<>(KafkaProperties.forConsumer(config.kafka()));
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(0, config.partitions())
                .mapToObj(partition -> new TopicPartition(topics.chatReplies(), partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    private static long cpuMillis() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toMillis)
                .orElse(0L);
    }
}
