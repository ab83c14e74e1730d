package dev.noesis.demo;

import dev.noesis.model.Usage;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the server answers to one request, and how.
 *
 * @param blocks the content, in order; may be empty
 * @param stopReason null for what the content suggests: {@code tool_use} or {@code end_turn}
 * @param usage null for an estimate from the texts' lengths
 * @param fault null where all goes well
 */
record Reply(
        Pacing pacing,
        List<Block> blocks,
        @Nullable String stopReason,
        @Nullable Usage usage,
        @Nullable Fault fault) {

    Reply {
        blocks = List.copyOf(blocks);
    }

    /** The stop reason that is sent. */
    String effectiveStopReason() {
        if (stopReason != null) {
            return stopReason;
        }
        return blocks.stream().anyMatch(block -> block instanceof Block.Tool) ? "tool_use" : "end_turn";
    }

    /** What stands for the tokens of its blocks. */
    long words() {
        long words = 0;
        for (Block block : blocks) {
            words += switch (block) {
                case Block.Text text -> Pieces.count(text.text());
                case Block.Thinking thinking -> Pieces.count(thinking.text());
                case Block.Tool tool -> 8 + tool.input().toString().length() / 4;
            };
        }
        return words;
    }

    sealed interface Block {
        record Thinking(String text) implements Block {}

        record Text(String text) implements Block {}

        record Tool(String name, ObjectNode input) implements Block {}
    }

    /**
     * How fast an answer comes.
     *
     * @param headers from the request to the response's headers
     * @param firstToken from the headers to the first delta
     * @param tokensPerSecond deltas in a second; 0 for as fast as the client reads
     * @param chunk characters of a delta; 0 for one word
     * @param pings between one ping event and the next; null for a single ping at the start
     */
    record Pacing(
            Duration headers,
            Duration firstToken,
            double tokensPerSecond,
            int chunk,
            @Nullable Duration pings) {
        /** For an answer sent whole: the wait for its first token becomes that for all of them. */
        Pacing atOnce(long deltas) {
            long writing = tokensPerSecond > 0 ? (long) (1e9 * deltas / tokensPerSecond) : 0;
            return new Pacing(headers.plus(firstToken).plusNanos(writing), Duration.ZERO, 0, 0, null);
        }

        static final Pacing INSTANT = new Pacing(Duration.ZERO, Duration.ZERO, 0, 0, null);
    }
}
