package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.demo.RecordedCall;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.EffectRunner;
import dev.noesis.run.Effects;
import dev.noesis.run.Tenure;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.ModelMetrics;
import dev.noesis.tool.Dispatcher;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From the configuration to the log, over HTTP: Anthropic's API by the lane's own model, chat completions by its fallback. */
@Timeout(60)
class FallbackOverHttpTest {
    private static final String OWN_KEY = "sk-own";
    private static final String SPARE_KEY = "sk-spare";

    private final List<AutoCloseable> open = new ArrayList<>();
    /** One for each lane: a producer is closed with its lane. */
    private final List<MockProducer<byte[], byte[]>> logs = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{status: 404}",
                "{status: 401}",
                "{status: 429, retry_after: \"3600\"}",
                "{status: 429, retry_after: \"99999999999\"}",
                "{status: 503, retry_after_ms: 1}",
                "reset"
            })
    void theFallbackAnswersWhereTheFirstDoesNot(String fault) {
        ScriptedModelServer own = server(OWN_KEY, "- {fault: " + fault + "}");
        ScriptedModelServer spare = server(SPARE_KEY, "- {answer: Here I am.}");

        lane(own.baseUrl(), spare.baseUrl()).callModel(new Tenure(0, "c1", 40), call(), 0);

        StepCompleted answer = answer();
        assertThat(answer.content()).isEqualTo(List.of(new Content.Text("Here I am.")));
        assertThat(answer.model()).isEqualTo("small");
        assertThat(answer.provider()).isEqualTo("openai");
        assertThat(answer.target()).isEqualTo("spare");
        assertThat(answer.attempts()).isEqualTo(1 + (int) own.calls());
    }

    @Test
    void theFallbackAnswersWhereNobodyListensAtTheFirst() {
        ScriptedModelServer gone = server(null, "[]");
        URI nowhere = gone.baseUrl();
        gone.close();
        ScriptedModelServer spare = server(SPARE_KEY, "- {answer: Here I am.}");

        lane(nowhere, spare.baseUrl()).callModel(new Tenure(0, "c1", 40), call(), 0);

        assertThat(answer().target()).isEqualTo("spare");
    }

    @Test
    void eachServerIsToldWhatIsForItAlone() {
        ScriptedModelServer own = server(OWN_KEY, "- {fault: {status: 404}}");
        ScriptedModelServer spare = server(SPARE_KEY, "- {answer: Here I am.}");

        lane(own.baseUrl(), spare.baseUrl()).callModel(new Tenure(0, "c1", 40), call(), 0);

        answer();
        RecordedCall toOwn = own.stats().recorded().getFirst();
        RecordedCall toSpare = spare.stats().recorded().getFirst();
        assertThat(toOwn.body().path("model").asString()).isEqualTo("large");
        assertThat(toOwn.body().toString()).contains("I weighed it", "signed");
        assertThat(toOwn.headers().toString()).contains("x-team").doesNotContain(SPARE_KEY);
        assertThat(toSpare.body().path("model").asString()).isEqualTo("small");
        assertThat(toSpare.body().path("max_completion_tokens").asInt()).isEqualTo(50);
        assertThat(toSpare.body().toString())
                .contains("The ferry leaves at nine.")
                .doesNotContain("I weighed it", "signed", "locked away");
        assertThat(toSpare.headers().toString()).doesNotContain(OWN_KEY, "x-team", "anthropic");
    }

    @Test
    void aRequestThatIsAtFaultIsSentToNobodyElse() {
        ScriptedModelServer own = server(OWN_KEY, "- {fault: {status: 400}}");
        ScriptedModelServer spare = server(SPARE_KEY, "[]");

        lane(own.baseUrl(), spare.baseUrl()).callModel(new Tenure(0, "c1", 40), call(), 0);

        assertThat(report().body()).isInstanceOf(StepFailed.class);
        assertThat(spare.calls()).isZero();
    }

    /** The next owner has the call in its outbox, and knows nothing of how it fared. */
    @Test
    void aCallWhoseOwnerDiedWhileTheFallbackAnsweredIsMadeAgainFromTheFirst() {
        ScriptedModelServer own = server(OWN_KEY, "- {fault: {status: 404}}");
        ScriptedModelServer spare = server(SPARE_KEY, "[{times: 1, fault: hang_before_headers}, {answer: Here I am.}]");
        EffectRunner first = lane(own.baseUrl(), spare.baseUrl());
        first.callModel(new Tenure(0, "c1", 40), call(), 0);
        await().until(() -> spare.inFlight() == 1);
        first.close();
        assertThat(reports()).isEmpty();

        lane(own.baseUrl(), spare.baseUrl()).callModel(new Tenure(0, "c2", 50), call(), 0);

        StepCompleted answer = answer();
        assertThat(answer.attempt()).isEqualTo(new Attempt(50, 1));
        assertThat(answer.attempts()).isEqualTo(2);
        assertThat(answer.target()).isEqualTo("spare");
        assertThat(own.calls()).isEqualTo(2);
    }

    /** A lane with a model and a fallback, each with a client of its own; two attempts of each. */
    private EffectRunner lane(URI own, URI spare) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "run.max.attempts", "2",
                "llm.base.url", own.toString(),
                "llm.api.key", OWN_KEY,
                "llm.model", "large",
                "llm.headers", "x-team: harbour",
                "llm.fallbacks", "spare"));
        settings.putAll(Map.of(
                "llm.fallback.spare.provider", "openai",
                "llm.fallback.spare.base.url", spare.toString(),
                "llm.fallback.spare.api.key", SPARE_KEY,
                "llm.fallback.spare.model", "small",
                "llm.fallback.spare.max.tokens", "50"));
        NoesisConfig config = ConfigLoader.load(settings);
        LaneClients clients = opened(LaneClients.start(
                config.chat(), (lane, target) -> new NettyLlmClient(lane.id() + "-" + target.name(), target.llm())));
        AgentRunner runner = new AgentRunner(new ContextBuilder("", 1_000), new Dispatcher(List.of()))
                .fork(clients.models(), ModelMetrics.none("primary", "spare"));
        return opened(new EffectRunner(
                config.chat(), config.run(), runner, "mind.log", "chat.events", this::log, producer(), _ -> {}));
    }

    private ScriptedModelServer server(String key, String script) {
        return opened(ScriptedModelServer.start(ScriptedModelServer.Options.defaults()
                .instant()
                .withApiKey(key)
                .withScript(Script.parse(script, "fallback"))));
    }

    private <C extends AutoCloseable> C opened(C closeable) {
        open.add(closeable);
        return closeable;
    }

    private MockProducer<byte[], byte[]> log() {
        logs.add(producer());
        return logs.getLast();
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A turn in which Anthropic's model has reasoned. */
    private static Effects.ModelCall call() {
        long now = System.currentTimeMillis();
        return new Effects.ModelCall(
                "call",
                "ada",
                "t1",
                "r1",
                0,
                new LlmRequest(
                        "chat/ada/r1/0",
                        "large",
                        100,
                        "",
                        List.of(
                                Message.user("m1", "When does it leave?"),
                                new Message(
                                        "r0/0",
                                        Message.Role.ASSISTANT,
                                        List.of(
                                                new Content.Thinking("I weighed it", "signed"),
                                                new Content.RedactedThinking("locked away"),
                                                new Content.Text("The ferry leaves at nine."))),
                                Message.user("m2", "And when is it back?")),
                        List.of(),
                        new ToolChoice.Auto(),
                        60_000),
                now,
                now + Duration.ofMinutes(10).toMillis(),
                null,
                "00-1-2-00");
    }

    private StepCompleted answer() {
        MindEvent.Body body = report().body();
        assertThat(body).isInstanceOf(StepCompleted.class);
        return (StepCompleted) body;
    }

    private MindEvent report() {
        await().atMost(Duration.ofSeconds(30)).until(() -> !reports().isEmpty());
        return reports().getFirst();
    }

    private List<MindEvent> reports() {
        return logs.stream()
                .flatMap(log -> log.history().stream())
                .map(record -> Json.read(record.value(), MindEvent.class))
                .toList();
    }
}
