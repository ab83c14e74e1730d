package dev.noesis.chat;

import static dev.noesis.chat.CrashableChat.REQUESTS;
import static dev.noesis.chat.CrashableChat.start;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.MindEvent;
import dev.noesis.run.CrashableLane;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A barrier is appended again and again until the broker has it: also when its task is long gone. */
class LateBarrierTest {
    private final CrashableLane lane = CrashableChat.task(Map.of("chat.max.in.flight.per.agent", "1"));

    @Test
    void aTaskThatIsAliveTakesItsPartitionBackFromOneThatIsGone() {
        MindEvent late = lane.start().effects().announced.getFirst();
        lane.crash().startAndOwn();

        lane.append("~chat", late);
        lane.input(REQUESTS, "ada", start("t1", "r1", ""));
        lane.run();
        for (int i = 0; i < 60; i++) {
            lane.pass(1_000).fallBack();
        }

        assertThat(lane.calls()).containsExactly("r1/0");
        lane.answer("ada", "r1", "done");
        lane.input(REQUESTS, "ada", start("t2", "r2", ""));
        lane.run();
        assertThat(lane.calls()).as("the next run of its agent begins").containsExactly("r2/0");
        assertThat(lane.punctuators()).as("nothing waits").isZero();
    }

    /** Kafka Streams revives a task with the punctuators that it had, and nobody would hold them any more. */
    @Test
    void aTaskThatIsClosedLeavesNoPunctuatorBehind() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", ""));
        lane.run();
        lane.fail("ada", "r1", lane.clock() + 60_000);
        assertThat(lane.punctuators()).as("a call waits for its time").isEqualTo(1);

        lane.processor().close();

        assertThat(lane.punctuators()).isZero();
    }
}
