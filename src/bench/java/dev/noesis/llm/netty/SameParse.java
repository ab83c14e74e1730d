package dev.noesis.llm.netty;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.anthropic.MessagesFormat;
import dev.noesis.llm.wire.AnswerStream;
import io.netty.buffer.ByteBuf;

/** Our parser of event streams and answers without the rest of our client: for the peers that bring none of their own. */
public final class SameParse implements SseParser.Events {
    private static final int MAX_ANSWER_BYTES = 4_194_304;

    private final SseParser lines = new SseParser(this);
    private final AnswerStream answer;

    public SameParse(LlmListener listener) {
        answer = new MessagesFormat("2023-06-01", RequestConfig.of(RequestConfig.Provider.ANTHROPIC))
                .answer(listener, MAX_ANSWER_BYTES, _ -> null);
    }

    /** Reads the next piece of the response's body, which stays the caller's. */
    public void read(ByteBuf content) {
        lines.read(content);
    }

    @Override
    public void event(String name, byte[] data) {
        if (!answer.ended()) {
            answer.event(name, data);
        }
    }

    /** How a response ended that brought no more than was read. */
    public LlmOutcome end() {
        return answer.cut(LlmFailure.of(Kind.STREAM_CUT, "the stream ended without its last event"));
    }
}
