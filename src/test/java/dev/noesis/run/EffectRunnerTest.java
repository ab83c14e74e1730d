package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Writer;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.Republished;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.ToolSpec;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

class EffectRunnerTest {
    private static final NoesisConfig CONFIG = ConfigLoader.load(Map.of("events.interval.ms", "0", "drain.ms", "2000"));
    private static final NoesisConfig IMPATIENT = ConfigLoader.load(Map.of("tool.timeout.ms", "50"));

    /** Long enough for the test to come between, in milliseconds; what is due by it can be waited for. */
    private static final long SOON = 1_000;

    private static final MemoryWrite FACT = new MemoryWrite.LearnFact("s", "t", 1);

    /** Of version 3. */
    private static final MemoryWrite DECISION =
            new MemoryWrite.RecordDecision("d1", "w", "y", 0.5, MemoryWrite.Stakes.LOW, "c");

    private static final Writer CHAT = Writer.chat("c1");

    private final MockProducer<byte[], byte[]> log = Producers.willing();
    private final MockProducer<byte[], byte[]> events = Producers.willing();
    private final FakeLlm llm = new FakeLlm();
    private final Tenure tenure = new Tenure(2, "c1", 40);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final AtomicReference<Thread> toolThread = new AtomicReference<>();
    private final AgentRunner runner = new AgentRunner(
                    new ContextBuilder("", 1_000),
                    new Dispatcher(List.of(
                            tool(
                                    "echo",
                                    arguments -> new Tool.Result(
                                            arguments, false, List.of(new MemoryWrite.LearnFact("s", "t", 1)), false)),
                            tool("decide", _ -> new Tool.Result("Decided.", false, List.of(FACT, DECISION), false)),
                            tool("hang", _ -> {
                                toolThread.set(Thread.currentThread());
                                try {
                                    release.await();
                                } catch (InterruptedException e) {
                                    interrupted.set(true);
                                    throw e;
                                }
                                return Tool.Result.of("late");
                            }),
                            tool("long", _ -> Tool.Result.of("x".repeat(300_000))),
                            tool(
                                    "hoard",
                                    _ -> new Tool.Result(
                                            "kept",
                                            false,
                                            List.of(new MemoryWrite.LearnFact("s", "x".repeat(9_000_000), 1)),
                                            true)),
                            tool("null", _ -> new Tool.Result(null, false, List.of(), false)),
                            tool("sulk", _ -> {
                                throw new InterruptedException();
                            }),
                            tool("fail", _ -> {
                                throw new IllegalArgumentException("query is required");
                            }))))
            .fork(llm);
    private final EffectRunner effects = runner(CONFIG, log, events);

    private EffectRunner runner(
            NoesisConfig config, MockProducer<byte[], byte[]> appends, MockProducer<byte[], byte[]> streams) {
        return new EffectRunner(
                config.lane(Lane.CHAT),
                config.run(),
                runner,
                "mind.log",
                "chat.events",
                () -> appends,
                streams,
                _ -> {});
    }

    private interface Work {
        Tool.Result call(String arguments) throws Exception;
    }

    private static Tool tool(String name, Work work) {
        return new Tool() {
            @Override
            public ToolSpec spec() {
                return new ToolSpec(name, name, "{\"type\":\"object\"}");
            }

            @Override
            public Tool.Result call(JsonNode arguments, Invocation invocation) throws Exception {
                return work.call(arguments.path("text").asString("") + "/" + invocation.idempotencyKey());
            }
        };
    }

    @AfterEach
    void close() {
        release.countDown();
        effects.close();
        effects.close();
    }

    // ---- appends

    @Test
    void whatIsDueIsAppendedAtOnceAndTheRestInItsTime() {
        effects.append(tenure, "ada", CHAT.cancelled("later", "t1"), 50, "later");
        effects.append(tenure, "ada", CHAT.cancelled("now", "t1"), 0, "now");

        awaitLog(2);
        assertThat(Producers.eventIds(log)).containsExactly("now/cancelled", "later/cancelled");
        assertThat(log.history())
                .allSatisfy(record -> assertThat(record.partition()).isEqualTo(2));
    }

