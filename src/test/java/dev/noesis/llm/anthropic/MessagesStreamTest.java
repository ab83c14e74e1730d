package dev.noesis.llm.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RecordingListener;
import dev.noesis.llm.wire.AnswerStream.Heard;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesStreamTest {
    private final RecordingListener listener = new RecordingListener();
    private MessagesStream stream = new MessagesStream(listener, 1_000_000, "req_1");

    @Test
    void textIsToldInPiecesAndGatheredWhole() {
        start();
        textBlock(0, "Hel", "", "lo 🚀");
        delta("{\"stop_reason\":\"end_turn\"}", "{\"output_tokens\":5}");

        assertThat(stop()).isEqualTo(Heard.END);
        assertThat(listener.heard()).containsExactly("text:Hel", "text:lo 🚀");
        assertThat(stream.outcome())
                .isEqualTo(new LlmOutcome.Completed(
                        List.of(new Content.Text("Hello 🚀")), "end_turn", new Usage(10, 5, 2, 3), "model-a"));
    }

    @Test
    void thinkingIsKeptWithItsSignatureAndRedactedThinkingAsItIs() {
        start();
        block(0, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
        piece(0, "{\"type\":\"thinking_delta\",\"thinking\":\"hm \"}");
        piece(0, "{\"type\":\"thinking_delta\",\"thinking\":\"yes\"}");
        piece(0, "{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}");
        end(0);
        block(1, "{\"type\":\"redacted_thinking\",\"data\":\"ZGF0YQ==\"}");
        end(1);

        assertThat(finish("end_turn").content())
                .containsExactly(new Content.Thinking("hm yes", "c2ln"), new Content.RedactedThinking("ZGF0YQ=="));
        assertThat(listener.heard()).containsExactly("reasoning:hm ", "reasoning:yes");
    }

    @Test
    void toolArgumentsAreGatheredAndNoneMeansAnEmptyObject() {
        start();
        tool(0, "{\\\"q\\\":", "\\\"x\\\"}");
        tool(1);

        assertThat(finish("tool_use").content())
                .containsExactly(
                        new Content.ToolUse("t0", "recall", "{\"q\":\"x\"}"),
                        new Content.ToolUse("t1", "recall", "{}"));
        assertThat(listener.heard())
                .containsExactly(
                        "tool 0:t0:recall",
                        "arguments 0:{\"q\":",
                        "arguments 0:\"x\"}",
                        "end 0",
                        "tool 1:t1:recall",
                        "end 1");
    }

    @Test
    void toolArgumentsThatComeWithTheStartAreTaken() {
        start();
        block(0, "{\"type\":\"tool_use\",\"input\":{\"q\": {\"ä\": [1]}},\"id\":\"t0\",\"name\":\"recall\"}");
        end(0);

        assertThat(finish("tool_use").content())
                .containsExactly(new Content.ToolUse("t0", "recall", "{\"q\": {\"ä\": [1]}}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\\\"q\\\":", "{\\\"q\\\":tru", "[1]", "7", "{}x", "{} {}", "{\\\"q\\\":1}}"})
    void malformedToolArgumentsBreakTheProtocol(String json) {
        start();
        tool(0, json);
        delta("{\"stop_reason\":\"tool_use\"}", "{}");

        assertThat(failure().kind()).isEqualTo(Kind.PROTOCOL);
        assertThat(failure().message()).contains("recall");
        assertThat(listener.heard()).doesNotContain("end 0");
    }

    @Test
    void aToolCallCutOffAtTheAnswersLimitIsLeftOut() {
        start();
        textBlock(0, "I look.");
        tool(1, "{\\\"q\\\":\\\"x");

        assertThat(finish("max_tokens").content()).containsExactly(new Content.Text("I look."));
    }

    @Test
    void usageIsOverwrittenNotAdded() {
        start();
        assertThat(stream.usage()).isEqualTo(new Usage(10, 1, 2, 3));
        delta("{}", "{\"output_tokens\":5,\"input_tokens\":null}");
        delta("{\"stop_reason\":\"end_turn\"}", "{\"output_tokens\":9,\"input_tokens\":11}");
        stop();

        assertThat(stream.outcome().usage()).isEqualTo(new Usage(11, 9, 2, 3));
    }

    @Test
    void pingsAndUnknownEventsAreNotParsed() {
        assertThat(event("ping", "not json")).isEqualTo(Heard.PING);
        assertThat(event("of_later_date", "not json")).isEqualTo(Heard.PROGRESS);
        assertThat(event("message", "not json")).isEqualTo(Heard.PROGRESS);
    }

    @Test
    void unknownBlocksDeltasAndFieldsArePassedOver() {
        start();
        block(0, "{\"type\":\"of_later_date\",\"text\":{\"deep\":[1,{}]}}");
        piece(0, "{\"type\":\"text_delta\",\"text\":\"unheard\"}");
        end(0);
        block(1, "{\"type\":\"text\",\"text\":\"a\",\"citations\":null}");
        piece(1, "{\"type\":\"citations_delta\",\"citation\":{\"type\":\"x\"}}");
        end(1);

        assertThat(finish("end_turn").content()).containsExactly(new Content.Text("a"));
    }

    @Test
    void anAnswerWithoutItsLastEventIsWholeOnceItHasAStopReason() {
        LlmFailure cut = LlmFailure.of(Kind.STREAM_CUT, "cut");
        start();
        textBlock(0, "Hello");

        assertThat(stream.cut(cut)).isEqualTo(new LlmOutcome.Failed(cut, new Usage(10, 1, 2, 3), true));

        delta("{\"stop_reason\":\"end_turn\"}", "{}");
        assertThat(stream.cut(cut)).isInstanceOf(LlmOutcome.Completed.class);
    }

    @ParameterizedTest
    @CsvSource({
        "overloaded_error,529",
        "api_error,500",
        "timeout_error,504",
        "rate_limit_error,429",
        "invalid_request_error,400",
        "authentication_error,401",
        "billing_error,402",
        "permission_error,403",
        "not_found_error,404",
        "conflict_error,409",
        "request_too_large,413",
        "of_later_date,0"
    })
    void anErrorInTheStreamHasTheStatusOfItsType(String type, int status) {
        start();
        assertThat(event("error", "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"Sorry\"}}"))
                .isEqualTo(Heard.END);

        assertThat(failure())
                .isEqualTo(new LlmFailure(
                        Kind.STREAM_ERROR, "error in the stream: " + type + ": Sorry", status, null, null, "req_1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "content_block_start | {\"index\":0,\"content_block\":{\"type\":\"text\"}}",
                "content_block_delta | {\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                "content_block_stop | {\"index\":0}",
                "message_delta | {\"delta\":{\"stop_reason\":\"end_turn\"}}",
                "message_stop | {}",
                "message_start | not json",
                "message_start | []",
                "message_start | {\"message\":{\"usage\":{\"input_tokens\":99999999999999999999}}}",
            })
    void eventsOutOfOrderOrMalformedBreakTheProtocol(String name, String data) {
        assertThat(event(name, data)).isEqualTo(Heard.END);
        assertThat(failure().kind()).isEqualTo(Kind.PROTOCOL);
        assertThat(failure().message()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "message_start | {}",
                "content_block_start | {\"index\":0,\"content_block\":{\"type\":\"text\"}}",
                "content_block_start | {\"index\":2,\"content_block\":{\"type\":\"text\"}}",
                "content_block_start | {\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\"}}",
                "content_block_delta | {\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                "content_block_delta | {\"index\":-1,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                "content_block_delta | {\"index\":99999999999,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                "content_block_delta | {\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\"}}",
                "content_block_delta | {\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a",
                "content_block_stop | {\"index\":1}",
                "content_block_stop | {}",
                "message_delta | {\"delta\":{\"stop_reason\":\"end_turn\"}}",
                "message_stop | {}",
            })
    void inAnOpenBlockTooEventsOutOfOrderOrMalformedBreakTheProtocol(String name, String data) {
        start();
        block(0, "{\"type\":\"text\",\"text\":\"\"}");

        assertThat(event(name, data)).isEqualTo(Heard.END);
        assertThat(failure().kind()).isEqualTo(Kind.PROTOCOL);
    }

    @Test
    void anAnswerOverItsBoundIsEnded() {
        stream = new MessagesStream(listener, 64 + 10, null);
        start();
        block(0, "{\"type\":\"text\",\"text\":\"\"}");

        assertThat(piece(0, "{\"type\":\"text_delta\",\"text\":\"aä€🚀\"}")).isEqualTo(Heard.PROGRESS); // 1 + 2 + 3 + 4
        assertThat(piece(0, "{\"type\":\"text_delta\",\"text\":\"b\"}")).isEqualTo(Heard.END);
        assertThat(failure().kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        assertThat(listener.text()).isEqualTo("aä€🚀");
    }

    @Test
    void manyEmptyBlocksAreBoundedToo() {
        stream = new MessagesStream(listener, 10_000, null);
        start();
        int blocks = 0;
        while (!stream.ended()) {
            block(blocks, "{\"type\":\"text\",\"text\":\"\"}");
            if (!stream.ended()) {
                end(blocks);
            }
            blocks++;
        }

        assertThat(failure().kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        assertThat(blocks).isLessThan(200);
    }

    private Heard event(String name, String data) {
        return stream.event(name, data.getBytes(StandardCharsets.UTF_8));
    }

    private void start() {
        event(
                "message_start",
                "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"model-a\",\"content\":[],\"stop_reason\":null,"
                        + "\"usage\":{\"input_tokens\":10,\"output_tokens\":1,\"cache_read_input_tokens\":2,"
                        + "\"cache_creation_input_tokens\":3,\"cache_creation\":{\"ephemeral_5m_input_tokens\":3}}}}");
    }

    private void block(int index, String block) {
        event(
                "content_block_start",
                "{\"type\":\"content_block_start\",\"index\":" + index + ",\"content_block\":" + block + "}");
    }

    private Heard piece(int index, String delta) {
        return event(
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":" + delta + "}");
    }

    private void end(int index) {
        event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":" + index + "}");
    }

    private void textBlock(int index, String... pieces) {
        block(index, "{\"type\":\"text\",\"text\":\"\"}");
        for (String text : pieces) {
            piece(index, "{\"type\":\"text_delta\",\"text\":\"" + text + "\"}");
        }
        end(index);
    }

    private void tool(int index, String... pieces) {
        block(index, "{\"type\":\"tool_use\",\"id\":\"t" + index + "\",\"name\":\"recall\",\"input\":{}}");
        for (String json : pieces) {
            piece(index, "{\"type\":\"input_json_delta\",\"partial_json\":\"" + json + "\"}");
        }
        end(index);
    }

    private void delta(String delta, String usage) {
        event("message_delta", "{\"type\":\"message_delta\",\"delta\":" + delta + ",\"usage\":" + usage + "}");
    }

    private Heard stop() {
        return event("message_stop", "{\"type\":\"message_stop\"}");
    }

    private LlmOutcome.Completed finish(String stopReason) {
        delta("{\"stop_reason\":\"" + stopReason + "\"}", "{}");
        stop();
        return (LlmOutcome.Completed) stream.outcome();
    }

    private LlmFailure failure() {
        return ((LlmOutcome.Failed) stream.outcome()).failure();
    }
}
