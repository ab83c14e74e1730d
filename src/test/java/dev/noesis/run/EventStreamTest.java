package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.Message;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class EventStreamTest {
    /** Longer than any of these tests: what is written before it has passed was not held back by it. */
    private static final Duration LONG = Duration.ofHours(1);

    private static final LlmOutcome DONE = new LlmOutcome.Completed(List.of(), "end_turn", Usage.NONE, "model");
    private static final LlmOutcome FAILED =
            new LlmOutcome.Failed(LlmFailure.of(LlmFailure.Kind.STREAM_CUT, "cut"), Usage.NONE, true);

    private final Gate producer = new Gate();
    private EventPublisher publisher;

    /** A producer whose sends can be held up. */
    private static final class Gate extends MockProducer<byte[], byte[]> {
        private volatile CountDownLatch open = new CountDownLatch(0);

        Gate() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        void shut() {
            open = new CountDownLatch(1);
        }

        void open() {
            open.countDown();
        }

        @Override
        @SuppressWarnings(
                "UnsynchronizedOverridesSynchronized") // it blocks, as a full buffer would, and may not hold the lock
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return super.send(record, callback);
        }
    }

    @AfterEach
    void close() {
        producer.open();
        if (publisher != null) {
            publisher.close();
            publisher.close();
        }
    }

    @Test
    void anAnswerIsAStreamWithoutAGap() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(0, Duration.ZERO, nextSeq);

        stream.begin();
        stream.onReasoning("hm");
        stream.onText("hello");
        stream.onToolStart(2, "call1", "recall");
        stream.onToolArguments(2, "{\"query\":");
        stream.onToolArguments(2, "1}");
        stream.onToolEnd(2);
        stream.onEnd(DONE);

        assertThat(nextSeq.get()).isEqualTo(producer.history().size());
        assertThat(written().stream()
                        .map(line -> line.replaceAll("ARGS .*", "ARGS"))
                        .distinct())
                .extracting(line -> line.substring(line.indexOf(' ') + 1))
                .containsSubsequence(
                        "RUN_STARTED",
                        "STEP_STARTED",
                        "REASONING_MESSAGE_START",
                        "REASONING_MESSAGE_CONTENT hm",
                        "TEXT_MESSAGE_START",
                        "TEXT_MESSAGE_CONTENT hello",
                        "TOOL_CALL_START",
                        "TOOL_CALL_ARGS",
                        "TOOL_CALL_END",
                        "REASONING_MESSAGE_END",
                        "TEXT_MESSAGE_END");
        numbersHaveNoGap();
    }

    @Test
    void onlyTheFirstStepStartsTheRun() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(1, Duration.ZERO, nextSeq);

        stream.begin();
        stream.onEnd(DONE);

        assertThat(nextSeq.get()).isEqualTo(1);
        assertThat(written()).containsExactly("0 STEP_STARTED");
    }

    @Test
    void anAttemptThatFailedLeavesItsMessagesOpen() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(1, Duration.ZERO, nextSeq);

        stream.begin();
        stream.onText("half");
        stream.onEnd(FAILED);

        assertThat(nextSeq.get()).isEqualTo(3);
        assertThat(written()).containsExactly("0 STEP_STARTED", "1 TEXT_MESSAGE_START", "2 TEXT_MESSAGE_CONTENT half");
    }

    // ---- batches

    @Test
    void theFirstDeltaLeavesAtOnce() {
        EventStream stream = stream(1, LONG, new CompletableFuture<>());
        stream.begin();
        await().until(() -> written().size() == 1);

        stream.onText("hel");

        await().untilAsserted(() -> assertThat(written()).contains("2 TEXT_MESSAGE_CONTENT hel"));
    }

    @Test
    void laterDeltasWaitAndLeaveTogether() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(1, LONG, nextSeq);
        stream.begin();
        await().until(() -> written().size() == 1);
        stream.onText("hel");
        // whether or not that one has left, what follows it is one record at most
        await().until(() -> publisherIsIdle());

        for (String delta : List.of("lo ", "wor", "ld")) {
            stream.onText(delta);
        }
        stream.onEnd(DONE);

        nextSeq.get();
        assertThat(written().stream().filter(line -> line.contains("CONTENT"))).hasSizeLessThanOrEqualTo(2);
        assertThat(text()).isEqualTo("hello world");
        numbersHaveNoGap();
    }

    @Test
    void whatWaitsIsWrittenWhenTheIntervalHasPassed() {
        EventStream stream = stream(1, Duration.ofMillis(30), new CompletableFuture<>());
        stream.begin();
        stream.onText("a");
        stream.onText("b");
        stream.onText("c");

        await().untilAsserted(() -> assertThat(text()).isEqualTo("abc"));
        stream.onText("d");
        await().untilAsserted(() -> assertThat(text()).isEqualTo("abcd"));
        numbersHaveNoGap();
    }

    @Test
    void theEndOfAnAttemptWaitsForNoInterval() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(1, LONG, nextSeq);
        stream.begin();
        stream.onText("a");
        await().until(() -> publisherIsIdle());
        stream.onText("b");

        stream.onEnd(DONE);

        assertThat(nextSeq.get()).isEqualTo(written().size());
        assertThat(text()).isEqualTo("ab");
    }

    @Test
    void whatStillWaitsWhenThePublisherIsClosedIsWritten() {
        EventStream stream = stream(1, LONG, new CompletableFuture<>());
        stream.begin();
        stream.onText("a");
        await().until(() -> publisherIsIdle());
        stream.onText("b");

        publisher.close();

        assertThat(text()).isEqualTo("ab");
        assertThat(producer.closed()).isTrue();
    }

    // ---- backpressure and failures

    @Test
    void aStreamThatCannotBeWrittenStopsItsCallAndLetsItGoOnLater() {
        producer.shut();
        EventStream stream = stream(1, Duration.ZERO, new CompletableFuture<>());
        FakeLlm.Call call = new FakeLlm.Call(request(), stream);
        stream.readFrom(call);
        stream.begin();

        stream.onText("x".repeat(60_000));
        assertThat(call.isPaused()).isFalse();
        stream.onText("x".repeat(60_000));
        stream.onText("x".repeat(60_000));
        assertThat(call.isPaused()).isTrue();

        producer.open();
        await().until(() -> !call.isPaused());
        await().untilAsserted(() -> assertThat(text()).hasSize(180_000));
    }

    /** All may be written by the moment at which the call is told to stop: then nothing would ever tell it to go on. */
    @Test
    void aCallHearsNoPauseBehindTheResumeThatAnswersIt() {
        EventStream stream = stream(1, Duration.ZERO, new CompletableFuture<>());
        List<String> heard = new CopyOnWriteArrayList<>();
        stream.readFrom(new LlmCall() {
            @Override
            public void pause() {
                Thread drain = Thread.ofPlatform().start(() -> stream.drain(0));
                await().until(() ->
                        List.of(Thread.State.BLOCKED, Thread.State.TERMINATED).contains(drain.getState()));
                heard.add("pause");
            }

            @Override
            public void resume() {
                heard.add("resume");
            }

            @Override
            public void cancel() {}
        });

        stream.onText("x".repeat(70_000));

        await().until(() -> heard.size() == 2);
        assertThat(heard).containsExactly("pause", "resume");
    }

    @Test
    void aCallThatIsReturnedLateIsStoppedAsWell() {
        producer.shut();
        EventStream stream = stream(1, Duration.ZERO, new CompletableFuture<>());
        stream.begin();
        stream.onText("x".repeat(70_000));
        stream.onText("x".repeat(70_000));
        FakeLlm.Call call = new FakeLlm.Call(request(), stream);

        stream.readFrom(call);

        assertThat(call.isPaused()).isTrue();
    }

    @Test
    void whatCannotBeWrittenIsDroppedAndCountedAndTheAttemptStillEnds() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(1, Duration.ZERO, nextSeq);
        producer.sendException = new KafkaException("down");

        stream.begin();
        stream.onText("a");
        stream.onEnd(DONE);

        assertThat(nextSeq.get()).isEqualTo(4);
        assertThat(publisher.dropped()).isEqualTo(4);
    }

    @Test
    void textOfAnyKindIsWritten() throws Exception {
        CompletableFuture<Long> nextSeq = new CompletableFuture<>();
        EventStream stream = stream(1, Duration.ZERO, nextSeq);

        stream.begin();
        stream.onText("\0 \u2028 \uD83D");
        stream.onText("\uDE00 é");
        stream.onEnd(DONE);

        nextSeq.get();
        assertThat(text()).isEqualTo("\0 \u2028 \uD83D\uDE00 é");
    }

    @Test
    void anEventSaysWhoWhereAndWhich() {
        EventStream stream = stream(1, Duration.ZERO, new CompletableFuture<>());
        stream.begin();
        await().until(() -> !producer.history().isEmpty());

        ProducerRecord<byte[], byte[]> record = producer.history().getFirst();
        JsonNode event = Json.tree(record.value());
        assertThat(record.topic()).isEqualTo("chat.events");
        assertThat(record.partition()).isEqualTo(3);
        assertThat(record.key()).isEqualTo("ada".getBytes(UTF_8));
        assertThat(event.path("threadId").asString()).isEqualTo("t1");
        assertThat(event.path("runId").asString()).isEqualTo("r1");
        assertThat(event.path("stepName").asString()).isEqualTo("step-1");
        assertThat(event.path("metadata").path("noesis")).isEqualTo(Json.tree("""
                {"runId":"r1","step":1,"attempt":[40,2],"seq":0}"""));
        assertThat(new String(record.headers().lastHeader("ce_id").value(), UTF_8))
                .isEqualTo("r1/40.2/0");
        assertThat(new String(record.headers().lastHeader("traceparent").value(), UTF_8))
                .isEqualTo("00-1-2-00");
    }

    private EventStream stream(int step, Duration interval, CompletableFuture<Long> nextSeq) {
        publisher = new EventPublisher("chat.events", Lane.CHAT, producer, interval);
        return new EventStream(
                publisher,
                3,
                ModelCallsFixture.call("ada", "r1", step),
                new Attempt(40, 2),
                (_, seq) -> nextSeq.complete(seq));
    }

    /** A record that passes through the publisher has everything before it behind it. */
    private boolean publisherIsIdle() {
        CountDownLatch passed = new CountDownLatch(1);
        publisher.forward(new ProducerRecord<>("marks", Json.write(Json.object())), (_, _) -> passed.countDown());
        return passed.getCount() == 0 || awaitQuietly(passed);
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> written() {
        return Producers.stream(producer).stream()
                .filter(line -> !line.startsWith("-"))
                .toList();
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (JsonNode event : Producers.json(producer)) {
            text.append(event.path("delta").asString(""));
        }
        return text.toString();
    }

    private void numbersHaveNoGap() {
        List<String> lines = written();
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).startsWith(i + " ");
        }
    }

    private static LlmRequest request() {
        return new LlmRequest(
                "x", "m", 1, "", List.of(Message.user("m", "x")), List.of(), new LlmRequest.ToolChoice.Auto(), 1);
    }
}
