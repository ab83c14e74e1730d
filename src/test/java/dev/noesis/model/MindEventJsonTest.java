package dev.noesis.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Schedules;
import dev.noesis.model.MindEvent.Body;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** Every kind of event comes back from JSON as it was, whatever else later versions may have put beside it. */
class MindEventJsonTest {
    private static final Usage USAGE = new Usage(1, 2, 3, 4);
    private static final Attempt ATTEMPT = new Attempt(Long.MAX_VALUE, 3);
    private static final RunSpec FULL = new RunSpec(
            1,
            2,
            3,
            4,
            "model",
            5,
            6L,
            List.of("recall"),
            "recall",
            List.of("Answer in verse."),
            List.of(new RunSpec.ContextItem("the page", "about cats")),
            "parent",
            "tick",
            "00-1-2-00");
    private static final RunSpec BARE =
            new RunSpec(1, 2, 3, 4, null, null, null, List.of(), null, List.of(), List.of(), null, null, null);
    private static final List<Content> CONTENT = List.of(
            new Content.Thinking("hm", "signature"),
            new Content.RedactedThinking("x"),
            new Content.Text("schön \uD83D\uDE00 \u0000 \u2028 \uD83D"),
            new Content.ToolUse("id", "recall", "{\"query\":\"x\"}"),
            new Content.ToolResult("id", "text", true));

    private static final MemoryWrite DECISION =
            new MemoryWrite.RecordDecision("d", "w", "y", 0.7, MemoryWrite.Stakes.CRITICAL, "c");
    private static final MemoryWrite REVIEW =
            new MemoryWrite.ReviewDecision("d", MemoryWrite.Verdict.PARTIAL, "half of it");

    static Stream<Body> bodies() {
        return Stream.of(
                new MindEvent.RunOpened(FULL, List.of(Message.user("m", "hello")), 7),
                new MindEvent.RunOpened(BARE, List.of(), -1),
                new MindEvent.StepCompleted(
                        1, ATTEMPT, 2, CONTENT, "tool_use", USAGE, "model", 9, "anthropic", "primary"),
                new MindEvent.StepFailed(1, ATTEMPT, 2, ErrorCode.MODEL_UNAVAILABLE, "503", 99L, USAGE, 9),
                new MindEvent.StepFailed(1, ATTEMPT, 2, ErrorCode.INTERNAL, "bug", null, USAGE, 9),
                new MindEvent.ToolCompleted(
                        1,
                        "id",
                        "learn_fact",
                        "ok",
                        false,
                        List.of(
                                new MemoryWrite.LearnFact("s", "t", 0.1),
                                new MemoryWrite.DecideFinding("f", MemoryWrite.Action.DEFER, null)),
                        true),
                new MindEvent.ToolCompleted(1, "id", "record_decision", "ok", false, List.of(DECISION, REVIEW), false),
                new MindEvent.RunCancelled("why"),
                new MindEvent.RunExpired(5),
                new MindEvent.FindingsRaised(
                        "tick",
                        List.of(
                                new Finding("f", "signals", "mail", "s", Finding.Urgency.HIGH, true, "{\"a\":[1]}"),
                                new Finding("g", "signals", "mail", "s", Finding.Urgency.LOW, false, null)),
                        7L),
                new MindEvent.FindingsRaised(
                        "tick",
                        List.of(),
                        7L,
                        List.of(new CheckReport("disk", CheckReport.Status.TIMED_OUT, 0, 9, 5, true, "no answer")),
                        true,
                        List.of(new CheckTuning("disk", 8L, 9L), new CheckTuning("health", null, null))),
                new MindEvent.AgentDeleted("asked for", 4L),
                new MindEvent.ScheduleSet(
                        Schedules.in("Europe/Paris", Schedules.between("08:00", "20:00", Schedules.every("PT30M"))),
                        3L,
                        9L),
                new MindEvent.ScheduleSet(
                        Schedules.looking(
                                Schedules.every("PT30M"),
                                new Schedule.CheckPlan("signals", null),
                                new Schedule.CheckPlan("failures", 600_000L)),
                        3L,
                        9L),
                new MindEvent.FindingReacted("f", Reaction.DISMISS, 8L, "why", 3L, 9L),
                new MindEvent.FindingReacted("f", Reaction.ACKNOWLEDGE, null, null, null, null),
                new MindEvent.CheckTuned("disk", 8L, false, true, 3L, 9L),
                new MindEvent.CheckTuned("disk", null, true, null, null, null),
                new MindEvent.Barrier("incarnation", 1, 2, 3),
                new MindEvent.Handover(List.of(new MindEvent.CallRef("ada", "r", 0, null)), 30_000),
                new MindEvent.Checkpoint(1, "aa", "bb", 2),
                new MindEvent.Republished("chat.requests", 4));
    }

