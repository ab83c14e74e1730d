package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmOutcome;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams while the brokers do not answer. */
@Timeout(30)
class EventOutageTest {
    private static final int MAX_BYTES = 100_000;
    private static final String KILOBYTE = "x".repeat(1_000);
    private static final LlmOutcome DONE = new LlmOutcome.Completed(List.of(), "end_turn", Usage.NONE, "model");

    @Test
    void whatIsNotAcknowledgedIsBoundedTheRestIsDroppedAndStreamsGoOnBehindTheGap() {
        MockProducer<byte[], byte[]> silent = Producers.reluctant();
        try (EventPublisher publisher = publisher(silent)) {
            CompletableFuture<Long> nextSeq = new CompletableFuture<>();
            EventStream stream = stream(publisher, nextSeq);
            int written = 500;
            for (int i = 0; i < written; i++) {
                stream.onToolStart(i, KILOBYTE, "tool");
            }
            settle(publisher, silent);

            assertThat(publisher.unacknowledged()).isLessThanOrEqualTo(MAX_BYTES);
            int sent = events(silent);
            assertThat(sent).isBetween(10, 100);
            assertThat(publisher.dropped()).isEqualTo(written - sent);

            // the brokers are back
            while (silent.completeNext()) {
                // acknowledged
            }
            stream.onText("and so on");
            stream.onEnd(DONE);
            await().until(nextSeq::isDone);

            assertThat(nextSeq).isCompletedWithValue(written + 3L);
            List<String> lines = Producers.stream(silent).stream()
                    .filter(line -> !line.startsWith("-"))
                    .toList();
            assertThat(lines.get(sent - 1)).startsWith(sent - 1 + " ");
            assertThat(lines.subList(sent, lines.size()))
                    .containsExactly(
                            "500 TEXT_MESSAGE_START", "501 TEXT_MESSAGE_CONTENT and so on", "502 TEXT_MESSAGE_END");
            while (silent.completeNext()) {
                // acknowledged
            }
            assertThat(publisher.unacknowledged()).isZero();
        }
    }

    @Test
    void whileASendBlocksNobodyElseDoesAndWhatWaitsIsBounded() {
        CountDownLatch open = new CountDownLatch(1);
        Blocking blocking = new Blocking(open, 60_000, false);
        try (EventPublisher publisher = publisher(blocking)) {
            long start = System.nanoTime();
            for (int i = 0; i < 100_000; i++) {
                publisher.publish(0, event(i));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
            assertThat(publisher.unacknowledged()).isLessThanOrEqualTo(MAX_BYTES);
            assertThat(publisher.dropped()).isGreaterThan(99_000);

            open.countDown();

            await().until(() -> publisher.unacknowledged() == 0);
            long droppedSoFar = publisher.dropped();
            publisher.publish(0, event(7));
            await().until(() -> publisher.unacknowledged() == 0);
            assertThat(publisher.dropped()).isEqualTo(droppedSoFar);
            assertThat(blocking.sends).hasValue(Math.toIntExact(100_001 - droppedSoFar));
        }
    }

    @Test
    void callsEndInAnOutageWithoutWaitingForEventAfterEventToTimeOut() {
        Blocking blocking = new Blocking(new CountDownLatch(1), 600, true);
        try (EventPublisher publisher = publisher(blocking)) {
            CompletableFuture<Long> nextSeq = new CompletableFuture<>();
            EventStream stream = stream(publisher, nextSeq);
            for (int i = 0; i < 50; i++) {
                stream.onToolStart(i, "c" + i, "tool");
            }
            stream.onEnd(DONE);

            await().atMost(Duration.ofSeconds(10)).until(nextSeq::isDone);

            assertThat(nextSeq).isCompletedWithValue(50L);
            assertThat(blocking.sends).as("50 would have taken 30 s").hasValue(1);
            assertThat(publisher.dropped()).isEqualTo(50);
            assertThat(publisher.unacknowledged()).isZero();
        }
    }

    private static EventPublisher publisher(MockProducer<byte[], byte[]> producer) {
        return new EventPublisher("chat.events", Lane.CHAT, producer, Duration.ZERO, MAX_BYTES);
    }

    private static EventStream stream(EventPublisher publisher, CompletableFuture<Long> nextSeq) {
        return new EventStream(
                publisher,
                3,
                ModelCallsFixture.call("ada", "r1", 1),
                new Attempt(40, 2),
                (_, seq) -> nextSeq.complete(seq));
    }

    private static StreamEvent event(long seq) {
        return new StreamEvent(
                "CUSTOM",
                "ada",
                "t1",
                "r1",
                0,
                new Attempt(1, 1),
                seq,
                "00-1-2-00",
                Json.object().put("value", KILOBYTE));
    }

    private static int events(MockProducer<byte[], byte[]> producer) {
        return Math.toIntExact(producer.history().stream()
                .filter(record -> record.topic().equals("chat.events"))
                .count());
    }

    /** A record that passes through the publisher has everything before it behind it. */
    private static void settle(EventPublisher publisher, MockProducer<byte[], byte[]> producer) {
        publisher.forward(new ProducerRecord<>("marks", Json.write(Json.object())), (_, _) -> {});
        await().until(() ->
                producer.history().stream().anyMatch(record -> record.topic().equals("marks")));
    }

    /** A producer that blocks its caller, as the real one does for want of metadata, until it is let go or for a time. */
    private static final class Blocking extends MockProducer<byte[], byte[]> {
        final AtomicInteger sends = new AtomicInteger();
        private final CountDownLatch open;
        private final long limitMs;
        private final boolean fails;

        Blocking(CountDownLatch open, long limitMs, boolean fails) {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.open = open;
            this.limitMs = limitMs;
            this.fails = fails;
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it blocks, and may not hold the lock
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            sends.incrementAndGet();
            boolean let;
            try {
                let = open.await(limitMs, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                let = false;
            }
            if (fails && !let) {
                TimeoutException failure = new TimeoutException("Topic chat.events not present in metadata");
                callback.onCompletion(null, failure);
                return CompletableFuture.failedFuture(failure);
            }
            return super.send(record, callback);
        }
    }
}
