package dev.noesis.run;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.llm.RetryPolicy;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.model.Lane;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.telemetry.ModelMetrics;
import dev.noesis.tool.Dispatcher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The model calls of a lane, on a fake model, with the real appender and publisher over Kafka's fake producers. */
final class ModelCallsFixture implements AutoCloseable {
    static final long NOW = 1_800_000_000_000L;

    final FakeLlm llm = new FakeLlm();
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final MockProducer<byte[], byte[]> logProducer = Producers.willing();
    final MockProducer<byte[], byte[]> eventsProducer = Producers.willing();
    final AtomicLong clock = new AtomicLong(NOW);
    final Tenure tenure = new Tenure(0, "c1", 40);
    final ModelCalls calls;
    private final LogAppender log = new LogAppender("mind.log", Lane.CHAT, () -> logProducer, _ -> {});
    private final EventPublisher events = new EventPublisher("chat.events", Lane.CHAT, eventsProducer, Duration.ZERO);
    private final Timers timers = new Timers("test-timers");

    /** Waits between attempts are as good as none; one that the server asks for and is longer than 50 ms gives the permit back. */
    ModelCallsFixture(int permits, FakeLlm... fallbacks) {
        this(permits, new RetryPolicy(4, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(50)), fallbacks);
    }

    /** @param fallbacks asked for at most 50 tokens each */
    ModelCallsFixture(int permits, RetryPolicy retries, FakeLlm... fallbacks) {
        List<ModelTarget> models = new ArrayList<>();
        models.add(ModelTarget.primary(RequestConfig.Provider.ANTHROPIC, llm));
        for (FakeLlm fallback : fallbacks) {
            int number = models.size();
            models.add(
                    new ModelTarget("spare" + number, RequestConfig.Provider.OPENAI, "model" + number, 50, fallback));
        }
        calls = new ModelCalls(
                Lane.CHAT,
                new AgentRunner(new ContextBuilder("", 1_000), new Dispatcher(List.of()))
                        .fork(
                                models,
                                new ModelMetrics(
                                        metrics,
                                        Lane.CHAT,
                                        models.stream().map(ModelTarget::name).toList())),
                log,
                events,
                retries,
                new Random(1),
                timers,
                clock::get,
                permits);
    }

    static Effects.ModelCall call(String agent, String run, int step) {
        return call(agent, run, step, NOW + 60_000);
    }

    static Effects.ModelCall call(String agent, String run, int step, long deadlineAt) {
        return new Effects.ModelCall(
                Effect.CallModel.key(agent, run, step),
                agent,
                "t1",
                run,
                step,
                new LlmRequest(
                        agent + "/" + run + "/" + step,
                        "model",
                        100,
                        "",
                        List.of(Message.user("m", "hello")),
                        List.of(),
                        new ToolChoice.Auto(),
                        60_000),
                NOW,
                deadlineAt,
                null,
                "00-1-2-00");
    }

    void submit(String agent, String run, int step) {
        calls.submit(tenure, call(agent, run, step), 0);
    }

    /** Until what was ended so far has come through the publisher and is in the log. */
    void settle() {
        CountDownLatch published = new CountDownLatch(1);
        events.forward(new ProducerRecord<>("marks", new byte[0]), (_, _) -> published.countDown());
        try {
            if (!published.await(10, TimeUnit.SECONDS) || !log.flush(Duration.ofSeconds(10))) {
                throw new AssertionError("does not settle");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    List<MindEvent> reports() {
        settle();
        return Producers.events(logProducer);
    }

    /** Whether all permits are there to be had: as many calls as there are start at once, and no more. */
    boolean allPermitsAreFree(int permits) {
        settle();
        int before = llm.calls().size();
        for (int i = 0; i <= permits; i++) {
            submit("prober", "probe" + i, 0);
        }
        int started = llm.calls().size() - before;
        for (int i = 0; i <= permits; i++) {
            calls.cancel(Effect.CallModel.key("prober", "probe" + i, 0));
        }
        settle();
        return started == permits;
    }

    @Override
    public void close() {
        calls.close();
        timers.close();
        events.close();
        log.close();
    }
}
