package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class RequestCheckTest {
    private static final String CALL = "{role: assistant, content: [{type: tool_use, id: t1, name: a, input: {}}]}";
    private static final String RESULT = "{role: user, content: [{type: tool_result, tool_use_id: t1, content: ok}]}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{system: be kind, stream: true, stop_sequences: [x], metadata: {user_id: u}}",
                "{system: [{type: text, text: be kind, cache_control: {type: ephemeral}}]}",
                "{temperature: 0.5, top_p: 1, top_k: 40}",
                "{thinking: {type: enabled, budget_tokens: 1024}, max_tokens: 2000}",
                "{messages: [{role: user, content: [{type: text, text: hi}]}]}",
                "{messages: [{role: user, content: a}, {role: user, content: b}]}",
                "{messages: [{role: user, content: a}, " + CALL + ", " + RESULT + "]}",
                "{messages: [{role: user, content: a}, {role: assistant, content: [{type: thinking, thinking: h, signature: s},"
                        + " {type: redacted_thinking, data: d}, {type: text, text: b}]}, {role: user, content: c}]}",
                "{tools: [{name: a, input_schema: {type: object}}], tool_choice: {type: tool, name: a}}",
                "{tools: [{type: web_search_20250305, name: web_search}], tool_choice: {type: none}}",
            })
    void whatTheApiTakesPasses(String changes) {
        assertThat(check(changes, "2023-06-01")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {model: null}                                | model: Input should be a valid string
            {max_tokens: 0}                              | max_tokens: Input should be greater than or equal to 1
            {max_tokens: many}                           | max_tokens: Input should be a valid integer
            {stream: 1}                                  | stream: Input should be a valid boolean
            {colour: red}                                | colour: Extra inputs are not permitted
            {temperature: 2}                             | temperature: range: 0..1
            {thinking: {type: enabled, budget_tokens: 5}} | thinking.enabled.budget_tokens
            {thinking: {type: adaptive}, tools: [{name: a, input_schema: {type: object}}], tool_choice: {type: any}} | Thinking may not be enabled when tool_choice forces tool use.
            {system: [{type: text, text: a, cache_control: {type: lasting}}]} | cache_control.type: Input should be 'ephemeral'
            {system: [{type: text, text: a, cache_control: {type: ephemeral, ttl: 2h}}]} | cache_control.ttl: Input should be '5m' or '1h'
            {messages: [{role: user, content: a}, {role: assistant, content: [{type: thinking, thinking: h, signature: s, cache_control: {type: ephemeral}}]}]} | cache_control: Extra inputs are not permitted on thinking blocks
            {system: 5}                                  | system: Input should be a valid string or array
            {system: [{type: text, text: ''}]}           | system: text content blocks must be non-empty
            {messages: []}                               | messages: at least one message is required
            {messages: x}                                | messages: Input should be a valid array
            {messages: [{role: assistant, content: a}]}  | messages: first message must use the "user" role
            {messages: [{role: robot, content: a}]}      | messages.0.role: Input should be 'user' or 'assistant'
            {messages: [{role: user}]}                   | messages.0.content: Field required
            {messages: [{role: user, content: ''}]}      | messages.0: all messages must have non-empty content
            {messages: [{role: user, content: []}]}      | messages.0: all messages must have non-empty content
            {messages: [{role: user, content: [{type: text, text: ''}]}]} | messages: text content blocks must be non-empty
            {messages: [{role: user, content: [{type: song}]}]} | messages.0.content.0: Input tag 'song'
            {messages: [{role: user, content: [{type: tool_use, id: t, name: a, input: {}}]}]} | messages.0.content.0: `tool_use` blocks can only be in
            {messages: [{role: user, content: [{type: tool_result, tool_use_id: t9}]}]} | messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t9
            {messages: [{role: user, content: a}, CALL]} | messages.2: `tool_use` ids were found without
            {messages: [{role: user, content: a}, CALL, {role: user, content: b}]} | messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: t1
            {messages: [{role: user, content: a}, CALL, RESULT, RESULT]} | messages.3.content.0: unexpected `tool_use_id`
            {messages: [{role: user, content: a}, {role: assistant, content: [{type: thinking, thinking: h}]}]} | messages.1.content.0.thinking.signature
            {tools: [{name: 'a b', input_schema: {type: object}}]} | tools.0.custom.name: String should match pattern
            {tools: [{name: a}]}                         | tools.0.custom.input_schema: Field required
            {tools: [{name: a, input_schema: {type: string}}]} | tools.0.custom.input_schema.type: Input should be 'object'
            {tools: [{name: a, input_schema: {type: object}}, {name: a, input_schema: {type: object}}]} | tools: Tool names must be unique
            {tool_choice: {type: auto}}                  | tool_choice: may only be specified while providing tools
            {tools: [{name: a, input_schema: {type: object}}], tool_choice: {type: tool, name: b}} | tool_choice: Tool 'b' not found
            """)
    void whatTheApiRefusesIsRefusedInItsWords(String changes, String message) {
        ApiError error = check(changes.replace("CALL", CALL).replace("RESULT", RESULT), "2023-06-01");

        assertThat(error).isNotNull();
        assertThat(error.status()).isEqualTo(400);
        assertThat(error.type()).isEqualTo("invalid_request_error");
        assertThat(error.message()).startsWith(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{temperature: 1}", "{top_p: 1}", "{top_k: 1}"})
    void theNewerVersionTakesNoSamplingParameters(String changes) {
        assertThat(check(changes, "2026-10-21").message()).contains("not supported");
        assertThat(check("{}", "2026-10-21")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "5", "null", "\"text\""})
    void aBodyThatIsNoObjectIsRefused(String body) {
        assertThat(RequestCheck.check(JsonMapper.shared().readTree(body), "2023-06-01")
                        .message())
                .isEqualTo("the request body is not a JSON object");
    }

    /** Checks a good request with these fields changed, which are written as YAML. */
    private static ApiError check(String changes, String version) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("model", "m").put("max_tokens", 100);
        body.putArray("messages").addObject().put("role", "user").put("content", "hi");
        YamlNode.parse(changes, "test")
                .object()
                .properties()
                .forEach(field -> body.set(field.getKey(), field.getValue()));
        return RequestCheck.check(body, version);
    }
}
