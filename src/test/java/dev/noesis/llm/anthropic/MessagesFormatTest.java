package dev.noesis.llm.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.llm.Requests;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a request says beside the conversation. */
class MessagesFormatTest {
    private static final ToolSpec RECALL = new ToolSpec("recall", "Finds.", "{\"type\":\"object\"}");
    private static final List<Message> HELLO = List.of(Message.user("m1", "Hello"));
    private static final String OLDER = "2023-06-01";
    private static final String NEWER = "2026-10-21";

    @TempDir
    private Path dir;

    @Test
    void whatIsConfiguredIsSaid() throws IOException {
        Path schema = Files.writeString(dir.resolve("schema.json"), "{\"type\":\"object\"}\n");
        RequestConfig config = Requests.anthropic(
                "temperature", "0.5",
                "top.p", "0.9",
                "top.k", "40",
                "thinking", "disabled",
                "stop.sequences", "END,STOP",
                "user.id", "u1",
                "service.tier", "auto",
                "effort", "low",
                "tools.parallel", "false",
                "output.schema", schema.toString());

        assertThat(body(OLDER, config, request(HELLO, new ToolChoice.Auto(), 100)))
                .isEqualTo(Json.tree("""
                {"model":"model-a","max_tokens":100,"stream":true,"temperature":0.5,"top_p":0.9,"top_k":40,
                 "thinking":{"type":"disabled"},"stop_sequences":["END","STOP"],"metadata":{"user_id":"u1"},
                 "service_tier":"auto",
                 "output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},
                 "system":"Be brief.",
                 "tools":[{"name":"recall","description":"Finds.","input_schema":{"type":"object"}}],
                 "tool_choice":{"type":"auto","disable_parallel_tool_use":true},
                 "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}
                """));
    }

    @Test
    void theNewerVersionIsSentNoSamplingParameters() {
        RequestConfig config = Requests.anthropic("temperature", "1", "top.p", "0.9", "top.k", "40");

        assertThat(body(NEWER, config, request(HELLO, new ToolChoice.Auto(), 100))
                        .propertyNames())
                .doesNotContain("temperature", "top_p", "top_k");
    }

    @Test
    void headersNameTheVersionAndTheBetas() {
        assertThat(new MessagesFormat(NEWER, Requests.anthropic()).headers())
                .isEqualTo(Map.of("anthropic-version", NEWER));
        assertThat(new MessagesFormat(OLDER, Requests.anthropic("beta", "one-1, two-2")).headers())
                .containsEntry("anthropic-beta", "one-1,two-2");
    }

    /** A budget is below the answer's limit and at least 1,024; no thinking goes with a forced tool; sampling not with it. */
    @ParameterizedTest
    @CsvSource({
        "adaptive, auto, 100, adaptive, ",
        "adaptive, any, 100, , ",
        "adaptive, named, 100, , ",
        "adaptive, none, 100, adaptive, ",
        "enabled, auto, 8192, enabled, 2000",
        "enabled, auto, 1500, enabled, 1499",
        "enabled, auto, 1024, , ",
        "enabled, any, 8192, , ",
        "disabled, any, 100, disabled, "
    })
    void thinkingIsAskedForWhereTheApiTakesIt(
            String configured, String choice, int maxTokens, String type, Integer budget) {
        RequestConfig config =
                Requests.anthropic("thinking", configured, "thinking.budget.tokens", "2000", "temperature", "0.5");
        ToolChoice toolChoice = switch (choice) {
            case "any" -> new ToolChoice.Any();
            case "named" -> new ToolChoice.Named("recall");
            case "none" -> new ToolChoice.None();
            default -> new ToolChoice.Auto();
        };

        JsonNode body = body(OLDER, config, request(HELLO, toolChoice, maxTokens));

        assertThat(body.path("thinking").path("type").asString(null)).isEqualTo(type);
        assertThat(body.path("thinking").has("budget_tokens")).isEqualTo(budget != null);
        if (budget != null) {
            assertThat(body.path("thinking").path("budget_tokens").asInt()).isEqualTo(budget);
        }
        boolean thinks = type != null && !type.equals("disabled");
        assertThat(body.has("temperature")).isEqualTo(!thinks);
    }

