package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Writer;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.ToolSpec;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Threads that submit, complete, cancel, hand over and abandon, and a drain and two closes in the midst of it. */
@Timeout(60)
class EffectRunnerPropertyTest {
    private static final int THREADS = 3;
    private static final int STEPS = 400;
    private static final int PERMITS = 5;
    private static final Writer CHAT = Writer.chat("c1");
    private static final NoesisConfig CONFIG = ConfigLoader.load(Map.of(
            "events.interval.ms",
            "0",
            "drain.ms",
            "30",
            "tool.timeout.ms",
            "40",
            "chat.max.in.flight",
            Integer.toString(PERMITS)));

    private final MockProducer<byte[], byte[]> log = Producers.willing();
    private final MockProducer<byte[], byte[]> events = Producers.willing();
    private final FakeLlm llm = new FakeLlm();
    private final AtomicInteger names = new AtomicInteger();
    private final Map<String, Integer> toolCalls = new ConcurrentHashMap<>();
    private final AtomicInteger toolsRunning = new AtomicInteger();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverHappensEachCallIsToldAtMostOnceAndNothingIsLeft(long seed) throws Exception {
        EffectRunner effects = new EffectRunner(
                CONFIG.lane(Lane.CHAT),
                CONFIG.run(),
                new AgentRunner(new ContextBuilder("", 1_000), new Dispatcher(List.of(tool()))).fork(llm),
                "mind.log",
                "chat.events",
                () -> log,
                events,
                _ -> {});
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        CountDownLatch wellUnderWay = new CountDownLatch(THREADS * STEPS / 2);
        for (int thread = 0; thread < THREADS; thread++) {
            Random random = new Random(31 * seed + thread);
            int partition = thread;
            threads.add(CompletableFuture.runAsync(
                    () -> schedule(effects, random, partition, wellUnderWay),
                    task -> Thread.ofPlatform().start(task)));
        }
        Random random = new Random(seed);
        if (random.nextInt(3) == 0) {
            CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        } else {
            assertThat(wellUnderWay.await(30, TimeUnit.SECONDS)).isTrue();
        }
        if (random.nextBoolean()) {
            effects.drain(Duration.ofMillis(20));
        }
        CompletableFuture<Void> other = CompletableFuture.runAsync(
                effects::close, task -> Thread.ofPlatform().start(task));
        effects.close();
        other.get(30, TimeUnit.SECONDS);
        CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);

        assertThat(effects.effectsHeld()).as("nothing is kept").isZero();
        assertThat(effects.modelCallsInFlight()).isZero();
        assertThat(effects.modelCallsWaiting()).isZero();
        assertThat(effects.freePermits()).as("permits add up").isEqualTo(PERMITS);
        assertThat(llm.inFlight()).as("calls that nobody cut").isEmpty();
        await().until(() -> toolsRunning.get() == 0);
        assertThat(log.closed()).isTrue();
        assertThat(events.closed()).isTrue();
        toldAtMostOnce();
        assertThat(llm.calls()).as("permits were used again").hasSizeGreaterThan(PERMITS);
        assertThat(toolCalls).hasSizeGreaterThan(5);
    }

    private void toldAtMostOnce() {
        Map<String, Integer> toolsTold = new HashMap<>();
        List<String> attempts = new ArrayList<>();
        List<String> appended = new ArrayList<>();
        for (MindEvent event : Producers.events(log)) {
            switch (event.body()) {
                case StepCompleted step -> attempts.add(event.runId() + " " + step.attempt());
                case StepFailed step -> attempts.add(event.runId() + " " + step.attempt());
                case ToolCompleted tool -> toolsTold.merge(tool.callId(), 1, Integer::sum);
                case MindEvent.RunExpired _ -> appended.add(event.eventId());
                default -> {
                    // handovers
                }
            }
        }
        assertThat(attempts).doesNotHaveDuplicates();
        assertThat(appended).doesNotHaveDuplicates();
        toolsTold.forEach(
                (call, times) -> assertThat(times).as(call).isLessThanOrEqualTo(toolCalls.getOrDefault(call, 0)));
    }

    private void schedule(EffectRunner effects, Random random, int partition, CountDownLatch progress) {
        Tenure tenure = new Tenure(partition, "c" + names.incrementAndGet(), names.get());
        List<String> keys = new ArrayList<>(List.of("none"));
        for (int i = 0; i < STEPS; i++) {
            long delay = random.nextInt(4) == 0 ? random.nextInt(5) : 0;
            String run = "r" + names.incrementAndGet();
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> {
                    Effects.ModelCall call = ModelCallsFixture.call(
                            "agent" + random.nextInt(3), run, random.nextInt(2), System.currentTimeMillis() + 60_000);
                    keys.add(call.effectKey());
                    effects.callModel(tenure, call, delay);
                }
                case 3, 4 -> {
                    Effect.CallTool call = new Effect.CallTool("ada", "t1", run, 0, run, "tool", kind(random));
                    keys.add(call.key());
                    toolCalls.merge(run, 1, Integer::sum);
                    effects.callTool(
                            tenure,
                            new Effects.ToolCall(
                                    call.key(),
                                    call,
                                    List.of("tool"),
                                    new Tool.Invocation("ada", "t1", run, Lane.CHAT, run, List.of(), List.of()),
                                    MindEvent.VERSION),
                            delay);
                }
                case 5 -> {
                    keys.add(run);
                    effects.append(tenure, "ada", CHAT.expired(run, "t1"), delay, run);
                }
                case 6, 7, 8 -> complete(random);
                case 9 -> effects.cancel(keys.get(random.nextInt(keys.size())));
                case 10 ->
                    effects.republish(
                            tenure,
                            new Effect.Republish("chat.requests", i, new byte[] {1}, new byte[0], List.of(), 1));
                default -> {
                    if (random.nextInt(8) == 0) {
                        if (random.nextBoolean()) {
                            effects.handOver(tenure);
                        } else {
                            effects.abandon(tenure);
                        }
                        tenure = new Tenure(partition, "c" + names.incrementAndGet(), names.get());
                    }
                }
            }
            progress.countDown();
        }
    }

    private void complete(Random random) {
        List<FakeLlm.Call> inFlight = llm.inFlight();
        if (!inFlight.isEmpty()) {
            FakeLlm.Call call = inFlight.get(random.nextInt(inFlight.size()));
            switch (random.nextInt(4)) {
                case 0 -> call.failFree(Kind.IDLE_TIMEOUT);
                case 1 -> call.failFree(Kind.INTERNAL);
                default -> call.answer("hi");
            }
        }
    }

    private static String kind(Random random) {
        return "{\"hangs\":" + random.nextBoolean() + "}";
    }

    private Tool tool() {
        return new Tool() {
            @Override
            public ToolSpec spec() {
                return new ToolSpec("tool", "tool", "{\"type\":\"object\"}");
            }

            @Override
            public Tool.Result call(JsonNode arguments, Invocation invocation) throws Exception {
                toolsRunning.incrementAndGet();
                try {
                    if (arguments.path("hangs").asBoolean()) {
                        new CountDownLatch(1).await();
                    }
                    return Tool.Result.of("found");
                } finally {
                    toolsRunning.decrementAndGet();
                }
            }
        };
    }
}
