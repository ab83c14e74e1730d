package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.it.SharedBroker;
import dev.noesis.mind.Fold;
import dev.noesis.run.LogHistory.LogRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The log's past, read beside the lane that reads it as it grows. */
@ExtendWith(SharedBroker.class)
@Timeout(60)
class KafkaLogHistoryIT {
    private static final int RECORDS = 700;

    private final String topic = "history-" + UUID.randomUUID();
    private final EmbeddedBroker broker;

    KafkaLogHistoryIT(EmbeddedBroker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void aPartitionHasManyRecords() throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
        }
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(topic, 1, "ada".getBytes(UTF_8), ("event " + i).getBytes(UTF_8)));
            }
        }
    }

    @Test
    void everyRecordComesFromTheOffsetOnInOrder() {
        assertThat(read(0)).isEqualTo(LongStream.range(0, RECORDS).boxed().toList());
        assertThat(read(650)).isEqualTo(LongStream.range(650, RECORDS).boxed().toList());
    }

    @Test
    void aLogThatDoesNotGoBackThatFarStopsTheLaneWithBothNamed() throws Exception {
        TopicPartition partition = new TopicPartition(topic, 1);
        try (Admin admin = admin()) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(100)))
                    .all()
                    .get();
        }

        assertThatThrownBy(() -> read(0))
                .isInstanceOf(Fold.StoppedException.class)
                .hasMessageContaining(topic)
                .hasMessageContaining("offset 0 of partition 1");
        assertThat(read(100)).hasSize(RECORDS - 100);
    }

    @Test
    void aReadingThatIsClosedLeavesNoThread() {
        LogHistory.Reader reader = history().from(1, 0);
        await().until(() -> !reader.poll().isEmpty());

        reader.close();

        await().atMost(Duration.ofSeconds(10))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("noesis-history-1")));
    }

    private List<Long> read(long from) {
        List<Long> offsets = new ArrayList<>();
        try (LogHistory.Reader reader = history().from(1, from)) {
            await().pollInterval(Duration.ofMillis(10)).until(() -> {
                reader.poll().stream().map(LogRecord::offset).forEach(offsets::add);
                return offsets.size() >= RECORDS - from;
            });
        }
        return offsets;
    }

    private KafkaLogHistory history() {
        return new KafkaLogHistory(topic, Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()));
    }

    private Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()));
    }
}