    @Test
    void anAppendThatIsTakenBackBeforeItsTimeIsNotMade() {
        effects.append(tenure, "ada", CHAT.cancelled("r1", "t1"), SOON, "one");
        effects.append(tenure, "ada", CHAT.cancelled("r2", "t1"), SOON + 1, "two");

        effects.cancel("one");

        awaitLog(1);
        assertThat(Producers.eventIds(log)).containsExactly("r2/cancelled");
    }

    @Test
    void recordsOfThePartitionHaveAKeyThatIsNoAgents() {
        effects.announce(5, CHAT.barrier());

        awaitLog(1);
        assertThat(log.history().getFirst().key()).isEqualTo("~chat".getBytes(UTF_8));
        assertThat(log.history().getFirst().partition()).isEqualTo(5);
    }

    // ---- records in the wrong partition

    @Test
    void aRecordIsPublishedAgainAsItCameAndThenSaidToBe() {
        effects.republish(tenure, republish());

        awaitLog(1);
        ProducerRecord<byte[], byte[]> again = events.history().getFirst();
        assertThat(again.topic()).isEqualTo("chat.requests");
        assertThat(again.partition()).isEqualTo(7);
        assertThat(again.key()).isEqualTo(new byte[] {1});
        assertThat(again.value()).isEqualTo(new byte[] {2});
        assertThat(again.headers().lastHeader("h").value()).isEqualTo(new byte[] {3});
        assertThat(Producers.events(log).getFirst().body()).isEqualTo(new Republished("chat.requests", 9));
        assertThat(log.history().getFirst().partition()).isEqualTo(2);
    }

    @Test
    void aRecordThatCouldNotBePublishedAgainIsTriedAgain() {
        events.sendException = new TimeoutException("no answer");
        effects.republish(tenure, republish());
        events.sendException = null;

        awaitLog(1);
        assertThat(events.history()).isNotEmpty();
    }

    private static Effect.Republish republish() {
        return new Effect.Republish(
                "chat.requests", 9, new byte[] {1}, new byte[] {2}, List.of(new Effect.Header("h", new byte[] {3})), 7);
    }

    // ---- tools

    @Test
    void aToolsResultIsAppendedWithWhatItWritesAndItsKeyIsTheCalls() {
        effects.callTool(tenure, call("echo", "a"), 0);

        ToolCompleted completed = toolCompleted();
        assertThat(completed.text()).isEqualTo("hi/r1/0/a");
        assertThat(completed.isError()).isFalse();
        assertThat(completed.writes()).containsExactly(new MemoryWrite.LearnFact("s", "t", 1));
        assertThat(Producers.events(log).getFirst().stamp())
                .as("a completion counts from anyone")
                .isNull();
        assertThat(Producers.eventIds(log)).containsExactly("r1/0/tool/a");
    }

    @Test
    void whatTheOtherLanesBuildDoesNotKnowIsNotWrittenAndTheModelIsTold() {
        effects.callTool(tenure, call("decide", "a", 2), 0);

        ToolCompleted completed = toolCompleted();
        assertThat(completed.writes()).containsExactly(FACT);
        assertThat(completed.isError()).isTrue();
        assertThat(completed.text()).startsWith("Decided.").contains("not kept in memory");
        assertThat(Producers.events(log).getFirst().version()).isEqualTo(1);
    }

    @Test
    void whatBothLanesBuildsKnowIsWrittenUnderTheVersionThatItNeeds() {
        effects.callTool(tenure, call("decide", "a", 3), 0);

        ToolCompleted completed = toolCompleted();
        assertThat(completed.writes()).containsExactly(FACT, DECISION);
        assertThat(completed.isError()).isFalse();
        assertThat(completed.text()).isEqualTo("Decided.");
        assertThat(Producers.events(log).getFirst().version()).isEqualTo(3);
    }

    @Test
    void aToolThatFailsAnswersTheModel() {
        effects.callTool(tenure, call("fail", "a"), 0);

        assertThat(toolCompleted().isError()).isTrue();
        assertThat(toolCompleted().text()).isEqualTo("query is required");
    }

