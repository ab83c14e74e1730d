package dev.noesis.llm.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.llm.Requests;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatFormatTest {
    private static final ToolSpec RECALL = new ToolSpec("recall", "Finds.", "{\"type\":\"object\"}");

    @TempDir
    private Path dir;

    @Test
    void aPlainQuestionIsWrittenWithWhatItNeedsAndNoMore() {
        assertWritten(
                Requests.openai(),
                request("", List.of(Message.user("m1", "Hello")), List.of(), new ToolChoice.Auto()),
                """
                {"model":"model-a","max_completion_tokens":100,"stream":true,"stream_options":{"include_usage":true},
                 "messages":[{"role":"user","content":"Hello"}]}
                """);
    }

    @Test
    void aWholeTurnWithToolsIsWrittenInTheApisWords() {
        List<Message> messages = List.of(
                new Message("s", Role.SYSTEM, List.of(new Content.Text("Speak German."))),
                Message.user("m1", "Größe \"x\" 🚀\u0001"),
                new Message(
                        "r/0",
                        Role.ASSISTANT,
                        List.of(
                                new Content.Thinking("hm", ""),
                                new Content.RedactedThinking("ZGF0YQ=="),
                                new Content.Text(" "),
                                new Content.ToolUse("t1", "recall", "{\"q\": \"x\"}"),
                                new Content.ToolUse("t2", "recall", "{}"))),
                new Message(
                        "r/0/t",
                        Role.USER,
                        List.of(
                                new Content.ToolResult("t1", "found", false),
                                new Content.ToolResult("t2", "no such tool", true),
                                new Content.Text("And?"))),
                new Message("r/1", Role.ASSISTANT, List.of(new Content.Thinking("only thought", ""))),
                Message.user("m2", "\n"));

        assertWritten(
                Requests.openai("reasoning.return", "true"),
                request("Be brief.", messages, List.of(RECALL), new ToolChoice.Any()),
                """
                {"model":"model-a","max_completion_tokens":100,"stream":true,"stream_options":{"include_usage":true},
                 "tools":[{"type":"function","function":{"name":"recall","description":"Finds.","parameters":{"type":"object"}}}],
                 "tool_choice":"required",
                 "messages":[
                  {"role":"system","content":"Be brief.\\n\\nSpeak German."},
                  {"role":"user","content":"Größe \\"x\\" 🚀\\u0001"},
                  {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
                    {"id":"t1","type":"function","function":{"name":"recall","arguments":"{\\"q\\": \\"x\\"}"}},
                    {"id":"t2","type":"function","function":{"name":"recall","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"t1","content":"found"},
                  {"role":"tool","tool_call_id":"t2","content":"Error: no such tool"},
                  {"role":"user","content":"And?"}]}
                """);
    }

    @Test
    void eachToolChoiceHasItsForm() {
        assertThat(choice(new ToolChoice.Auto())).isEqualTo("\"auto\"");
        assertThat(choice(new ToolChoice.Any())).isEqualTo("\"required\"");
        assertThat(choice(new ToolChoice.None())).isEqualTo("\"none\"");
        assertThat(choice(new ToolChoice.Named("recall")))
                .isEqualTo("{\"type\":\"function\",\"function\":{\"name\":\"recall\"}}");
    }

    @Test
    void whatIsConfiguredIsSaid() throws IOException {
        Path schema = Files.writeString(dir.resolve("schema.json"), "{\"type\":\"object\"}\n");
        RequestConfig config = Requests.openai(
                "max.tokens.field", "max_tokens",
                "temperature", "1.5",
                "top.p", "0.9",
                "top.k", "40",
                "stop.sequences", "END,STOP",
                "user.id", "u1",
                "service.tier", "flex",
                "effort", "low",
                "tools.parallel", "false",
                "output.schema", schema.toString());

        assertWritten(
                config, request("", List.of(Message.user("m1", "Hello")), List.of(RECALL), new ToolChoice.Auto()), """
                {"model":"model-a","max_tokens":100,"stream":true,"stream_options":{"include_usage":true},
                 "temperature":1.5,"top_p":0.9,"top_k":40,"stop":["END","STOP"],"user":"u1","service_tier":"flex",
                 "reasoning_effort":"low",
                 "response_format":{"type":"json_schema",
                   "json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}},
                 "tools":[{"type":"function","function":{"name":"recall","description":"Finds.","parameters":{"type":"object"}}}],
                 "parallel_tool_calls":false,"tool_choice":"auto",
                 "messages":[{"role":"user","content":"Hello"}]}
                """);
    }

    @Test
    void anErrorsWordsAndHeadersAreRead() {
        LlmFailure failure = error(
                429,
                Map.of("retry-after", "2", "x-request-id", "req_7"),
                "{\"error\":{\"message\":\"Slow down\",\"type\":\"tokens\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}");

        assertThat(failure.message()).isEqualTo("HTTP 429: tokens (rate_limit_exceeded): Slow down");
        assertThat(failure.retryAfterMs()).isEqualTo(2_000);
        assertThat(failure.requestId()).isEqualTo("req_7");
        assertThat(failure.shouldRetry()).isNull();
    }

    @Test
    void aSpentQuotaIsFinalUnlessTheServerSaysOtherwise() {
        String quota =
                "{\"error\":{\"message\":\"m\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}";

        assertThat(error(429, Map.of(), quota).shouldRetry()).isFalse();
        assertThat(error(429, Map.of("x-should-retry", "true"), quota).shouldRetry())
                .isTrue();
    }

    @Test
    void aGatewaysPageIsQuoted() {
        assertThat(error(502, Map.of(), "<html>Bad\nGateway</html>").message())
                .isEqualTo("HTTP 502: not the provider's body: <html>Bad Gateway</html>");
        assertThat(error(502, Map.of(), "").message()).isEqualTo("HTTP 502: no body");
        assertThat(error(
                                400,
                                Map.of(),
                                "{\"object\":\"error\",\"message\":\"m\",\"type\":\"BadRequestError\",\"code\":400}")
                        .message())
                .isEqualTo("HTTP 400: BadRequestError (400): m");
    }

    private static LlmFailure error(int status, Map<String, String> headers, String body) {
        return new ChatFormat(Requests.openai())
                .error(status, headers::get, body.getBytes(StandardCharsets.UTF_8), 1_000_000);
    }

    private static String choice(ToolChoice choice) {
        LlmRequest request = request("", List.of(Message.user("m1", "Hello")), List.of(RECALL), choice);
        return Json.tree(new ChatFormat(Requests.openai()).body(request))
                .get("tool_choice")
                .toString();
    }

    private static void assertWritten(RequestConfig config, LlmRequest request, String json) {
        assertThat(Json.tree(new ChatFormat(config).body(request))).isEqualTo(Json.tree(json));
    }

    private static LlmRequest request(String system, List<Message> messages, List<ToolSpec> tools, ToolChoice choice) {
        return new LlmRequest("test", "model-a", 100, system, messages, tools, choice, 60_000);
    }
}
