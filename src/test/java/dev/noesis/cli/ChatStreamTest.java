package dev.noesis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.cli.ChatUpdate.Duplicate;
import dev.noesis.cli.ChatUpdate.Restarted;
import dev.noesis.cli.ChatUpdate.ToolCalled;
import dev.noesis.cli.ChatUpdate.ToolReturned;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ChatStreamTest {
    private final ChatStream stream = new ChatStream();

    @Test
    void deltasComeOutInTheirOrder() {
        assertThat(fold(text(0, 5, 0, 1, "Hel"), text(0, 5, 0, 2, "lo")))
                .containsExactly(shown(0, "Hel"), shown(0, "lo"));
    }

    @Test
    void aSeqThatWasSeenIsSkipped() {
        assertThat(fold(
                        text(0, 5, 0, 1, "a"),
                        text(0, 5, 0, 2, "b"),
                        text(0, 5, 0, 1, "a"),
                        text(0, 5, 0, 2, "b"),
                        text(0, 5, 0, 3, "c")))
                .containsExactly(shown(0, "a"), shown(0, "b"), shown(0, "c"));
    }

    @Test
    void aGapIsPassedOver() {
        assertThat(fold(text(0, 5, 0, 1, "a"), text(0, 5, 0, 7, "b"))).containsExactly(shown(0, "a"), shown(0, "b"));
    }

    @Test
    void aHigherAttemptVoidsWhatWasShown() {
        assertThat(fold(text(0, 5, 0, 1, "old"), text(0, 9, 0, 0, "new")))
                .containsExactly(shown(0, "old"), new Restarted(0), shown(0, "new"));
    }

    @Test
    void aHigherAttemptVoidsNothingWhereNothingWasShown() {
        assertThat(fold(event(0, 5, 0, 0, "RUN_STARTED", ""), text(0, 5, 1, 0, "new")))
                .containsExactly(shown(0, "new"));
    }

    @Test
    void attemptsAreOrderedByBarrierAndThenByCount() {
        assertThat(fold(
                        text(0, 10, 2, 0, "a"),
                        text(0, 9, 7, 0, "lower barrier"),
                        text(0, 10, 1, 0, "lower count"),
                        text(0, 10, 10, 0, "b")))
                .containsExactly(shown(0, "a"), new Restarted(0), shown(0, "b"));
    }

    @Test
    void lateEventsOfALowerAttemptAreLeftOut() {
        assertThat(fold(
                        text(0, 9, 0, 0, "new"),
                        text(0, 5, 0, 0, "old"),
                        text(0, 5, 0, 1, "er"),
                        text(0, 9, 0, 1, "er")))
                .containsExactly(shown(0, "new"), shown(0, "er"));
    }

    @Test
    void stepsAreIndependent() {
        assertThat(fold(text(0, 5, 0, 0, "one"), text(1, 5, 1, 0, "two"), text(1, 6, 0, 0, "again")))
                .containsExactly(shown(0, "one"), shown(1, "two"), new Restarted(1), shown(1, "again"));
    }

    @Test
    void aToolCallIsShownWholeAndItsResultContinuesTheAttempt() {
        assertThat(fold(
                        event(0, 5, 0, 0, "TOOL_CALL_START", "\"toolCallId\":\"c\",\"toolCallName\":\"recall\""),
                        event(0, 5, 0, 1, "TOOL_CALL_ARGS", "\"toolCallId\":\"c\",\"delta\":\"{\\\"q\\\":\""),
                        event(0, 5, 0, 2, "TOOL_CALL_ARGS", "\"toolCallId\":\"c\",\"delta\":\"1}\""),
                        event(0, 5, 0, 3, "TOOL_CALL_END", "\"toolCallId\":\"c\""),
                        event(0, 5, 0, 4, "TOOL_CALL_RESULT", "\"toolCallId\":\"c\",\"content\":\"none\"")))
                .containsExactly(new ToolCalled(0, "c", "recall", "{\"q\":1}"), new ToolReturned(0, "c", "none"));
    }

    @Test
    void aToolCallOfAnAttemptThatWasVoidedIsForgotten() {
        assertThat(fold(
                        event(0, 5, 0, 0, "TOOL_CALL_START", "\"toolCallId\":\"c\",\"toolCallName\":\"recall\""),
                        event(0, 6, 0, 0, "TOOL_CALL_END", "\"toolCallId\":\"c\"")))
                .isEmpty();
    }

    @Test
    void aKnownRunIsToldOf() {
        assertThat(fold(
                        "{\"type\":\"CUSTOM\",\"name\":\"noesis.duplicate\",\"value\":{\"state\":\"ended\",\"outcome\":\"success\"}}",
                        "{\"type\":\"CUSTOM\",\"name\":\"noesis.duplicate\",\"value\":{\"state\":\"thinking\"}}",
                        "{\"type\":\"CUSTOM\",\"name\":\"other\"}"))
                .containsExactly(new Duplicate("ended", "success"), new Duplicate("thinking", null));
    }

    @Test
    void whatHasNoPlaceOrNoShapeIsLeftOut() {
        assertThat(fold(
                        "{}",
                        "[]",
                        "{\"type\":\"TEXT_MESSAGE_CONTENT\",\"delta\":\"x\"}",
                        "{\"type\":\"TEXT_MESSAGE_CONTENT\",\"delta\":\"x\",\"metadata\":{\"noesis\":{\"attempt\":[1],\"seq\":0}}}",
                        "{\"type\":\"TEXT_MESSAGE_CONTENT\",\"delta\":\"x\",\"metadata\":{\"noesis\":{\"attempt\":[1,2]}}}",
                        "{\"type\":7,\"metadata\":{\"noesis\":{\"attempt\":[1,2],\"seq\":0}}}"))
                .isEmpty();
    }

    /** Two attempts' streams, each in order, mixed and repeated in any way: the higher one's text is what remains. */
    @RepeatedTest(50)
    void whateverTheMixTheHighestAttemptsTextRemains() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var lower = new ArrayList<String>();
        var higher = new ArrayList<String>();
        for (int seq = 0; seq < 20; seq++) {
            lower.add(text(0, 5, 0, seq, "x"));
            higher.add(text(0, 6, 0, seq, "" + (char) ('a' + seq)));
        }
        var mixed = new ArrayList<String>();
        var remaining = List.of(new ArrayList<>(lower), new ArrayList<>(higher));
        while (remaining.stream().anyMatch(r -> !r.isEmpty())) {
            var from = remaining.get(random.nextInt(2));
            if (!from.isEmpty()) {
                mixed.add(from.removeFirst());
                // a repeated record comes behind its first
                for (int repeats = random.nextInt(3); repeats > 0; repeats--) {
                    mixed.add(mixed.get(random.nextInt(mixed.size())));
                }
            }
        }

        var text = new StringBuilder();
        for (ChatUpdate update : fold(mixed.toArray(String[]::new))) {
            switch (update) {
                case ChatUpdate.Text shown -> text.append(shown.delta());
                case Restarted restarted -> text.setLength(0);
                default -> throw new AssertionError(update);
            }
        }
        assertThat(text).as("seed %d", seed).hasToString("abcdefghijklmnopqrst");
        assertThat(Collections.frequency(mixed, higher.get(0))).isPositive();
    }

    private List<ChatUpdate> fold(String... events) {
        var updates = new ArrayList<ChatUpdate>();
        for (String event : events) {
            JsonNode tree = Json.tree(event);
            updates.addAll(stream.fold(tree));
        }
        return updates;
    }

    private static ChatUpdate shown(int step, String delta) {
        return new ChatUpdate.Text(step, delta);
    }

    private static String text(int step, long barrier, long n, long seq, String delta) {
        return event(step, barrier, n, seq, "TEXT_MESSAGE_CONTENT", "\"messageId\":\"m\",\"delta\":\"" + delta + "\"");
    }

    private static String event(int step, long barrier, long n, long seq, String type, String fields) {
        return """
                {"type":"%s","threadId":"t","runId":"r",%s
                 "metadata":{"noesis":{"runId":"r","step":%d,"attempt":[%d,%d],"seq":%d}}}
                """.formatted(type, fields.isEmpty() ? "" : fields + ",", step, barrier, n, seq);
    }
}
