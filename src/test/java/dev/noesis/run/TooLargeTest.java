package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.MemoryWrite.LearnFact;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.Body;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TooLargeTest {
    private static final Writer CHAT = Writer.chat("c1");
    private static final String HUGE = "x".repeat(9_000_000);
    private static final Usage USAGE = new Usage(7, 5, 0, 0);
    private static final Attempt ATTEMPT = new Attempt(4, 1);

    static Stream<MindEvent> huge() {
        return Stream.of(
                CHAT.opened("r1", "t1", HUGE),
                event(new StepCompleted(
                        2,
                        ATTEMPT,
                        3,
                        List.of(new Content.Text(HUGE)),
                        "end_turn",
                        USAGE,
                        "model",
                        17,
                        "anthropic",
                        "primary")),
                event(new StepFailed(2, ATTEMPT, 3, ErrorCode.INTERNAL, HUGE, 8L, USAGE, 17)),
                event(new ToolCompleted(2, "c", "learn_fact", HUGE, false, List.of(), true)),
                event(new ToolCompleted(2, "c", "learn_fact", "", false, List.of(new LearnFact("s", HUGE, 1)), true)),
                event(new RunCancelled(HUGE)),
                event(new FindingsRaised("tick", List.of(finding("f", HUGE)), 7L)),
                event(new FindingsRaised(
                        "tick",
                        IntStream.range(0, 30_000)
                                .mapToObj(i -> finding("f" + i, "y".repeat(300)))
                                .toList(),
                        7L)),
                event(new AgentDeleted(HUGE, 8L)),
                event(new Handover(
                        IntStream.range(0, 100_000)
                                .mapToObj(i -> new CallRef("agent" + i, "r".repeat(90), 0, null))
                                .toList(),
                        500)));
    }

    @ParameterizedTest
    @MethodSource("huge")
    void whatTakesItsPlaceIsSmallHasItsNameAndCannotBeMadeSmaller(MindEvent event) {
        assertThat(Json.write(event)).hasSizeGreaterThan(8 << 20);

        MindEvent small = TooLarge.instead(event, "c1");

        assertThat(Json.write(small)).hasSizeLessThan(1 << 20);
        assertThat(small.eventId()).isEqualTo(event.eventId());
        assertThat(small.runId()).isEqualTo(event.runId());
        assertThat(small.threadId()).isEqualTo(event.threadId());
        assertThat(small.stamp()).isEqualTo(small.isDecision() ? "c1" : null);
        assertThat(TooLarge.instead(small, "c1"))
                .satisfiesAnyOf(
                        again -> assertThat(again).isNull(),
                        again -> assertThat(again.body().getClass())
                                .isNotEqualTo(small.body().getClass()),
                        again -> assertThat(Json.write(again).length).isLessThanOrEqualTo(Json.write(small).length));
    }

    @Test
    void anAnswerFailsItsStepAndIsCharged() {
        MindEvent answer = event(new StepCompleted(
                2,
                ATTEMPT,
                3,
                List.of(new Content.Text("hi")),
                "end_turn",
                USAGE,
                "model",
                17,
                "anthropic",
                "primary"));

        StepFailed failed = (StepFailed) instead(answer);

        assertThat(failed)
                .isEqualTo(
                        new StepFailed(2, ATTEMPT, 3, ErrorCode.ANSWER_TOO_LARGE, failed.message(), null, USAGE, 17));
    }

    @Test
    void aToolsAnswerIsAnErrorForTheModelAndItsWritesAreRefused() {
        MindEvent answer = event(new ToolCompleted(
                2, "c", "learn_fact", "Remembered", false, List.of(new LearnFact("s", "f", 1)), true));

        ToolCompleted told = (ToolCompleted) instead(answer);

        assertThat(told.text()).startsWith("answer_too_large").contains("memory", "nothing of it was kept");
        assertThat(told.isError()).isTrue();
        assertThat(told.writes()).isEmpty();
        assertThat(told.endsRun()).isFalse();
        assertThat(told.callId()).isEqualTo("c");
    }

    @Test
    void aRunThatCannotBeOpenedIsCancelledAndSaysWhy() {
        assertThat(instead(CHAT.opened("r1", "t1", "hello")))
                .isEqualTo(new RunCancelled("the request is larger than a record of the log may be"));
    }

    @Test
    void findingsKeepTheirNames() {
        FindingsRaised raised = (FindingsRaised) instead(
                event(new FindingsRaised("tick", List.of(finding("f1", HUGE), finding("f2", "short")), 7L)));

        assertThat(raised.tickId()).isEqualTo("tick");
        assertThat(raised.findings()).extracting(Finding::fingerprint).containsExactly("f1", "f2");
        assertThat(raised.findings().get(1).summary()).isEqualTo("short");
    }

    @Test
    void whatIsSmallAnywayHasNothingToTakeItsPlace() {
        assertThat(TooLarge.instead(CHAT.barrier(), null)).isNull();
        assertThat(TooLarge.instead(CHAT.expired("r1", "t1"), "c1")).isNull();
        assertThat(TooLarge.instead(CHAT.cancelled("r1", "t1"), "c1")).isNull();
        assertThat(TooLarge.instead(CHAT.checkpoint(5), null)).isNull();
    }

    private static Body instead(MindEvent event) {
        MindEvent small = TooLarge.instead(event, "c1");
        assertThat(small).isNotNull();
        return small.body();
    }

    private static Finding finding(String fingerprint, String summary) {
        return new Finding(fingerprint, "check", "source", summary, Finding.Urgency.LOW, false, "{}");
    }

    private static MindEvent event(Body body) {
        MindEvent any = CHAT.cancelled("r1", "t1");
        MindEvent event =
                new MindEvent(any.version(), "r1/x", 1, any.lane(), "r1", "t1", any.origin(), any.stamp(), body);
        return event.isDecision() ? event : event.stamped(null, 1);
    }
}
