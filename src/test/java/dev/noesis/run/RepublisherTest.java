package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.Republished;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepublisherTest {
    private static final String TOPIC = "chat.requests";

    private final MockProducer<byte[], byte[]> logProducer = Producers.willing();
    private final LogAppender log = new LogAppender("mind.log", Lane.CHAT, () -> logProducer, _ -> {});
    private final Timers timers = new Timers("test-timers");
    private final Tenure tenure = new Tenure(0, "c1", 1);

    @AfterEach
    void close() {
        timers.close();
        log.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void whatFailsIsNotOvertakenByWhatCameAfterIt(long seed) {
        // No deadly failures here: the producer of the streams is not replaced.
        try (FlakyBroker failing = new FlakyBroker(seed, 20, _ -> {}).sparingProducers();
                EventPublisher publisher = new EventPublisher("chat.events", Lane.CHAT, failing.get(), Duration.ZERO)) {
            Republisher republisher = new Republisher(Lane.CHAT, publisher, log, timers, () -> 1, 1);
            for (long offset = 0; offset < 90; offset++) {
                republisher.submit(tenure, record(offset, 1 + (int) (offset % 3)));
            }

            await().atMost(Duration.ofSeconds(60)).until(() -> republisher.waiting() == 0);
            for (int partition = 1; partition <= 3; partition++) {
                assertThat(distinctInARow(failing, partition))
                        .containsExactlyElementsOf(LongStream.range(0, 90)
                                .filter(in(partition))
                                .boxed()
                                .toList());
            }
            await().until(() -> logProducer.history().size() == 90);
            assertThat(Producers.events(logProducer))
                    .extracting(event -> ((Republished) event.body()).offset())
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.range(0, 90).boxed().toList());
        }
    }

    @Test
    void whatWaitsIsDroppedWithItsTenure() {
        MockProducer<byte[], byte[]> silent = Producers.reluctant();
        try (EventPublisher publisher = new EventPublisher("chat.events", Lane.CHAT, silent, Duration.ZERO)) {
            Republisher republisher = new Republisher(Lane.CHAT, publisher, log, timers, () -> 1, 1);
            Tenure next = new Tenure(0, "c2", 2);
            republisher.submit(tenure, record(0, 1));
            republisher.submit(tenure, record(1, 1));
            republisher.submit(next, record(0, 1));
            await().until(() -> silent.history().size() == 2);

            republisher.release(tenure);
            silent.completeNext();

            assertThat(republisher.waiting()).isEqualTo(1);
            silent.completeNext();
            await().until(() -> republisher.waiting() == 0);
            assertThat(silent.history()).hasSize(2);

            republisher.close();
            republisher.submit(next, record(1, 1));
            assertThat(republisher.waiting()).isZero();
        }
    }

    private static LongPredicate in(int partition) {
        return offset -> 1 + (int) (offset % 3) == partition;
    }

    private static Effect.Republish record(long offset, int partition) {
        return new Effect.Republish(
                TOPIC,
                offset,
                new byte[] {1},
                ByteBuffer.allocate(8).putLong(offset).array(),
                List.of(),
                partition);
    }

    /** What the partition got; one whose acknowledgement was lost stands there again, right behind. */
    private static List<Long> distinctInARow(FlakyBroker broker, int partition) {
        List<Long> offsets = new ArrayList<>();
        broker.log().stream()
                .filter(record -> record.partition() == partition)
                .map(record -> ByteBuffer.wrap(record.value()).getLong())
                .filter(offset -> offsets.isEmpty() || !offsets.getLast().equals(offset))
                .forEach(offsets::add);
        return offsets;
    }
}