    @Test
    void aToolThatIsNotThereAnswersTheModel() {
        effects.callTool(tenure, call("rm", "a"), 0);

        assertThat(toolCompleted().text()).contains("no tool named 'rm'");
    }

    @Test
    void aToolThatTakesTooLongIsInterruptedAndTheModelIsToldSo() {
        try (EffectRunner impatient = runner(IMPATIENT, log, Producers.willing())) {
            impatient.callTool(tenure, call("hang", "a"), 0);

            assertThat(toolCompleted().isError()).isTrue();
            assertThat(toolCompleted().text()).contains("50 ms");
            await().untilTrue(interrupted);
            assertThat(Producers.events(log)).hasSize(1);
        }
    }

    @Test
    void aCancelledToolIsInterruptedAndSaysNothing() {
        effects.callTool(tenure, call("hang", "a"), 0);
        await().until(() -> toolThread.get() != null);

        effects.cancel(call("hang", "a").effectKey());

        await().untilTrue(interrupted);
        effects.callTool(tenure, call("echo", "b"), 0);
        assertThat(toolCompleted().callId()).isEqualTo("b");
    }

    @Test
    void aToolsAnswerIsCutToWhatARecordTakes() {
        effects.callTool(tenure, call("long", "a"), 0);

        assertThat(toolCompleted().text()).hasSizeBetween(200_000, 200_100).endsWith("300000 characters]");
    }

    @Test
    void memoryThatNoRecordHoldsIsRefusedAndTheModelIsToldSo() {
        effects.callTool(tenure, call("hoard", "a"), 0);

        assertThat(toolCompleted().isError()).isTrue();
        assertThat(toolCompleted().text()).contains("memory", "nothing of it was kept");
        assertThat(toolCompleted().writes()).isEmpty();
        assertThat(toolCompleted().endsRun()).isFalse();
    }

    @Test
    void aToolThatAnswersWhatCannotBeToldHasFailed() {
        effects.callTool(tenure, call("null", "a"), 0);

        assertThat(toolCompleted().isError()).isTrue();
        assertThat(toolCompleted().text()).startsWith("the tool's answer cannot be used");
    }

    @Test
    void aToolThatInterruptsItselfHasFailed() {
        effects.callTool(tenure, call("sulk", "a"), 0);

        assertThat(toolCompleted().isError()).isTrue();
    }

    @Test
    void aToolCallThatIsDelayedIsMadeInItsTimeAndNotWhenItWasTakenBack() {
        effects.callTool(tenure, call("echo", "a"), SOON);
        effects.callTool(tenure, call("echo", "b"), SOON + 1);
        effects.cancel(call("echo", "a").effectKey());

        assertThat(toolCompleted().callId()).isEqualTo("b");
        assertThat(Producers.events(log)).hasSize(1);
        assertThat(effects.effectsHeld()).isZero();
    }

    private Effects.ToolCall call(String tool, String callId) {
        return call(tool, callId, MindEvent.VERSION);
    }

    private Effects.ToolCall call(String tool, String callId, int logVersion) {
        Effect.CallTool call = new Effect.CallTool("ada", "t1", "r1", 0, callId, tool, "{\"text\":\"hi\"}");
        return new Effects.ToolCall(
                call.key(),
                call,
                List.of("echo", "decide", "hang", "long", "fail", "hoard", "null", "sulk"),
                new Tool.Invocation("ada", "t1", "r1", Lane.CHAT, "r1/0/" + callId, List.of(), List.of()),
                logVersion);
    }

    private ToolCompleted toolCompleted() {
        awaitLog(1);
        return (ToolCompleted) Producers.events(log).getFirst().body();
    }

    // ---- the end of a tenure and of a lane

