package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletion.Choice.FinishReason;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's own client takes the server for OpenAI's. */
@Timeout(60)
class OpenAiClientTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void aStreamGathersToTheSameMessageAsTheWholeAnswer() {
        OpenAIClient client = client(server("""
                - match: tell
                  answer: "Grüße aus Tromsø, 東京 und 🌍 – in several words."
                  usage: {input: 20, output: 33, cacheRead: 100}
                """));

        ChatCompletion streamed = stream(client, params("tell me"));
        ChatCompletion whole = client.chat().completions().create(params("tell me", false));

        for (ChatCompletion completion : List.of(streamed, whole)) {
            assertThat(message(completion).content()).contains("Grüße aus Tromsø, 東京 und 🌍 – in several words.");
            assertThat(completion.choices().getFirst().finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(completion.usage().orElseThrow().promptTokens()).isEqualTo(120);
            assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(33);
            assertThat(completion
                            .usage()
                            .orElseThrow()
                            .promptTokensDetails()
                            .orElseThrow()
                            .cachedTokens())
                    .contains(100L);
            assertThat(completion.model()).isEqualTo("some-model");
        }
    }

    @Test
    void aToolIsCalledAndItsResultQuoted() {
        OpenAIClient client = client(server(null));
        ChatCompletionCreateParams asked = params("What do you know about the harbour?", true, "learn_fact", "recall");

        ChatCompletion called = stream(client, asked);
        ChatCompletionMessageFunctionToolCall call =
                message(called).toolCalls().orElseThrow().getFirst().asFunction();
        ChatCompletion told = stream(
                client,
                asked.toBuilder()
                        .addMessage(message(called))
                        .addMessage(ChatCompletionToolMessageParam.builder()
                                .toolCallId(call.id())
                                .content("the harbour freezes in January")
                                .build())
                        .build());

        assertThat(called.choices().getFirst().finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(call.function().name()).isEqualTo("recall");
        assertThat(call.function().arguments()).isEqualTo("{\"query\":\"harbour\"}");
        assertThat(message(told).content().orElseThrow()).contains("the harbour freezes in January");
    }

    @Test
    void severalToolCallsComeInOneMessageWithIdsOfTheirOwn() {
        OpenAIClient client = client(server("""
                - answer: I will look.
                  tools: [{name: a, input: {x: [1, "ü"]}}, {name: b}]
                """));

        List<ChatCompletionMessageFunctionToolCall> calls =
                message(stream(client, params("go", true, "a", "b"))).toolCalls().orElseThrow().stream()
                        .map(call -> call.asFunction())
                        .toList();

        assertThat(calls).extracting(call -> call.function().name()).containsExactly("a", "b");
        assertThat(calls).extracting(call -> call.function().arguments()).containsExactly("{\"x\":[1,\"ü\"]}", "{}");
        assertThat(calls.get(0).id()).isNotEqualTo(calls.get(1).id());
    }

    @Test
    void aRefusalIsOne() {
        OpenAIClient client = client(server("- {answer: I will not., stopReason: refusal}"));

        for (ChatCompletion completion : List.of(
                stream(client, params("go")), client.chat().completions().create(params("go", false)))) {
            assertThat(message(completion).refusal()).contains("I will not.");
            assertThat(message(completion).content().orElse("")).isEmpty();
        }
    }

    @Test
    void aToolCallWithoutItsResultIsRefused() {
        OpenAIClient client = client(server("- {answer: x, tools: [{name: a}]}"));
        ChatCompletionCreateParams asked = params("go", false, "a");
        ChatCompletionMessage called = message(client.chat().completions().create(asked));

        assertThatThrownBy(() -> client.chat()
                        .completions()
                        .create(asked.toBuilder()
                                .addMessage(called)
                                .addUserMessage("and?")
                                .build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("did not have response messages");
    }

    @Test
    void statusesAreTheClientsErrors() {
        OpenAIClient client = client(server("""
                - {match: rate, fault: {status: 429, retry_after: 7, should_retry: true}}
                - {match: bad, fault: {status: 400, message: no such thing}}
                - {match: full, fault: {status: 529}}
                """));

        assertThatThrownBy(() -> stream(client, params("rate"))).isInstanceOfSatisfying(RateLimitException.class, e -> {
            assertThat(e.headers().values("retry-after")).containsExactly("7");
            assertThat(e.headers().values("x-ratelimit-remaining-requests")).hasSize(1);
            assertThat(e.headers().values("x-request-id")).hasSize(1);
            assertThat(e.code()).contains("rate_limit_exceeded");
        });
        assertThatThrownBy(() -> stream(client, params("bad")))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("no such thing");
        assertThatThrownBy(() -> stream(client, params("full")))
                .isInstanceOfSatisfying(OpenAIServiceException.class, e -> {
                    assertThat(e.statusCode()).isEqualTo(529);
                    assertThat(e.type()).contains("server_error");
                });
    }

    @Test
    void aWrongKeyIsRefusedAndTheRightOneIsNot() {
        ScriptedModelServer server =
                start(ScriptedModelServer.Options.defaults().instant().withApiKey("right"));

        assertThatThrownBy(() -> stream(client(server, builder -> builder.apiKey("wrong")), params("hello")))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("Incorrect API key");
        assertThat(stream(client(server, builder -> builder.apiKey("right")), params("hello"))
                        .choices())
                .hasSize(1);
    }

    @Test
    void anErrorInsideTheStreamIsOne() {
        OpenAIClient client = client(server("""
                - answer: one two three four
                  fault: {stream_error: api_error, message: too many, after: 3}
                """));
        List<String> pieces = new ArrayList<>();

        assertThatThrownBy(() -> {
                    try (StreamResponse<ChatCompletionChunk> chunks =
                            client.chat().completions().createStreaming(params("go"))) {
                        chunks.stream()
                                .flatMap(chunk -> chunk.choices().stream())
                                .flatMap(choice -> choice.delta().content().stream())
                                .forEach(pieces::add);
                    }
                })
                .isInstanceOf(SseException.class)
                .hasMessageContaining("too many");
        assertThat(String.join("", pieces)).isEqualTo("one two");
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

    private OpenAIClient client(ScriptedModelServer server) {
        return client(server, builder -> {});
    }

    private OpenAIClient client(ScriptedModelServer server, Consumer<OpenAIOkHttpClient.Builder> more) {
        OpenAIOkHttpClient.Builder builder = OpenAIOkHttpClient.builder()
                .baseUrl(server.baseUrl() + "/v1")
                .apiKey("any")
                .timeout(Duration.ofSeconds(20))
                .maxRetries(0);
        more.accept(builder);
        OpenAIClient client = builder.build();
        open.add(client::close);
        return client;
    }

    private static ChatCompletionCreateParams params(String text) {
        return params(text, true);
    }

    private static ChatCompletionCreateParams params(String text, boolean streamed, String... tools) {
        ChatCompletionCreateParams.Builder builder = ChatCompletionCreateParams.builder()
                .model("some-model")
                .maxCompletionTokens(1_000)
                .addUserMessage(text);
        if (streamed) {
            builder.streamOptions(
                    ChatCompletionStreamOptions.builder().includeUsage(true).build());
        }
        for (String tool : tools) {
            builder.addFunctionTool(FunctionDefinition.builder()
                    .name(tool)
                    .description("a tool")
                    .parameters(FunctionParameters.builder()
                            .putAdditionalProperty("type", JsonValue.from("object"))
                            .putAdditionalProperty("properties", JsonValue.from(Map.of()))
                            .build())
                    .build());
        }
        return builder.build();
    }

    private static ChatCompletionMessage message(ChatCompletion completion) {
        return completion.choices().getFirst().message();
    }

    private static ChatCompletion stream(OpenAIClient client, ChatCompletionCreateParams params) {
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> chunks =
                client.chat().completions().createStreaming(params)) {
            chunks.stream().forEach(accumulator::accumulate);
        }
        return accumulator.chatCompletion();
    }
}
