package dev.noesis.llm.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.ToolSpec;
import dev.noesis.serde.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessagesRequestTest {
    private static final ToolSpec RECALL = new ToolSpec(
            "recall", "Finds \"facts\".", "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\"}}}");

    @Test
    void aPlainQuestionIsWrittenWithWhatItNeedsAndNoMore() {
        LlmRequest request = request("", List.of(Message.user("m1", "Hello")), List.of(), new ToolChoice.Auto());

        assertWritten(request, """
                {"model":"model-a","max_tokens":100,"stream":true,
                 "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}
                """);
    }

    @Test
    void aWholeTurnWithToolsIsWrittenAsItWas() {
        List<Message> messages = List.of(
                Message.user("m1", "Größe \"x\" 🚀\u0001"),
                new Message(
                        "r/0",
                        Role.ASSISTANT,
                        List.of(
                                new Content.Thinking("hm", "c2ln+/=="),
                                new Content.RedactedThinking("ZGF0YQ=="),
                                new Content.Text("I look."),
                                new Content.ToolUse("t1", "recall", "{\"q\": \"x\", \"n\": 1.50}"),
                                new Content.ToolUse("t2", "recall", "{}"))),
                new Message(
                        "r/0/t",
                        Role.USER,
                        List.of(
                                new Content.ToolResult("t1", "found", false),
                                new Content.ToolResult("t2", "no such tool", true))),
                Message.user("m2", "And?"));

        assertWritten(request("Be brief.", messages, List.of(RECALL), new ToolChoice.Any()), """
                {"model":"model-a","max_tokens":100,"stream":true,"system":"Be brief.",
                 "tools":[{"name":"recall","description":"Finds \\"facts\\".",
                   "input_schema":{"type":"object","properties":{"q":{"type":"string"}}}}],
                 "tool_choice":{"type":"any"},
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"Größe \\"x\\" 🚀\\u0001"}]},
                  {"role":"assistant","content":[
                    {"type":"thinking","thinking":"hm","signature":"c2ln+/=="},
                    {"type":"redacted_thinking","data":"ZGF0YQ=="},
                    {"type":"text","text":"I look."},
                    {"type":"tool_use","id":"t1","name":"recall","input":{"q":"x","n":1.50}},
                    {"type":"tool_use","id":"t2","name":"recall","input":{}}]},
                  {"role":"user","content":[
                    {"type":"tool_result","tool_use_id":"t1","content":"found"},
                    {"type":"tool_result","tool_use_id":"t2","content":"no such tool","is_error":true}]},
                  {"role":"user","content":[{"type":"text","text":"And?"}]}]}
                """);
    }

    @Test
    void callsThatAnotherServersModelNamedAreNamedAsTheApiTakesIt() {
        List<Message> messages = List.of(
                Message.user("m1", "Hello"),
                new Message("r/0", Role.ASSISTANT, List.of(new Content.ToolUse("functions.recall:0", "recall", "{}"))),
                new Message("r/0/t", Role.USER, List.of(new Content.ToolResult("functions.recall:0", "found", false))));

        assertWritten(request("", messages, List.of(), new ToolChoice.Auto()), """
                {"model":"model-a","max_tokens":100,"stream":true,
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"Hello"}]},
                  {"role":"assistant","content":[
                    {"type":"tool_use","id":"functions_recall_0","name":"recall","input":{}}]},
                  {"role":"user","content":[
                    {"type":"tool_result","tool_use_id":"functions_recall_0","content":"found"}]}]}
                """);
    }

    @Test
    void eachToolChoiceHasItsForm() {
        assertThat(choice(new ToolChoice.Auto())).isEqualTo("{\"type\":\"auto\"}");
        assertThat(choice(new ToolChoice.Any())).isEqualTo("{\"type\":\"any\"}");
        assertThat(choice(new ToolChoice.None())).isEqualTo("{\"type\":\"none\"}");
        assertThat(choice(new ToolChoice.Named("recall"))).isEqualTo("{\"type\":\"tool\",\"name\":\"recall\"}");
    }

    @Test
    void blankTextIsLeftOutAndSoIsAMessageOfNothingElse() {
        List<Message> messages = List.of(
                Message.user("m1", "Hello"),
                new Message(
                        "r/0",
                        Role.ASSISTANT,
                        List.of(new Content.Text(""), new Content.ToolUse("t1", "recall", "{}"))),
                Message.user("m2", " \n"));

        assertWritten(request("  ", messages, List.of(), new ToolChoice.Auto()), """
                {"model":"model-a","max_tokens":100,"stream":true,
                 "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]},
                  {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"recall","input":{}}]}]}
                """);
    }

    @Test
    void systemMessagesJoinTheSystemPrompt() {
        List<Message> messages = List.of(
                new Message("s", Role.SYSTEM, List.of(new Content.Text("Speak German."))), Message.user("m1", "Hello"));

        assertWritten(request("Be brief.", messages, List.of(), new ToolChoice.Auto()), """
                {"model":"model-a","max_tokens":100,"stream":true,"system":"Be brief.\\n\\nSpeak German.",
                 "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}
                """);
    }

    private static String choice(ToolChoice choice) {
        LlmRequest request = request("", List.of(Message.user("m1", "Hello")), List.of(RECALL), choice);
        return Json.tree(MessagesRequest.write(request, RequestConfig.of(RequestConfig.Provider.ANTHROPIC), true))
                .get("tool_choice")
                .toString();
    }

    private static void assertWritten(LlmRequest request, String json) {
        assertThat(Json.tree(MessagesRequest.write(request, RequestConfig.of(RequestConfig.Provider.ANTHROPIC), true)))
                .isEqualTo(Json.tree(json));
    }

    private static LlmRequest request(String system, List<Message> messages, List<ToolSpec> tools, ToolChoice choice) {
        return new LlmRequest("test", "model-a", 100, system, messages, tools, choice, 60_000);
    }
}