    @Test
    void everyKindOfBodyIsTriedHere() {
        Set<Class<?>> tried = bodies().map(Object::getClass).collect(Collectors.toSet());

        assertThat(tried).containsExactlyInAnyOrder(Body.class.getPermittedSubclasses());
    }

    @Test
    void everyKindOfMemoryWriteIsTriedHere() {
        Set<Class<?>> tried = bodies().filter(MindEvent.ToolCompleted.class::isInstance)
                .flatMap(body -> ((MindEvent.ToolCompleted) body).writes().stream())
                .map(Object::getClass)
                .collect(Collectors.toSet());

        assertThat(tried).containsExactlyInAnyOrder(MemoryWrite.class.getPermittedSubclasses());
    }

    /** A build that does not know a write must stop at the event that brings it. */
    @Test
    void aToolsResultNeedsTheVersionOfTheLatestOfItsWrites() {
        MemoryWrite fact = new MemoryWrite.LearnFact("s", "t", 0.1);

        assertThat(versionOf()).isEqualTo(1);
        assertThat(versionOf(fact)).isEqualTo(1);
        assertThat(versionOf(fact, DECISION)).isEqualTo(3);
        assertThat(versionOf(REVIEW, fact)).isEqualTo(3);
    }

    @Test
    void aTickThatHasAnythingNewNeedsTheVersionThatBroughtIt() {
        assertThat(new MindEvent.FindingsRaised("tick", List.of(), 7L).since()).isEqualTo(1);
        assertThat(new MindEvent.FindingsRaised(
                                "tick", List.of(), 7L, null, null, List.of(new CheckTuning("disk", 8L, null)))
                        .since())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void anEventComesBackAsItWas(Body body) {
        MindEvent event = full(body);

        byte[] json = Json.write(event);

        assertThat(Json.read(json, MindEvent.class)).isEqualTo(event);
        assertThat(Json.write(Json.read(json, MindEvent.class))).isEqualTo(json);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void theLeastOfAnEventComesBackAsItWas(Body body) {
        MindEvent event = new MindEvent(1, "id", 0, Lane.HEARTBEAT, null, null, Origin.TOOL, null, body);

        assertThat(Json.read(Json.write(event), MindEvent.class)).isEqualTo(event);
        assertThat(Json.tree(Json.write(event)).propertyNames())
                .containsExactlyInAnyOrder("version", "eventId", "at", "lane", "origin", "type", "body");
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void theTypeStandsBesideTheBody(Body body) {
        assertThat(Json.tree(Json.write(full(body))).path("type").asString())
                .isEqualTo(body.getClass().getSimpleName());
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void fieldsOfLaterDateArePassedOver(Body body) {
        MindEvent event = full(body);
        ObjectNode later = (ObjectNode) Json.tree(Json.write(event));
        later.putObject("invented").put("a", 1);
        ((ObjectNode) later.path("body")).put("invented", "b");
        ((ObjectNode) later.path("origin")).putArray("invented");

        assertThat(Json.read(Json.write(later), MindEvent.class)).isEqualTo(event);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void errorCodesAreWrittenSmall(ErrorCode code) {
        String json = new String(Json.write(code), UTF_8);

        assertThat(json).isLowerCase().isEqualTo("\"" + code.id() + "\"");
        assertThat(Json.read(json.getBytes(UTF_8), ErrorCode.class)).isEqualTo(code);
    }

    @Test
    void anAttemptIsAPairOfNumbers() {
        assertThat(new String(Json.write(new Attempt(5, 2)), UTF_8)).isEqualTo("[5,2]");
    }

    @Test
    void attemptsAreOrderedByBarrierThenByNumber() {
        assertThat(Stream.of(new Attempt(2, 0), new Attempt(1, 9), Attempt.NONE, new Attempt(2, 1), new Attempt(0, 0))
                        .sorted())
                .containsExactly(
                        Attempt.NONE, new Attempt(0, 0), new Attempt(1, 9), new Attempt(2, 0), new Attempt(2, 1));
    }

    private static int versionOf(MemoryWrite... writes) {
        Body body = new MindEvent.ToolCompleted(0, "c", "tool", "ok", false, List.of(writes), false);
        return new MindEvent("id", 0, Lane.CHAT, "r", "t", Origin.TOOL, null, body).version();
    }

    private static MindEvent full(Body body) {
        return new MindEvent(1, "id", 1_800_000_000_000L, Lane.CHAT, "r", "t", Origin.USER, "stamp", body);
    }
}
