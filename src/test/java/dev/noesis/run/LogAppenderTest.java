package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.mind.Writer;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.model.MindEvent.ToolCompleted;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogAppenderTest {
    private static final Tenure TENURE = new Tenure(0, "c1", 0);
    private static final Writer CHAT = Writer.chat("c1");
    private static final MindEvent ONE = CHAT.cancelled("r1", "t1");
    private static final MindEvent TWO = CHAT.cancelled("r2", "t1");

    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final MockProducer<byte[], byte[]> first = Producers.reluctant();
    private final MockProducer<byte[], byte[]> second = Producers.reluctant();
    private final Deque<Producer<byte[], byte[]>> producers = new ConcurrentLinkedDeque<>(List.of(first, second));
    private final AtomicInteger failingProducers = new AtomicInteger();
    private final LogAppender log = new LogAppender("mind.log", Lane.CHAT, this::producer, refusals::add);

    private Producer<byte[], byte[]> producer() {
        if (producers.size() < 2 && failingProducers.getAndDecrement() > 0) {
            throw new KafkaException("no broker's name can be resolved");
        }
        return producers.remove();
    }

    @AfterEach
    void close() {
        log.close();
        log.close();
    }

    @Test
    void anEventIsAppendedToItsPartitionWithItsHeaders() {
        log.append(new Tenure(3, "c1", 0), "ada", ONE);
        awaitSent(first, 1);

        ProducerRecord<byte[], byte[]> record = first.history().getFirst();
        assertThat(record.topic()).isEqualTo("mind.log");
        assertThat(record.partition()).isEqualTo(3);
        assertThat(record.key()).isEqualTo("ada".getBytes(UTF_8));
        assertThat(Producers.events(first)).containsExactly(ONE);
        assertThat(header(record, "ce_id")).isEqualTo("r1/cancelled");
        assertThat(header(record, "ce_type")).isEqualTo("dev.noesis.mind.RunCancelled");
        assertThat(header(record, "ce_source")).isEqualTo("noesis/chat");
        assertThat(header(record, "ce_subject")).isEqualTo("ada");
        assertThat(header(record, "content-type")).isEqualTo("application/json");
    }

    @Test
    void eventsAreAppendedInTheirOrder() {
        for (int i = 0; i < 200; i++) {
            log.append(TENURE, "ada", CHAT.cancelled("r" + i, "t1"));
        }
        awaitSent(first, 200);

        assertThat(Producers.eventIds(first))
                .startsWith("r0/cancelled", "r1/cancelled")
                .endsWith("r199/cancelled");
        assertThat(Producers.eventIds(first))
                .isEqualTo(IntStream.range(0, 200)
                        .mapToObj(i -> "r" + i + "/cancelled")
                        .toList());
    }

    @Test
    void aFailedAppendIsRepeatedUntilItIsAcknowledged() throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        log.announce(0, ONE, acknowledged::incrementAndGet);
        for (int i = 1; i <= 3; i++) {
            awaitSent(first, i);
            assertThat(first.errorNext(new TimeoutException("no answer"))).isTrue();
        }
        awaitSent(first, 4);
        assertThat(acknowledged).hasValue(0);
        assertThat(log.flush(Duration.ofMillis(20))).isFalse();

        first.completeNext();

        assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
        assertThat(acknowledged).hasValue(1);
        assertThat(Producers.eventIds(first)).containsOnly("r1/cancelled");
        assertThat(first.closed()).isFalse();
        assertThat(refusals).isEmpty();
    }

    @Test
    void aProducerThatDidNotSurviveIsReplacedOnceAndWhatItHeldIsRepeated() throws Exception {
        log.append(TENURE, "ada", ONE);
        log.append(TENURE, "ada", TWO);
        awaitSent(first, 2);

        first.errorNext(new OutOfOrderSequenceException("a record was lost"));
        first.errorNext(new OutOfOrderSequenceException("a record was lost"));

        awaitSent(second, 2);
        assertThat(first.closed()).isTrue();
        assertThat(Producers.eventIds(second)).containsExactlyInAnyOrder("r1/cancelled", "r2/cancelled");
        second.completeNext();
        second.completeNext();
        assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
        assertThat(producers).isEmpty();
    }

    @Test
    void aSendThatThrowsIsRepeatedAsWell() throws Exception {
        first.sendException = new KafkaException("closed under our feet");
        log.append(TENURE, "ada", ONE);

        awaitSent(second, 1);
        second.completeNext();

        assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void aProducerThatCannotBeMadeIsTriedAgain() throws Exception {
        failingProducers.set(2);
        log.append(TENURE, "ada", ONE);
        awaitSent(first, 1);
        first.errorNext(new OutOfOrderSequenceException("a record was lost"));

        awaitSent(second, 1);
        second.completeNext();

        assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRefusalByTheBrokerIsTold(boolean authorization) {
        log.append(TENURE, "ada", ONE);
        awaitSent(first, 1);

        first.errorNext(
                authorization
                        ? new TopicAuthorizationException("not authorized: mind.log")
                        : new SaslAuthenticationException("wrong password"));

        await().untilAsserted(() -> assertThat(refusals).isNotEmpty());
        assertThat(refusals.getFirst()).contains("chat lane", "mind.log");
    }

    // ---- what no record holds

    @Test
    void anEventThatTheBrokerFindsTooLargeIsReplacedByASmallOneOfItsName() throws Exception {
        log.append(TENURE, "ada", saying(ONE, new RunCancelled("because ".repeat(1_000))));
        awaitSent(first, 1);

        first.errorNext(new RecordTooLargeException("the topic takes 4 KiB"));

        awaitSent(first, 2);
        first.completeNext();
        assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
        MindEvent small = Producers.events(first).getLast();
        assertThat(small.eventId()).isEqualTo("r1/cancelled");
        assertThat(((RunCancelled) small.body()).reason()).hasSizeLessThan(1_100);
        assertThat(first.closed()).isFalse();
        assertThat(refusals).isEmpty();
    }

    @Test
    void aBrokerThatDoesNotTakeEvenTheSmallestStopsTheLane() throws Exception {
        log.append(TENURE, "ada", CHAT.expired("r1", "t1"));
        awaitSent(first, 1);

        first.errorNext(new RecordTooLargeException("the topic takes 10 bytes"));

        await().untilAsserted(() -> assertThat(refusals).isNotEmpty());
        assertThat(refusals.getFirst()).contains("mind.log", "r1/expired", "10 bytes");
        assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
        assertThat(first.history()).hasSize(1);
    }

    @Test
    void aRecordIsMeasuredWithItsKeyAndHeaders() throws Exception {
        // the id of the event, which the call's is a part of, stands in the value and in a header
        String id = "i".repeat(20_000);
        int free = LogAppender.MAX_RECORD_BYTES - 3 * id.length();
        log.append(TENURE, "ada", CHAT.tool("r1", 0, id, "x".repeat(free - 2_000)));
        log.append(TENURE, "ada", CHAT.tool("r2", 0, id, "x".repeat(free + 10)));
        awaitSent(first, 2);

        List<MindEvent> events = Producers.events(first);
        assertThat(((ToolCompleted) events.getFirst().body()).isError()).isFalse();
        assertThat(((ToolCompleted) events.getLast().body()).text()).startsWith("answer_too_large");
    }

    // ---- the end

    @Test
    void aClosedAppenderAppendsNothingAndWaitsForNothing() throws Exception {
        log.append(TENURE, "ada", ONE);
        awaitSent(first, 1);

        log.close();
        log.append(TENURE, "ada", TWO);

        assertThat(first.closed()).isTrue();
        assertThat(Producers.eventIds(first)).containsExactly("r1/cancelled");
        assertThat(log.flush(Duration.ofMillis(50)))
                .as("one was never acknowledged")
                .isFalse();
    }

    private static MindEvent saying(MindEvent event, MindEvent.Body body) {
        return new MindEvent(
                event.version(),
                event.eventId(),
                event.at(),
                event.lane(),
                event.runId(),
                event.threadId(),
                event.origin(),
                event.stamp(),
                body);
    }

    private static void awaitSent(MockProducer<byte[], byte[]> producer, int records) {
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> producer.history().size() >= records);
    }

    private static String header(ProducerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), UTF_8);
    }
}
