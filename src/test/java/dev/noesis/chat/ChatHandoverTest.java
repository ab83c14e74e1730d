package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.replies;
import static dev.noesis.chat.ChatRequests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.run.Effects;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tool calls that an owner leaves to finish. */
class ChatHandoverTest {
    @TempDir
    private Path stateDir;

    @Test
    void aToolCallThatWasHandedOverIsMadeAgainOnlyAfterItsTime() {
        TestLane first = acting();
        try (TestLane second = first.stop(5_000)) {
            second.advance(Duration.ofMillis(1_200));
            assertThat(second.effects.toolCalls).isEmpty();
            second.advance(Duration.ofSeconds(2));

            Effects.ToolCall again = second.effects.toolCalls.element();
            assertThat(second.effects.toolDelays).containsEntry(again.effectKey(), 1_800L);
        }
    }

    @Test
    void aToolCallThatDiedWithItsTaskIsMadeAgainAtOnce() {
        TestLane first = acting();
        try (TestLane second = first.crash()) {
            second.settle();

            Effects.ToolCall again = second.effects.toolCalls.element();
            assertThat(second.effects.toolDelays).containsEntry(again.effectKey(), 0L);
        }
    }

    @Test
    void aToolCallThatTheLeavingOwnerFinishesIsNotMadeAgain() throws InterruptedException {
        TestLane first = acting();
        Effects.ToolCall left = first.effects.toolCalls.element();
        try (TestLane second = first.stop(5_000)) {
            second.settle();
            second.callTool(left);

            assertThat(second.effects.toolCalls).isEmpty();
            second.answer("end_turn", new Content.Text("done"));
            assertThat(replies(second)).containsExactly("r1 success");
            assertThat(second.outbox()).isEmpty();
        }
    }

    private TestLane acting() {
        TestLane lane = TestLane.chat(stateDir);
        lane.read(REQUESTS, request("r1"));
        lane.answer("tool_use", new Content.ToolUse("c1", "recall", "{\"query\":\"tea\"}"));
        assertThat(lane.effects.toolCalls).hasSize(1);
        return lane;
    }
}
