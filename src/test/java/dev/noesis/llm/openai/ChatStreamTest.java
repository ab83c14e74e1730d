package dev.noesis.llm.openai;

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

class ChatStreamTest {
    private static final LlmFailure CUT = LlmFailure.of(Kind.STREAM_CUT, "cut");

    private final RecordingListener listener = new RecordingListener();
    private ChatStream stream = new ChatStream(listener, 1_000_000, "req_1");

    @Test
    void textIsToldInPiecesAndGatheredWhole() {
        delta("{\"role\":\"assistant\",\"content\":\"\"}");
        delta("{\"content\":\"Hel\"}");
        delta("{\"content\":\"lo 🚀\"}");
        finish("stop");
        usage("{\"prompt_tokens\":12,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":2}}");

        assertThat(done()).isEqualTo(Heard.END);
        assertThat(listener.heard()).containsExactly("text:Hel", "text:lo 🚀");
        assertThat(stream.outcome())
                .isEqualTo(new LlmOutcome.Completed(
                        List.of(new Content.Text("Hello 🚀")), "end_turn", new Usage(10, 5, 2, 0), "model-a"));
    }

    @Test
    void toolCallsAreKeptApartByIndexWhereverTheirPiecesCome() {
        delta(tool(0, "\"id\":\"c0\",", "\"name\":\"recall\",\"arguments\":\"\""));
        delta(tool(1, "\"id\":\"c1\",", "\"name\":\"learn\""));
        delta(tool(0, "", "\"arguments\":\"{\\\"q\\\":\""));
        delta(tool(1, "", "\"arguments\":\"{}\""));
        delta(tool(0, "", "\"arguments\":\"1}\""));
        finish("tool_calls");

        assertThat(completed().content())
                .containsExactly(
                        new Content.ToolUse("c0", "recall", "{\"q\":1}"), new Content.ToolUse("c1", "learn", "{}"));
        assertThat(completed().stopReason()).isEqualTo("tool_use");
        assertThat(listener.heard())
                .containsExactly(
                        "tool 2:c0:recall",
                        "tool 3:c1:learn",
                        "arguments 2:{\"q\":",
                        "arguments 3:{}",
                        "arguments 2:1}",
                        "end 2",
                        "end 3");
    }

    @Test
    void callsWithoutAnIndexAreToldApartByTheirIds() {
        delta("{\"tool_calls\":[{\"id\":\"c0\",\"function\":{\"name\":\"a\",\"arguments\":\"{\\\"x\\\":\"}}]}");
        delta("{\"tool_calls\":[{\"function\":{\"arguments\":\"1}\"}}]}");
        delta("{\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":\"a\",\"arguments\":\"\"}}]}");
        finish("stop"); // as some servers say although a tool is asked for

        assertThat(completed().content())
                .containsExactly(new Content.ToolUse("c0", "a", "{\"x\":1}"), new Content.ToolUse("c1", "a", "{}"));
        assertThat(completed().stopReason()).isEqualTo("tool_use");
    }

    @Test
    void argumentsThatComeBeforeTheNameWaitForIt() {
        delta(tool(0, "\"id\":\"c0\",", "\"arguments\":\"{\""));
        delta(tool(0, "", "\"name\":\"a\",\"arguments\":\"}\""));
        finish("tool_calls");

        assertThat(listener.heard()).containsExactly("tool 2:c0:a", "arguments 2:{}", "end 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[1]", "7", "{}x", "{\\\"q\\\":tru"})
    void malformedToolArgumentsBreakTheProtocol(String arguments) {
        delta(tool(0, "\"id\":\"c0\",", "\"name\":\"recall\",\"arguments\":\"" + arguments + "\""));
        finish("tool_calls");

        assertThat(failure().kind()).isEqualTo(Kind.PROTOCOL);
        assertThat(failure().message()).contains("recall");
        assertThat(listener.heard()).doesNotContain("end 2");
    }

    @Test
    void aToolCallCutOffAtTheAnswersLimitIsLeftOut() {
        delta("{\"content\":\"I look.\"}");
        delta(tool(0, "\"id\":\"c0\",", "\"name\":\"recall\",\"arguments\":\"{\\\"q\""));
        finish("length");

        assertThat(completed().content()).containsExactly(new Content.Text("I look."));
        assertThat(completed().stopReason()).isEqualTo("max_tokens");
    }

    @ParameterizedTest
    @CsvSource({
        "stop,end_turn",
        "length,max_tokens",
        "tool_calls,tool_use",
        "function_call,tool_use",
        "content_filter,refusal",
        "of_later_date,of_later_date"
    })
    void eachFinishReasonHasItsWord(String finishReason, String stopReason) {
        finish(finishReason);

        assertThat(completed().stopReason()).isEqualTo(stopReason);
    }

    @Test
    void aRefusalIsTheAnswersTextAndItsStopReason() {
        delta("{\"refusal\":\"I will \"}");
        delta("{\"refusal\":\"not.\"}");
        finish("stop");

        assertThat(completed().content()).containsExactly(new Content.Text("I will not."));
        assertThat(completed().stopReason()).isEqualTo("refusal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reasoning_content", "reasoning"})
    void reasoningIsKeptWithoutASignature(String field) {
        delta("{\"" + field + "\":\"hm \",\"content\":null}");
        delta("{\"" + field + "\":\"yes\"}");
        delta("{\"content\":\"Yes.\"}");
        finish("stop");

        assertThat(completed().content()).containsExactly(new Content.Thinking("hm yes", ""), new Content.Text("Yes."));
        assertThat(listener.heard()).containsExactly("reasoning:hm ", "reasoning:yes", "text:Yes.");
    }

    @Test
    void anAnswerWithItsFinishReasonIsWholeWithoutDone() {
        delta("{\"content\":\"a\"}");
        assertThat(stream.cut(CUT)).isEqualTo(new LlmOutcome.Failed(CUT, Usage.NONE, true));
        finish("stop");

        assertThat(stream.cut(CUT)).isInstanceOf(LlmOutcome.Completed.class);
        assertThat(stream.ended()).isFalse();
    }

    @Test
    void doneWithoutAFinishReasonIsACutStream() {
        delta("{\"content\":\"a\"}");

        assertThat(done()).isEqualTo(Heard.END);
        assertThat(failure().kind()).isEqualTo(Kind.STREAM_CUT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"code\":null}}|500",
                "{\"error\":{\"message\":\"m\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}|429",
                "{\"error\":{\"message\":\"m\",\"code\":502}}|502",
                "{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\",\"code\":null}}|400",
                "{\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\"}}|503",
                "{\"error\":\"m\"}|500",
                "{\"object\":\"error\",\"message\":\"m\",\"type\":\"BadRequestError\",\"code\":400}|400",
                "{\"error\":{\"message\":\"m\",\"code\":200}}|500"
            })
    void anErrorInTheStreamEndsItWithTheStatusThatItStandsFor(String json, int status) {
        delta("{\"content\":\"a\"}");

        assertThat(event(json)).isEqualTo(Heard.END);
        assertThat(failure())
                .extracting(LlmFailure::kind, LlmFailure::status, LlmFailure::requestId)
                .containsExactly(Kind.STREAM_ERROR, status, "req_1");
        assertThat(failure().message()).endsWith("m");
    }

    @Test
    void aSpentQuotaIsNotWorthAnotherAttempt() {
        event("{\"error\":{\"message\":\"m\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}");

        assertThat(failure().status()).isEqualTo(429);
        assertThat(failure().shouldRetry()).isFalse();
    }

    @Test
    void chunksThatBringNothingAreSignsOfLife() {
        assertThat(delta("{}")).isEqualTo(Heard.PING);
        assertThat(delta("{\"content\":\"\"}")).isEqualTo(Heard.PING);
        assertThat(event("{\"choices\":[],\"prompt_filter_results\":[{\"index\":0}]}"))
                .isEqualTo(Heard.PING);
        assertThat(delta("{\"content\":\"a\"}")).isEqualTo(Heard.PROGRESS);
    }

    @Test
    void unknownFieldsAndFurtherChoicesArePassedOver() {
        event(
                "{\"id\":1,\"x\":[{\"error\":1}],\"choices\":[7,{\"index\":0,\"delta\":{\"content\":\"a\",\"audio\":{\"id\":1}},"
                        + "\"logprobs\":{\"content\":[{\"token\":\"a\"}]},\"finish_reason\":null},"
                        + "{\"index\":1,\"delta\":{\"content\":\"b\"}}],\"error\":null,\"usage\":null}");
        finish("stop");

        assertThat(completed().content()).containsExactly(new Content.Text("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "[DONE", "{\"choices\":", "nonsense"})
    void whatIsNoChunkBreaksTheProtocol(String data) {
        assertThat(event(data)).isEqualTo(Heard.END);
        assertThat(failure().kind()).isEqualTo(Kind.PROTOCOL);
    }

    @Test
    void anAnswerThatGoesOnBehindItsFinishReasonBreaksTheProtocol() {
        finish("stop");
        delta("{\"content\":\"more\"}");

        assertThat(failure().kind()).isEqualTo(Kind.PROTOCOL);
    }

    @Test
    void anAnswerOverItsBoundEndsTheStream() {
        stream = new ChatStream(listener, 200, null);
        delta("{\"content\":\"" + "x".repeat(199) + "\"}");
        delta("{\"content\":\"ü\"}");

        assertThat(failure().kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        assertThat(listener.heard()).hasSize(1);

        stream = new ChatStream(listener, 200, null);
        for (int i = 0; !stream.ended(); i++) {
            delta(tool(i, "", ""));
        }
        assertThat(failure().kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
    }

    private static String tool(int index, String id, String function) {
        return "{\"tool_calls\":[{\"index\":" + index + "," + id + "\"function\":{" + function + "}}]}";
    }

    private Heard delta(String json) {
        return event(
                "{\"model\":\"model-a\",\"choices\":[{\"index\":0,\"delta\":" + json + ",\"finish_reason\":null}]}");
    }

    private void finish(String reason) {
        event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}");
    }

    private void usage(String json) {
        event("{\"choices\":[],\"usage\":" + json + "}");
    }

    private Heard done() {
        return event("[DONE]");
    }

    private Heard event(String data) {
        return stream.event("message", data.getBytes(StandardCharsets.UTF_8));
    }

    private LlmOutcome.Completed completed() {
        if (!stream.ended()) {
            done();
        }
        return (LlmOutcome.Completed) stream.outcome();
    }

    private LlmFailure failure() {
        return ((LlmOutcome.Failed) stream.outcome()).failure();
    }
}
