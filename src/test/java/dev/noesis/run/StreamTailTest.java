package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Folded;
import dev.noesis.mind.Run;
import dev.noesis.mind.Specs;
import dev.noesis.mind.TestLog;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The events that follow from the log go on where the attempt that won has stopped: every attempt used 0 to 6. */
class StreamTailTest {
    private static final Writer CHAT = Writer.chat("c1");
    private static final Attempt A0 = new Attempt(0, 0);
    private static final Attempt A1 = new Attempt(0, 1);

    private final TestLog log = new TestLog();

    @BeforeEach
    void aRunHasBegun() {
        log.append(CHAT.barrier());
        assertThat(after(CHAT.opened("r1", "t1", "hello"))).isEmpty();
    }

    @Test
    void anAnswerEndsItsStepAndTheRun() {
        assertThat(after(CHAT.answered("r1", 0, A0, "hi")))
                .containsExactly("7 STEP_FINISHED 0.0", "8 RUN_FINISHED 0.0");
    }

    @Test
    void toolResultsAreNumberedAsTheyComeAndTheStepEndsWithTheLast() {
        assertThat(after(CHAT.asked("r1", 0, A0, "a", "b"))).isEmpty();
        assertThat(after(CHAT.tool("r1", 0, "b", "found"))).containsExactly("7 TOOL_CALL_RESULT 0.0");
        assertThat(after(CHAT.tool("r1", 0, "a", "found")))
                .containsExactly("8 TOOL_CALL_RESULT 0.0", "9 STEP_FINISHED 0.0");
        assertThat(after(CHAT.answered("r1", 1, A1, "hi")))
                .containsExactly("7 STEP_FINISHED 0.1", "8 RUN_FINISHED 0.1");
    }

    @Test
    void aToolThatEndsTheRunEndsItsStreamGapless() {
        after(CHAT.asked("r1", 0, A0, "a"));

        assertThat(after(CHAT.tool("r1", 0, "a", "noted", true)))
                .containsExactly("7 TOOL_CALL_RESULT 0.0", "8 STEP_FINISHED 0.0", "9 RUN_FINISHED 0.0");
    }

    @Test
    void aStepToBeTriedLaterSaysNothing() {
        assertThat(after(CHAT.failed("r1", 0, A0, 99L))).isEmpty();
    }

    @Test
    void aFailureEndsTheRunBehindWhatItsLastAttemptSaid() {
        assertThat(after(CHAT.failed("r1", 0, A0, null))).containsExactly("3 RUN_ERROR 0.0");
    }

    @Test
    void aCancelAndADeadlineBelongToNoAttempt() {
        after(CHAT.asked("r1", 0, A0, "a"));
        assertThat(after(CHAT.cancelled("r1", "t1"))).containsExactly("null RUN_FINISHED null");

        after(CHAT.opened("r2", "t1", "hello"));
        assertThat(after(CHAT.expired("r2", "t1"))).containsExactly("null RUN_ERROR null");
    }

    @Test
    void aRunThatNeverBeganEndsAsWell() {
        assertThat(after(CHAT.cancelled("r9", "t9"))).containsExactly("null RUN_FINISHED null");
        assertThat(after(CHAT.expired("r8", "t9"))).containsExactly("null RUN_ERROR null");
    }

    @Test
    void theStepLimitIsAnErrorOfTheAttemptThatReachedIt() {
        after(CHAT.opened("r2", "t2", "hello", Specs.steps(1)));

        assertThat(after(CHAT.asked("r2", 0, A0, "a"))).containsExactly("7 STEP_FINISHED 0.0", "8 RUN_ERROR 0.0");
    }

    @Test
    void anEventSaysWhoWhereAndWhich() {
        log.append(CHAT.asked("r1", 0, A0, "a"));
        Run before = log.run("r1");
        log.append(CHAT.tool("r1", 0, "a", "found"));

        StreamEvent result = StreamTail.after(TestLog.ADA, before, log.run("r1"), CHAT.tool("r1", 0, "a", "found"))
                .getFirst();

        assertThat(Json.tree(result.json(5))).isEqualTo(Json.tree("""
                {"type":"TOOL_CALL_RESULT","timestamp":5,"threadId":"t1","runId":"r1","messageId":"r1/0/a",\
                "toolCallId":"a","role":"tool","content":"found",\
                "metadata":{"noesis":{"runId":"r1","step":0,"attempt":[0,0],"seq":7}}}"""));
        assertThat(result.id()).isEqualTo("r1/0.0/7");
        assertThat(result.traceparent()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    }

    private List<String> after(MindEvent event) {
        Folded folded = log.append(event);
        List<String> events = new ArrayList<>();
        if (folded instanceof Folded.RunMoved moved) {
            StreamTail.after(TestLog.ADA, moved.before(), moved.after(), event)
                    .forEach(e -> events.add(e.seq() + " " + e.type() + " " + e.attempt()));
        }
        return events;
    }
}
