package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.mind.Writer;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads of runs, one behind the other, over a broker that fails in every way: the kernel appends the next event of a thread
 * when it has read the one before, as the lanes do, and what it has read once it passes over.
 */
class LogOutagePropertyTest {
    private static final int THREADS = 12;
    private static final int RUNS = 8;
    private static final Writer CHAT = Writer.chat("c1");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whateverFailsNothingIsLostAndEachThreadKeepsItsOrder(long seed) throws Exception {
        List<String> refusals = new CopyOnWriteArrayList<>();
        Map<String, LogAppender> lane = new ConcurrentHashMap<>();
        Set<String> read = ConcurrentHashMap.newKeySet();
        try (FlakyBroker broker = new FlakyBroker(seed, 30, record -> {
            MindEvent event = Json.read(record.value(), MindEvent.class);
            if (read.add(event.eventId())) {
                next(event).forEach(e -> lane.get("log").append(tenure(record.partition()), "ada", e));
            }
        })) {
            LogAppender log = new LogAppender("mind.log", Lane.CHAT, broker, refusals::add, 2);
            lane.put("log", log);

            for (int thread = 0; thread < THREADS; thread++) {
                log.append(tenure(thread % 3), "ada", opened("t" + thread, 0));
            }

            await().atMost(Duration.ofSeconds(60)).until(() -> read.size() == THREADS * RUNS * 2);
            assertThat(log.flush(Duration.ofSeconds(30)))
                    .as("nothing is left outstanding")
                    .isTrue();
            assertThat(log.outstanding()).isZero();
            assertThat(refusals).isEmpty();
            eachThreadKeptItsOrder(broker.log());
            assertThat(broker.producersMade())
                    .as("producers died, or nothing was tried")
                    .isGreaterThan(1);
            assertThat(broker.producersOpen()).isEqualTo(1);

            log.close();
            assertThat(broker.producersOpen()).isZero();
        }
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("noesis-chat-log")));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsClosedInTheMidstOfItLeavesNoProducerBehind(long seed) {
        try (FlakyBroker broker = new FlakyBroker(seed, 60, _ -> {})) {
            LogAppender log = new LogAppender("mind.log", Lane.CHAT, broker, _ -> {}, 1);
            for (int i = 0; i < 200; i++) {
                log.append(tenure(0), "ada", CHAT.cancelled("r" + i, "t1"));
            }
            await().until(() -> broker.producersMade() > 2);

            log.close();

            await().until(() -> broker.producersOpen() == 0);
        }
    }

    private static Tenure tenure(int partition) {
        return new Tenure(partition, "c1", 0);
    }

    private static MindEvent opened(String thread, int run) {
        return CHAT.opened(thread + "-" + run, thread, "hello");
    }

    private static List<MindEvent> next(MindEvent event) {
        String runId = String.valueOf(event.runId());
        String thread = String.valueOf(event.threadId());
        int run = Integer.parseInt(runId.substring(runId.indexOf('-') + 1));
        if (event.body() instanceof MindEvent.RunOpened) {
            return List.of(CHAT.expired(runId, thread));
        }
        return run + 1 < RUNS ? List.of(opened(thread, run + 1)) : List.of();
    }

    private static void eachThreadKeptItsOrder(List<ProducerRecord<byte[], byte[]>> log) {
        Map<String, Set<String>> byThread = new HashMap<>();
        for (ProducerRecord<byte[], byte[]> record : log) {
            MindEvent event = Json.read(record.value(), MindEvent.class);
            assertThat(record.key()).isEqualTo("ada".getBytes(UTF_8));
            assertThat(new String(record.headers().lastHeader("ce_id").value(), UTF_8))
                    .isEqualTo(event.eventId());
            byThread.computeIfAbsent(String.valueOf(event.threadId()), _ -> new LinkedHashSet<>())
                    .add(event.eventId());
        }
        assertThat(byThread).hasSize(THREADS);
        byThread.forEach((thread, ids) -> assertThat(ids)
                .containsExactlyElementsOf(IntStream.range(0, RUNS)
                        .boxed()
                        .flatMap(run ->
                                List.of(thread + "-" + run + "/opened", thread + "-" + run + "/expired").stream())
                        .toList()));
    }
}
