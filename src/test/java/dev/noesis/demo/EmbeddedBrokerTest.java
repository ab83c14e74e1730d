package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedBrokerTest {
    private static final String TOPIC = "letters";

    @Test
    void aGroupReadsWhatWasWritten() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            createTopic(broker, Map.of());
            write(broker, "a", "b", "c");

            assertThat(read(broker, 3)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void aTransactionIsSeenWholeAndAnAbortedOneNotAtAll() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            createTopic(broker, Map.of());
            Map<String, Object> config = producerConfig(broker);
            config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "writer");
            try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "k", "aborted"));
                producer.flush();
                producer.abortTransaction();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "k", "committed 1"));
                producer.send(new ProducerRecord<>(TOPIC, "k", "committed 2"));
                producer.commitTransaction();
            }

            assertThat(read(broker, 2)).containsExactly("committed 1", "committed 2");
        }
    }

    @Test
    void topicsDataAndClusterIdOutliveABrokerWithADataDirectory(@TempDir Path dir) throws Exception {
        Path data = dir.resolve("made/when/missing");
        int port;
        String clusterId;
        try (EmbeddedBroker first =
                EmbeddedBroker.start(EmbeddedBroker.Options.defaults().withDataDir(data))) {
            port = first.port();
            clusterId = first.clusterId();
            createTopic(first, Map.of());
            write(first, "kept");
        }
        assertThat(data).isNotEmptyDirectory();

        EmbeddedBroker.Options samePort =
                EmbeddedBroker.Options.defaults().withDataDir(data).withPort(port);
        try (EmbeddedBroker second = EmbeddedBroker.start(samePort)) {
            assertThat(second.port()).isEqualTo(port);
            assertThat(second.clusterId()).isEqualTo(clusterId);
            assertThat(read(second, 1)).containsExactly("kept");
        }
        try (EmbeddedBroker third =
                EmbeddedBroker.start(EmbeddedBroker.Options.defaults().withDataDir(data))) {
            assertThat(third.clusterId()).isEqualTo(clusterId);
            assertThat(read(third, 1)).containsExactly("kept");
        }
    }

    @Test
    void twoBrokersRunSideBySideAndKnowNothingOfEachOther() throws Exception {
        try (EmbeddedBroker one = EmbeddedBroker.start();
                EmbeddedBroker other = EmbeddedBroker.start()) {
            assertThat(one.port()).isNotEqualTo(other.port());
            assertThat(one.clusterId()).isNotEqualTo(other.clusterId());
            createTopic(one, Map.of());
            createTopic(other, Map.of());
            write(one, "for one");
            write(other, "for the other");

            assertThat(read(one, 1)).containsExactly("for one");
            assertThat(read(other, 1)).containsExactly("for the other");
        }
    }

    @Test
    void temporaryDataAreDeletedOnCloseAndClosingTwiceIsHarmless() throws Exception {
        EmbeddedBroker broker = EmbeddedBroker.start();
        createTopic(broker, Map.of());
        assertThat(broker.dataDir()).isNotEmptyDirectory();

        broker.close();
        broker.close();

        assertThat(broker.dataDir()).doesNotExist();
    }

    @Test
    void aRecordOfEightMebibytesPasses() throws Exception {
        byte[] large = new byte[8 * 1024 * 1024];
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            createTopic(broker, Map.of());
            Map<String, Object> config = producerConfig(broker);
            config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, EmbeddedBroker.MAX_RECORD_BYTES);
            try (var producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
                assertThat(producer.send(new ProducerRecord<>(TOPIC, "k", large))
                                .get(20, TimeUnit.SECONDS)
                                .serializedValueSize())
                        .isEqualTo(large.length);
            }
        }
    }

    @Test
    void topicsAreNotMadeByAccident() {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Map<String, Object> config = producerConfig(broker);
            config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 500);
            try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
                assertThatThrownBy(() -> producer.send(new ProducerRecord<>(TOPIC, "lost"))
                                .get(20, TimeUnit.SECONDS))
                        .hasStackTraceContaining("letters not present in metadata");
            }
            try (Admin admin = admin(broker)) {
                assertThatThrownBy(() -> admin.describeTopics(List.of(TOPIC))
                                .allTopicNames()
                                .get(20, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
            }
        }
    }

    @Test
    void propertiesOverrideTheDefaults() throws Exception {
        EmbeddedBroker.Options options =
                EmbeddedBroker.Options.defaults().withProperties(Map.of("auto.create.topics.enable", "true"));
        try (EmbeddedBroker broker = EmbeddedBroker.start(options)) {
            write(broker, "made on the way");

            assertThat(read(broker, 1)).containsExactly("made on the way");
        }
    }

    @Test
    void aBrokerOnAllAddressesIsReachedOverLoopback() throws Exception {
        try (EmbeddedBroker broker =
                EmbeddedBroker.start(EmbeddedBroker.Options.defaults().withHost("0.0.0.0"))) {
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + broker.port());
            createTopic(broker, Map.of());
            write(broker, "a");
            assertThat(read(broker, 1)).containsExactly("a");
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            EmbeddedBroker.Options options = EmbeddedBroker.Options.defaults().withPort(taken.getLocalPort());

            assertThatThrownBy(() -> EmbeddedBroker.start(options))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void aDataDirectoryThatIsAFileIsNamed(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "no directory", StandardCharsets.UTF_8);

        assertThatThrownBy(() ->
                        EmbeddedBroker.start(EmbeddedBroker.Options.defaults().withDataDir(file)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aDataDirectoryInUseIsRefusedAndItsBrokerGoesOn(@TempDir Path dir) throws Exception {
        EmbeddedBroker.Options options = EmbeddedBroker.Options.defaults().withDataDir(dir);
        try (EmbeddedBroker broker = EmbeddedBroker.start(options)) {
            createTopic(broker, Map.of());

            assertThatThrownBy(() -> EmbeddedBroker.start(options)).hasMessageContaining("lock");

            write(broker, "still here");
            assertThat(read(broker, 1)).containsExactly("still here");
        }
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static void createTopic(EmbeddedBroker broker, Map<String, String> config) throws Exception {
        try (Admin admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1).configs(config)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private static Map<String, Object> producerConfig(EmbeddedBroker broker) {
        return new HashMap<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                1_500));
    }

    private static void write(EmbeddedBroker broker, String... values) throws Exception {
        try (var producer =
                new KafkaProducer<>(producerConfig(broker), new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(TOPIC, "k", value)).get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** Reads as a new group until there are as many records, or 20 s have passed. */
    private static List<String> read(EmbeddedBroker broker, int count) {
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "readers-" + System.nanoTime(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed");
        List<String> values = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (values.size() < count && System.nanoTime() < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }
}
