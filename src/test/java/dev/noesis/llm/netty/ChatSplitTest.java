package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RecordingListener;
import dev.noesis.llm.Requests;
import dev.noesis.llm.openai.ChatFormat;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A stream of chunks gives the same answer wherever the network cuts it. */
class ChatSplitTest {
    private static final byte[] STREAM = """
            : a comment

            data: {"id":"c","model":"model-a","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

            data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm 日本"}}],"usage":null}

            data: {"choices":[{"index":0,"delta":{"content":"naïve € 🚀\\n"}}]}

            data:{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c0","function":{"name":"a","arguments":""}}]}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"ü\\":1}"}}]}}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}

            data: [DONE]

            """.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);

    @Test
    void itGivesTheSameAnswerWhereverItIsCutInTwo() {
        LlmOutcome whole = answer(List.of(STREAM.length));
        assertThat(whole)
                .isEqualTo(new LlmOutcome.Completed(
                        List.of(
                                new Content.Thinking("hm 日本", ""),
                                new Content.Text("naïve € 🚀\n"),
                                new Content.ToolUse("c0", "a", "{\"ü\":1}")),
                        "tool_use",
                        new Usage(9, 4, 0, 0),
                        "model-a"));

        for (int at = 0; at <= STREAM.length; at++) {
            assertThat(answer(List.of(at, STREAM.length))).as("cut at %d", at).isEqualTo(whole);
        }
    }

    @Test
    void itGivesTheSameAnswerInAnyPieces() {
        LlmOutcome whole = answer(List.of(STREAM.length));
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<Integer> ends = new ArrayList<>();
            for (int end = 0; end < STREAM.length; ) {
                end = Math.min(STREAM.length, end + 1 + random.nextInt(40));
                ends.add(end);
            }
            assertThat(answer(ends)).as("seed %d", seed).isEqualTo(whole);
        }
    }

    private static LlmOutcome answer(List<Integer> ends) {
        AnswerStream stream =
                new ChatFormat(Requests.openai()).answer(new RecordingListener(), 100_000, header -> null);
        SseParser parser = new SseParser(stream::event);
        int from = 0;
        for (int end : ends) {
            parser.read(Unpooled.wrappedBuffer(STREAM, from, end - from));
            from = end;
        }
        return stream.outcome();
    }
}
