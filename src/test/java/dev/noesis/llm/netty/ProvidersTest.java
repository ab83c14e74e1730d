package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.LlmConfig.Auth;
import dev.noesis.config.RequestConfig;
import dev.noesis.config.Secret;
import dev.noesis.demo.RecordedCall;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.RecordingListener;
import dev.noesis.llm.Requests;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import dev.noesis.model.Usage;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same conversations with the scripted server, in each provider's words. */
@Timeout(60)
class ProvidersTest extends ClientFixture {
    private static final ToolSpec FORECAST = new ToolSpec("forecast", "Tells the weather.", "{\"type\":\"object\"}");
    private static final String WEATHER = """
            - match: weather
              thinking: Where would that be?
              answer: I look. 日本
              tools: [{name: forecast, input: {place: Tromsø}}, {name: forecast}]
              usage: {input: 20, output: 7, cacheRead: 100}
            - match: {toolResult: rain}
              answer: Take an umbrella.
            """;

    @ParameterizedTest
    @EnumSource(RequestConfig.Provider.class)
    void aRunWithToolCallsGoesThroughBothItsSteps(RequestConfig.Provider provider) {
        ScriptedModelServer server = server(WEATHER);
        NettyLlmClient client = client(config(provider, server.baseUrl()));
        Message question = Message.user("m1", "What is the weather?");

        LlmOutcome.Completed asked = completed(client, List.of(question));

        String signature = provider == RequestConfig.Provider.ANTHROPIC
                ? ((Content.Thinking) asked.content().getFirst()).signature()
                : "";
        assertThat(asked.content().subList(0, 2))
                .containsExactly(
                        new Content.Thinking("Where would that be?", signature), new Content.Text("I look. 日本"));
        assertThat(asked.stopReason()).isEqualTo("tool_use");
        assertThat(asked.usage()).isEqualTo(new Usage(20, 7, 100, 0));
        assertThat(asked.model()).isEqualTo("model-a");
        List<Content.ToolUse> calls = asked.content().stream()
                .filter(Content.ToolUse.class::isInstance)
                .map(Content.ToolUse.class::cast)
                .toList();
        assertThat(calls).extracting(Content.ToolUse::input).containsExactly("{\"place\":\"Tromsø\"}", "{}");

        LlmOutcome.Completed told = completed(
                client,
                List.of(
                        question,
                        new Message("r/0", Role.ASSISTANT, asked.content()),
                        new Message(
                                "r/0/t",
                                Role.USER,
                                List.of(
                                        new Content.ToolResult(calls.get(0).id(), "rain", false),
                                        new Content.ToolResult(calls.get(1).id(), "no place", true)))));

        assertThat(told.content()).containsExactly(new Content.Text("Take an umbrella."));
        assertThat(told.stopReason()).isEqualTo("end_turn");
        if (provider == RequestConfig.Provider.ANTHROPIC) {
            RecordedCall second = server.stats().recorded().get(1);
            assertThat(second.body().at("/messages/1/content/0/signature").asString())
                    .isEqualTo(signature)
                    .isNotEmpty();
        }
        awaitQuiet(client, 1);
    }

