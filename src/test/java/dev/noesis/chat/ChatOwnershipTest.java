package dev.noesis.chat;

import static dev.noesis.chat.ChatRequests.REQUESTS;
import static dev.noesis.chat.ChatRequests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.testing.TestLane;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a task folds before it owns its partition was let begin by others, and is none of its own to give back. */
class ChatOwnershipTest {
    @TempDir
    private Path stateDir;

    @Test
    void runsThatEndAndBeginBeforeTheBarrierLeaveTheAgentNoMoreThanItsShare() {
        TestLane first = TestLane.chat(stateDir, "chat.max.in.flight.per.agent=2");
        first.read(REQUESTS, request("t1", "r1"));
        first.read(REQUESTS, request("t2", "r2"));
        TestLane.Snapshot before = first.snapshot();
        first.answer("end_turn", new Content.Text("done"));
        first.read(REQUESTS, request("t3", "r3"));
        assertThat(first.thinking()).containsExactly("r2", "r3");
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.takeAgain();
            second.read(REQUESTS, request("t4", "r4"));

            assertThat(second.thinking()).containsExactlyInAnyOrder("r2", "r3");
        }
    }
}