    @Test
    void aTurnThatBeganWithoutThinkingGoesOnWithout() {
        RequestConfig config = Requests.anthropic("thinking", "enabled");
        Message thoughtless = new Message("r/0", Role.ASSISTANT, List.of(new Content.ToolUse("t1", "recall", "{}")));
        Message thoughtful = new Message(
                "r/0",
                Role.ASSISTANT,
                List.of(new Content.Thinking("hm", "sig"), new Content.ToolUse("t1", "recall", "{}")));
        Message result = new Message("r/0/t", Role.USER, List.of(new Content.ToolResult("t1", "x", false)));

        assertThat(thinks(config, List.of(HELLO.getFirst(), thoughtless, result)))
                .isFalse();
        assertThat(thinks(config, List.of(HELLO.getFirst(), thoughtful, result)))
                .isTrue();
        assertThat(thinks(config, List.of(HELLO.getFirst(), thoughtless, result, Message.user("m2", "And?"))))
                .isTrue();
    }

    @Test
    void reasoningThatNobodySignedStaysHere() {
        Message foreign =
                new Message("r/0", Role.ASSISTANT, List.of(new Content.Thinking("hm", ""), new Content.Text("Yes.")));

        JsonNode body = body(
                OLDER,
                Requests.anthropic(),
                request(List.of(HELLO.getFirst(), foreign, Message.user("m2", "And?")), new ToolChoice.Auto(), 100));

        assertThat(body.path("messages").get(1).path("content"))
                .isEqualTo(Json.tree("[{\"type\":\"text\",\"text\":\"Yes.\"}]"));
    }

    @Test
    void longBeginningsAreMarkedBehindToolsSystemPromptAndLastMessage() {
        String mark = "{\"type\":\"ephemeral\"}";
        RequestConfig config = Requests.anthropic("cache.min.tokens", "10");
        ToolSpec longTool = new ToolSpec("long", "x".repeat(40), "{\"type\":\"object\"}");

        JsonNode body = Json.tree(new MessagesFormat(OLDER, config)
                .body(new LlmRequest(
                        "test",
                        "model-a",
                        100,
                        "Be brief.",
                        List.of(Message.user("m0", "First"), Message.user("m1", "Hello")),
                        List.of(RECALL, longTool),
                        new ToolChoice.Auto(),
                        60_000)));

        assertThat(body.at("/tools/0").has("cache_control")).isFalse();
        assertThat(body.at("/tools/1/cache_control")).isEqualTo(Json.tree(mark));
        assertThat(body.at("/system/0/text").asString()).isEqualTo("Be brief.");
        assertThat(body.at("/system/0/cache_control")).isEqualTo(Json.tree(mark));
        assertThat(body.at("/messages/0/content/0").has("cache_control")).isFalse();
        assertThat(body.at("/messages/1/content/0/cache_control")).isEqualTo(Json.tree(mark));
    }

    @Test
    void whatIsTooShortToBeKeptIsNotMarkedAndOffMarksNothing() {
        LlmRequest request = request(HELLO, new ToolChoice.Auto(), 100);
        LlmRequest large = request(List.of(Message.user("m1", "x".repeat(10_000))), new ToolChoice.Auto(), 100);

        assertThat(body(OLDER, Requests.anthropic(), request).toString()).doesNotContain("cache_control");
        assertThat(body(OLDER, Requests.anthropic("cache", "off"), large).toString())
                .doesNotContain("cache_control");
        JsonNode marked = body(OLDER, Requests.anthropic("cache", "1h"), large);
        assertThat(marked.at("/messages/0/content/0/cache_control"))
                .isEqualTo(Json.tree("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}"));
        assertThat(marked.path("system").isString()).isTrue();
    }

    private static boolean thinks(RequestConfig config, List<Message> messages) {
        return body(OLDER, config, request(messages, new ToolChoice.Auto(), 8_192))
                .has("thinking");
    }

    private static JsonNode body(String version, RequestConfig config, LlmRequest request) {
        return Json.tree(new MessagesFormat(version, config).body(request));
    }

    private static LlmRequest request(List<Message> messages, ToolChoice choice, int maxTokens) {
        return new LlmRequest("test", "model-a", maxTokens, "Be brief.", messages, List.of(RECALL), choice, 60_000);
    }
}