    @ParameterizedTest
    @EnumSource(RequestConfig.Provider.class)
    void eachFaultIsTheSameFailureWhoeverAnswers(RequestConfig.Provider provider) {
        ScriptedModelServer server = server("""
                - {match: limit, fault: {status: 429, retry_after_ms: 1500}}
                - {match: full, fault: {status: 529}}
                - {match: cut, answer: one two three, fault: {cut: 3}}
                - {match: clean, answer: one two three, fault: {cut: 3, clean: true}}
                - {match: error, answer: one two three, fault: {stream_error: overloaded_error, after: 3}}
                - {match: broken, answer: one two three, fault: {malformed_event: 3}}
                - {match: split, answer: "日本 🌍 ü", fault: split_characters}
                """);
        NettyLlmClient client = client(config(provider, server.baseUrl()));

        LlmFailure limited = failure(client, "limit");
        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.retryAfterMs()).isEqualTo(1_500);
        assertThat(limited.requestId()).startsWith("req_");
        assertThat(failure(client, "full").status()).isEqualTo(529);
        assertThat(failure(client, "cut").kind()).isEqualTo(LlmFailure.Kind.STREAM_CUT);
        assertThat(failure(client, "clean").kind()).isEqualTo(LlmFailure.Kind.STREAM_CUT);
        LlmFailure inStream = failure(client, "error");
        assertThat(inStream.kind()).isEqualTo(LlmFailure.Kind.STREAM_ERROR);
        assertThat(inStream.status()).isGreaterThanOrEqualTo(500);
        assertThat(failure(client, "broken").kind()).isEqualTo(LlmFailure.Kind.PROTOCOL);
        assertThat(completed(client, List.of(Message.user("m1", "split"))).content())
                .containsExactly(new Content.Text("日本 🌍 ü"));
    }

    @ParameterizedTest
    @EnumSource(RequestConfig.Provider.class)
    void anAnswerThatLacksOnlyItsLastEventIsWholeAndCounted(RequestConfig.Provider provider) {
        // message_start, block start, ping, delta, block stop, message_delta; role, delta, finish reason
        int events = provider == RequestConfig.Provider.ANTHROPIC ? 6 : 3;
        ScriptedModelServer server = server("- {answer: whole, fault: {cut: " + events + ", clean: true}}");
        NettyLlmClient client = client(config(provider, server.baseUrl()));

        assertThat(completed(client, List.of(Message.user("m1", "go"))).content())
                .containsExactly(new Content.Text("whole"));
        assertThat(client.stats().missingTerminalEvents()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(RequestConfig.Provider.class)
    void theKeyGoesAsTheProviderWantsIt(RequestConfig.Provider provider) {
        ScriptedModelServer server = closedLater(ScriptedModelServer.start(
                ScriptedModelServer.Options.defaults().instant().withApiKey("right")));

        NettyLlmClient client = client(config(provider, server.baseUrl()).auth(provider.auth(), new Secret("right")));
        assertThat(completed(client, List.of(Message.user("m1", "Hello"))).stopReason())
                .isEqualTo("end_turn");
        LlmFailure refused =
                failure(client(config(provider, server.baseUrl()).auth(Auth.BEARER, new Secret("wrong"))), "Hello");
        assertThat(refused.status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/v1", "/v1/"})
    void anAddressThatEndsInTheApisRootIsTheSameAsOneWithout(String path) {
        ScriptedModelServer server = server("- answer: x");

        for (RequestConfig.Provider provider : RequestConfig.Provider.values()) {
            NettyLlmClient client = client(config(provider, URI.create(server.baseUrl() + path)));
            assertThat(completed(client, List.of(Message.user("m1", "go"))).content())
                    .containsExactly(new Content.Text("x"));
        }
    }

    private ScriptedModelServer server(String script) {
        return closedLater(ScriptedModelServer.start(
                ScriptedModelServer.Options.defaults().instant().withScript(Script.parse(script, "test"))));
    }

    private static TestConfig config(RequestConfig.Provider provider, URI url) {
        RequestConfig request = switch (provider) {
            case ANTHROPIC -> Requests.anthropic();
            case OPENAI -> Requests.openai();
        };
        return new TestConfig(url).request(request).auth(provider.auth(), null);
    }

    private LlmOutcome.Completed completed(NettyLlmClient client, List<Message> messages) {
        RecordingListener listener = listener();
        client.start(
                new LlmRequest(
                        "test/1",
                        "model-a",
                        100,
                        "Be brief.",
                        messages,
                        List.of(FORECAST),
                        new LlmRequest.ToolChoice.Auto(),
                        60_000),
                listener);
        assertThat(listener.outcome()).isInstanceOf(LlmOutcome.Completed.class);
        return (LlmOutcome.Completed) listener.outcome();
    }

    private LlmFailure failure(NettyLlmClient client, String text) {
        RecordingListener heard = start(client, request(text, 60_000)).heard();
        return ((LlmOutcome.Failed) heard.outcome()).failure();
    }
}
