package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.SseException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The provider's own client takes the server for the provider's. */
@Timeout(60)
class AnthropicClientTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void aStreamGathersToTheSameMessageAsTheWholeAnswer() {
        AnthropicClient client = client(server("""
                - match: tell
                  thinking: Let me think about that.
                  answer: "Grüße aus Tromsø, 東京 und 🌍 – in several words."
                  usage: {input: 120, output: 33, cacheRead: 100, cacheWrite: 7}
                """));

        Message streamed = stream(client, params("tell me"));
        Message whole = client.messages().create(params("tell me"));

        assertThat(streamed.content()).hasSize(2).isEqualTo(whole.content());
        assertThat(streamed.content().get(0).asThinking().thinking()).isEqualTo("Let me think about that.");
        assertThat(streamed.content().get(0).asThinking().signature()).isNotEmpty();
        assertThat(streamed.content().get(1).asText().text())
                .isEqualTo("Grüße aus Tromsø, 東京 und 🌍 – in several words.");
        for (Message message : List.of(streamed, whole)) {
            assertThat(message.stopReason()).contains(StopReason.END_TURN);
            assertThat(message.usage().inputTokens()).isEqualTo(120);
            assertThat(message.usage().outputTokens()).isEqualTo(33);
            assertThat(message.usage().cacheReadInputTokens()).contains(100L);
            assertThat(message.usage().cacheCreationInputTokens()).contains(7L);
            assertThat(message.model().asString()).isEqualTo("some-model");
        }
    }

    @Test
    void aStreamComesWordByWord() {
        AnthropicClient client = client(server("- answer: one two three"));

        List<String> pieces = new ArrayList<>();
        try (StreamResponse<RawMessageStreamEvent> events = client.messages().createStreaming(params("go"))) {
            events.stream()
                    .flatMap(event -> event.contentBlockDelta().stream())
                    .flatMap(delta -> delta.delta().text().stream())
                    .forEach(text -> pieces.add(text.text()));
        }

        assertThat(pieces).containsExactly("one", " two", " three");
    }

    @Test
    void theTalkerLearnsAFactThroughTheTool() {
        ScriptedModelServer server = server(null);
        AnthropicClient client = client(server);
        MessageCreateParams asked =
                params("Please remember that my favourite colour is green.", "learn_fact", "recall");

        for (Message called : List.of(stream(client, asked), client.messages().create(asked))) {
            assertThat(called.stopReason()).contains(StopReason.TOOL_USE);
            ToolUseBlock use = called.content().getFirst().asToolUse();
            assertThat(use.name()).isEqualTo("learn_fact");
            assertThat(use._input())
                    .isEqualTo(JsonValue.from(
                            Map.of("subject", "favourite colour", "statement", "my favourite colour is green")));

            Message confirmed = stream(client, answered(asked, called, "stored"));

            assertThat(confirmed.stopReason()).contains(StopReason.END_TURN);
            assertThat(confirmed.content().getFirst().asText().text()).contains("my favourite colour is green");
        }
        assertThat(server.calls()).isEqualTo(4);
    }

    @Test
    void theTalkerQuotesWhatIsRecalled() {
        AnthropicClient client = client(server(null));
        MessageCreateParams asked = params("What do you know about the harbour?", "learn_fact", "recall");

        Message called = stream(client, asked);
        ToolUseBlock use = called.content().getFirst().asToolUse();
        Message told = stream(client, answered(asked, called, "the harbour freezes in January"));

        assertThat(use.name()).isEqualTo("recall");
        assertThat(use._input()).isEqualTo(JsonValue.from(Map.of("query", "harbour")));
        assertThat(told.content().getFirst().asText().text()).contains("the harbour freezes in January");
    }

    @Test
    void severalToolCallsComeInOneMessageWithIdsOfTheirOwn() {
        AnthropicClient client = client(server("""
                - match: {toolResult: ""}
                  answer: done
                - answer: I will look.
                  tools: [{name: a, input: {x: [1, 2.5, true, null, "ü"]}}, {name: b}]
                """));
        MessageCreateParams asked = params("go", "a", "b");

        Message called = stream(client, asked);

        assertThat(called.content()).hasSize(3);
        assertThat(called.content().get(1).asToolUse()._input())
                .hasToString(client.messages()
                        .create(asked)
                        .content()
                        .get(1)
                        .asToolUse()
                        ._input()
                        .toString());
        assertThat(called.content().get(2).asToolUse()._input()).isEqualTo(JsonValue.from(Map.of()));
        assertThat(called.content().get(1).asToolUse().id())
                .isNotEqualTo(called.content().get(2).asToolUse().id());
        assertThat(stream(client, answered(asked, called, "ok"))
                        .content()
                        .getFirst()
                        .asText()
                        .text())
                .isEqualTo("done");
    }

    @Test
    void aToolCallWithoutItsResultIsRefused() {
        AnthropicClient client = client(server("- {answer: x, tools: [{name: a}]}"));
        MessageCreateParams asked = params("go", "a");
        Message called = client.messages().create(asked);

        MessageCreateParams unanswered =
                asked.toBuilder().addMessage(called).addUserMessage("and?").build();

        assertThatThrownBy(() -> client.messages().create(unanswered))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("without `tool_result` blocks");
    }

    @Test
    void statusesAreTheClientsErrors() {
        AnthropicClient client = client(server("""
                - {match: rate, fault: {status: 429, retry_after: 7, retry_after_ms: 7000, should_retry: true}}
                - {match: bad, fault: {status: 400, message: no such thing}}
                - {match: full, fault: {status: 529}}
                - {match: broken, fault: {status: 500}}
                """));

        assertThatThrownBy(() -> client.messages().create(params("rate")))
                .isInstanceOfSatisfying(RateLimitException.class, e -> {
                    assertThat(e.headers().values("retry-after")).containsExactly("7");
                    assertThat(e.headers().values("retry-after-ms")).containsExactly("7000");
                    assertThat(e.headers().values("x-should-retry")).containsExactly("true");
                    assertThat(e.headers().values("anthropic-ratelimit-requests-remaining"))
                            .hasSize(1);
                    assertThat(e.requestId()).isPresent();
                    assertThat(e.type()).hasToString("Optional[rate_limit_error]");
                });
        assertThatThrownBy(() -> stream(client, params("bad")))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("no such thing");
        assertThatThrownBy(() -> stream(client, params("full")))
                .isInstanceOfSatisfying(AnthropicServiceException.class, e -> {
                    assertThat(e.statusCode()).isEqualTo(529);
                    assertThat(e.type()).hasToString("Optional[overloaded_error]");
                });
        assertThatThrownBy(() -> stream(client, params("broken")))
                .isInstanceOfSatisfying(
                        AnthropicServiceException.class,
                        e -> assertThat(e.statusCode()).isEqualTo(500));
    }

    @Test
    void theClientRetriesAsTheServerTellsIt() {
        ScriptedModelServer server = server("""
                - {match: flaky, times: 2, per: text, fault: {status: 529, retry_after_ms: 1}}
                - {match: flaky, answer: at last}
                """);
        AnthropicClient client = client(server, builder -> builder.maxRetries(2));

        assertThat(stream(client, params("flaky")).content().getFirst().asText().text())
                .isEqualTo("at last");
        assertThat(server.calls()).isEqualTo(3);
        assertThat(server.stats().outcomes()).isEqualTo(Map.of("status_529", 2L, "completed", 1L));
    }

    @Test
    void aWrongKeyIsRefusedAndTheRightOneIsNot() {
        ScriptedModelServer server =
                start(ScriptedModelServer.Options.defaults().instant().withApiKey("right"));

        assertThatThrownBy(() -> client(server, builder -> builder.apiKey("wrong"))
                        .messages()
                        .create(params("hello")))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("authentication_error");
        assertThat(client(server, builder -> builder.apiKey("right"))
                        .messages()
                        .create(params("hello"))
                        .content())
                .hasSize(1);
        assertThat(server.stats().outcomes()).isEqualTo(Map.of("status_401", 1L, "completed", 1L));
    }

    @Test
    void anErrorInsideTheStreamIsOne() {
        AnthropicClient client = client(server("""
                - answer: one two three four
                  fault: {stream_error: overloaded_error, message: too many, after: 5}
                """));

        List<String> pieces = new ArrayList<>();
        assertThatThrownBy(() -> {
                    try (StreamResponse<RawMessageStreamEvent> events =
                            client.messages().createStreaming(params("go"))) {
                        events.stream()
                                .flatMap(event -> event.contentBlockDelta().stream())
                                .forEach(delta ->
                                        pieces.add(delta.delta().asText().text()));
                    }
                })
                .isInstanceOfSatisfying(SseException.class, e -> {
                    assertThat(e.body().toString()).contains("overloaded_error", "too many");
                });
        assertThat(pieces).containsExactly("one", " two");
    }

    @Test
    void aResetIsAnInputOutputError() {
        AnthropicClient client = client(server("""
                - {match: before, fault: reset}
                - {match: within, answer: one two three four, fault: {reset: 4}}
                """));

        assertThatThrownBy(() -> stream(client, params("before"))).isInstanceOf(AnthropicIoException.class);
        assertThatThrownBy(() -> stream(client, params("within"))).isInstanceOf(AnthropicIoException.class);
    }

    @Test
    void charactersInPiecesAreStillCharacters() {
        AnthropicClient client = client(server("""
                - answer: Grüße, 東京, 🌍!
                  fault: split_characters
                """));

        assertThat(stream(client, params("go")).content().getFirst().asText().text())
                .isEqualTo("Grüße, 東京, 🌍!");
        assertThat(client.messages()
                        .create(params("go"))
                        .content()
                        .getFirst()
                        .asText()
                        .text())
                .isEqualTo("Grüße, 東京, 🌍!");
    }

    @Test
    void aHugeAnswerArrivesWhole() {
        AnthropicClient client = client(server("- {fault: huge, chunk: 16384}"));

        assertThat(stream(client, params("go")).content().getFirst().asText().text())
                .hasSize(1024 * 1024);
    }

    @Test
    void requestsAreRecordedWithoutTheKey() {
        ScriptedModelServer server = server("- answer: x");

        client(server, builder -> builder.apiKey("do-not-show")).messages().create(params("the question"));

        List<RecordedCall> calls = server.stats().recorded();
        assertThat(calls).hasSize(1);
        assertThat(calls.getFirst().number()).isEqualTo(1);
        assertThat(calls.getFirst().body().path("messages").toString()).contains("the question");
        assertThat(calls.getFirst().headers()).containsEntry("content-type", "application/json");
        assertThat(calls.toString()).doesNotContain("do-not-show");
    }

    @Test
    void oneConnectionServesCallAfterCall() {
        ScriptedModelServer server = server("- answer: x");
        AnthropicClient client = client(server);

        for (int i = 0; i < 20; i++) {
            stream(client, params("go"));
        }

        assertThat(server.stats().connectionsOpened()).isEqualTo(1);
        assertThat(server.stats().outcomes("completed")).isEqualTo(20);
        assertThat(server.inFlight()).isZero();
    }

    private ScriptedModelServer server(String script) {
        ScriptedModelServer.Options options =
                ScriptedModelServer.Options.defaults().instant();
        return start(script == null ? options : options.withScript(Script.parse(script, "test")));
    }

    private ScriptedModelServer start(ScriptedModelServer.Options options) {
        ScriptedModelServer server = ScriptedModelServer.start(options);
        open.add(server);
        return server;
    }

    private AnthropicClient client(ScriptedModelServer server) {
        return client(server, builder -> {});
    }

    private AnthropicClient client(ScriptedModelServer server, Consumer<AnthropicOkHttpClient.Builder> more) {
        AnthropicOkHttpClient.Builder builder = AnthropicOkHttpClient.builder()
                .baseUrl(server.baseUrl().toString())
                .apiKey("any")
                .timeout(Duration.ofSeconds(20))
                .maxRetries(0);
        more.accept(builder);
        AnthropicClient client = builder.build();
        open.add(client::close);
        return client;
    }

    private static MessageCreateParams params(String text, String... tools) {
        MessageCreateParams.Builder builder = MessageCreateParams.builder()
                .model("some-model")
                .maxTokens(1_000)
                .addUserMessage(text);
        for (String tool : tools) {
            builder.addTool(Tool.builder()
                    .name(tool)
                    .description("a tool")
                    .inputSchema(Tool.InputSchema.builder().build())
                    .build());
        }
        return builder.build();
    }

    /** The conversation so far, and the same result for each tool that was called. */
    private static MessageCreateParams answered(MessageCreateParams asked, Message called, String result) {
        List<ContentBlockParam> results = called.content().stream()
                .filter(ContentBlock::isToolUse)
                .map(block -> ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                        .toolUseId(block.asToolUse().id())
                        .content(result)
                        .build()))
                .toList();
        return asked.toBuilder()
                .addMessage(called)
                .addUserMessageOfContentBlockParams(results)
                .build();
    }

    private static Message stream(AnthropicClient client, MessageCreateParams params) {
        MessageAccumulator accumulator = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> events = client.messages().createStreaming(params)) {
            events.stream().forEach(accumulator::accumulate);
        }
        return accumulator.message();
    }
}