    @Test
    void aHandoverNamesTheCallsInFlightAndDropsWhatWaits() {
        effects.callModel(tenure, model("r1"), 0);
        effects.callModel(tenure, model("later"), SOON);
        effects.append(tenure, "ada", CHAT.expired("r1", "t1"), SOON, "expiry");
        Tenure other = new Tenure(1, "other", 1);
        effects.append(other, "ada", CHAT.expired("r2", "t1"), SOON + 1, "other's");

        effects.handOver(tenure);

        MindEvent handover = Producers.events(log).getFirst();
        assertThat(handover.stamp()).isEqualTo("c1");
        assertThat(handover.body()).isEqualTo(new Handover(List.of(new CallRef("ada", "r1", 0, null)), 2_000));
        llm.call(0).answer("hi");
        awaitLog(3);
        assertThat(Producers.events(log).get(1).body()).isInstanceOf(StepCompleted.class);
        assertThat(Producers.eventIds(log).get(2)).isEqualTo("r2/expired");
        assertThat(llm.calls()).hasSize(1);
    }

    @Test
    void aHandoverNamesTheToolCallsInFlightDropsTheDelayedAndLetsTheRestFinish() {
        effects.callTool(tenure, call("hang", "a"), 0);
        effects.callTool(tenure, call("echo", "b"), SOON);
        await().until(() -> toolThread.get() != null);

        effects.handOver(tenure);

        assertThat(Producers.events(log).getFirst().body())
                .isEqualTo(new Handover(List.of(new CallRef("ada", "r1", 0, "a")), 2_000));
        release.countDown();
        awaitLog(2);
        assertThat(((ToolCompleted) Producers.events(log).get(1).body()).text()).isEqualTo("late");
        assertThat(effects.effectsHeld()).isZero();
    }

    @Test
    void aToolCallThatOutlivesTheDrainAfterItsHandoverIsInterrupted() {
        try (EffectRunner hasty = runner(ConfigLoader.load(Map.of("drain.ms", "50")), log, Producers.willing())) {
            hasty.callTool(tenure, call("hang", "a"), 0);
            await().until(() -> toolThread.get() != null);

            hasty.handOver(tenure);

            await().untilTrue(interrupted);
            assertThat(hasty.effectsHeld()).isZero();
            assertThat(Producers.events(log)).as("the handover").hasSize(1);
        }
    }

    @Test
    void theSameToolCallUnderTwoTenuresIsCancelledUnderBoth() {
        effects.callTool(tenure, call("hang", "a"), 0);
        await().until(() -> toolThread.get() != null);
        effects.handOver(tenure);
        effects.callTool(new Tenure(2, "c2", 90), call("hang", "a"), SOON);
        assertThat(effects.effectsHeld()).isEqualTo(2);

        effects.cancel(call("hang", "a").effectKey());

        await().untilTrue(interrupted);
        assertThat(effects.effectsHeld()).isZero();
    }

    @Test
    void aCallThatCannotBeCancelledKeepsNoOtherFromIt() {
        List<String> cancelled = new CopyOnWriteArrayList<>();
        AgentRunner stubborn = runner.fork(new LlmClient() {
            @Override
            public LlmCall start(LlmRequest request, LlmListener listener) {
                return new LlmCall() {
                    @Override
                    public void cancel() {
                        cancelled.add(request.label());
                        throw new IllegalStateException("cannot be cancelled");
                    }

                    @Override
                    public void pause() {}

                    @Override
                    public void resume() {}
                };
            }

            @Override
            public void close() {}
        });
        MockProducer<byte[], byte[]> appends = Producers.willing();
        EffectRunner lane = new EffectRunner(
                CONFIG.lane(Lane.CHAT),
                CONFIG.run(),
                stubborn,
                "mind.log",
                "chat.events",
                () -> appends,
                Producers.willing(),
                _ -> {});
        for (int i = 0; i < 3; i++) {
            lane.callModel(tenure, model("r" + i), 0);
        }
        lane.callTool(tenure, call("hang", "a"), 0);
        await().until(() -> toolThread.get() != null);

        lane.cancel(model("r0").effectKey());
        assertThat(cancelled).as("its caller is a StreamThread").hasSize(1);

        assertThatThrownBy(lane::close).hasMessage("cannot be cancelled");
        assertThat(cancelled).hasSize(4).contains("ada/r0/0", "ada/r1/0", "ada/r2/0");
        await().untilTrue(interrupted);
        assertThat(appends.closed()).isTrue();
        assertThatThrownBy(stubborn::close).hasMessage("cannot be cancelled");
        assertThat(cancelled).hasSize(7);
        assertThat(lane.effectsHeld()).as("they may go on").isEqualTo(3);
    }

    @Test
    void aCallThatCannotBeStartedFailsItsStepAndGivesItsPermitBack() {
        AtomicBoolean broken = new AtomicBoolean(true);
        llm.atOnce(_ -> {
            if (broken.get()) {
                throw new IllegalStateException("no event loop");
            }
        });
        int permits = effects.freePermits();

        effects.callModel(tenure, model("r1"), 0);

        awaitLog(1);
        assertThat(Producers.events(log).getFirst().body())
                .isInstanceOfSatisfying(
                        StepFailed.class, failed -> assertThat(failed.message()).contains("no event loop"));
        assertThat(effects.freePermits()).isEqualTo(permits);
        assertThat(runner.inFlight()).isZero();
    }

    @Test
    @Timeout(5)
    void aHandoverThatIsNotAcknowledgedHoldsUpItsThreadForHalfASecondOnly() {
        MockProducer<byte[], byte[]> silent = Producers.reluctant();
        try (EffectRunner unheard = runner(CONFIG, silent, Producers.willing())) {
            long start = System.nanoTime();

            unheard.handOver(tenure);

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(450), Duration.ofSeconds(4));
        }
    }

    @Test
    void anAbandonedTenureDropsWhatWaitsAndSaysNothing() {
        effects.append(tenure, "ada", CHAT.expired("r1", "t1"), SOON, "expiry");
        effects.callModel(tenure, model("r1"), SOON);
        Tenure other = new Tenure(1, "other", 1);
        effects.append(other, "ada", CHAT.expired("r2", "t1"), SOON + 1, "other's");

        effects.abandon(tenure);

        awaitLog(1);
        assertThat(Producers.eventIds(log)).containsExactly("r2/expired");
        assertThat(llm.calls()).isEmpty();
    }

    @Test
    void aDrainLetsCallsFinish() throws Exception {
        effects.callModel(tenure, model("r1"), 0);
        Thread answerer = Thread.startVirtualThread(() -> {
            await().pollDelay(Duration.ofMillis(50)).until(() -> true);
            llm.call(0).answer("hi");
        });

        assertThat(effects.drain(Duration.ofSeconds(5))).isZero();

        answerer.join();
        assertThat(Producers.events(log)).hasSize(1);
        effects.callModel(tenure, model("r2"), 0);
        effects.callTool(tenure, call("echo", "a"), 0);
        assertThat(llm.calls()).as("nothing is begun while it drains").hasSize(1);
    }

    @Test
    void aDrainCutsWhatDoesNotFinishInTimeAndSaysNothingOfIt() throws Exception {
        effects.callModel(tenure, model("r1"), 0);
        effects.callTool(tenure, call("hang", "a"), 0);
        await().until(() -> toolThread.get() != null);

        assertThat(effects.drain(Duration.ofMillis(30))).isEqualTo(2);

        assertThat(llm.call(0).isCancelled()).isTrue();
        await().untilTrue(interrupted);
        assertThat(Producers.events(log)).isEmpty();
    }

    @Test
    void aClosedRunnerHasClosedItsProducersAndCutItsCalls() {
        effects.callModel(tenure, model("r1"), 0);

        effects.close();

        assertThat(log.closed()).isTrue();
        assertThat(events.closed()).isTrue();
        assertThat(llm.call(0).isCancelled()).isTrue();
        effects.append(tenure, "ada", CHAT.cancelled("r1", "t1"), 0, "late");
        effects.append(tenure, "ada", CHAT.cancelled("r1", "t1"), 5, "later");
        effects.announce(0, CHAT.barrier());
    }

    private static Effects.ModelCall model(String run) {
        return ModelCallsFixture.call("ada", run, 0, System.currentTimeMillis() + 60_000);
    }

    private void awaitLog(int records) {
        await().atMost(10, TimeUnit.SECONDS)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> log.history().size() >= records);
    }
}
