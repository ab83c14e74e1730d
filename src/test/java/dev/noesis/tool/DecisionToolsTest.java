package dev.noesis.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Decisions;
import dev.noesis.mind.Memory.Decision;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.model.MemoryWrite.Verdict;
import dev.noesis.model.ToolSpec;
import dev.noesis.serde.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a model records what it decides, and says how that turned out. */
class DecisionToolsTest {
    private static final List<String> BOTH = List.of("record_decision", "review_decision");
    private static final String MOVE =
            "{'what':'move','why':'the rent','confidence':0.6,'stakes':'high','category':'home'}";

    private final Dispatcher dispatcher = new Dispatcher(List.of(new RecordDecision(), new ReviewDecision()));

    @Test
    void aDecisionIsRecordedUnderAnIdThatTheModelIsTold() throws Exception {
        Tool.Result result = call("record_decision", MOVE, "r1/0/c1");

        assertThat(result.isError()).isFalse();
        assertThat(result.endsRun()).isFalse();
        String id = recorded(result).decisionId();
        assertThat(id).matches("d-[0-9a-f]{12}");
        assertThat(result.writes())
                .containsExactly(new MemoryWrite.RecordDecision(id, "move", "the rent", 0.6, Stakes.HIGH, "home"));
        assertThat(result.text()).isEqualTo("Recorded as decision " + id + ".");
    }

    @Test
    void theIdIsTheCallsOwnInEveryAttempt() throws Exception {
        assertThat(call("record_decision", MOVE, "r1/0/c1")).isEqualTo(call("record_decision", MOVE, "r1/0/c1"));
        assertThat(recorded(call("record_decision", MOVE, "r1/0/c1")).decisionId())
                .isNotEqualTo(recorded(call("record_decision", MOVE, "r1/0/c2")).decisionId());
    }

    @Test
    void aDecisionIsReviewedMoreThanOnce() throws Exception {
        for (Verdict before : new Verdict[] {null, Verdict.SUCCESS}) {
            Tool.Result result = call(
                    "review_decision",
                    "{'decision_id':'d1','outcome':'partial','text':'half of it'}",
                    "key",
                    Decisions.kept("d1", 0.5, before));

            assertThat(result)
                    .isEqualTo(new Tool.Result(
                            "Reviewed decision d1 (do d1): partial.",
                            false,
                            List.of(new MemoryWrite.ReviewDecision("d1", Verdict.PARTIAL, "half of it")),
                            false));
        }
    }

    @Test
    void aReviewOfADecisionThatIsNotKnownNamesThoseThatWaitForOne() throws Exception {
        String arguments = "{'decision_id':'d9','outcome':'success','text':'x'}";

        Tool.Result result = call(
                "review_decision",
                arguments,
                "key",
                Decisions.kept("d2", 0.5, null),
                Decisions.kept("d1", 0.5, Verdict.SUCCESS));
        assertThat(result.isError()).isTrue();
        assertThat(result.writes()).isEmpty();
        assertThat(result.text()).contains("no decision 'd9'", "- d2: do d2").doesNotContain("d1");

        assertThat(call("review_decision", arguments, "key").text())
                .isEqualTo("there is no decision 'd9', and none waits for its review");
    }

    @Test
    void onlyAReviewIsShownWhatWasDecided() {
        assertThat(dispatcher.views("review_decision")).containsExactly(Tool.View.DECISIONS);
        assertThat(dispatcher.views("record_decision")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "record_decision | {}                                                          | what is required",
                "record_decision | {'what':'w'}                                                | why is required",
                "record_decision | {'what':'w','why':'y'}                                      | confidence is a number",
                "record_decision | {'what':'w','why':'y','confidence':2}                       | confidence is a number",
                "record_decision | {'what':'w','why':'y','confidence':1}                       | stakes is required",
                "record_decision | {'what':'w','why':'y','confidence':1,'stakes':'huge'}       | low, medium, high or",
                "record_decision | {'what':'w','why':'y','confidence':1,'stakes':'low'}        | category is required",
                "review_decision | {}                                                          | decision_id is required",
                "review_decision | {'decision_id':'d'}                                         | outcome is required",
                "review_decision | {'decision_id':'d','outcome':'fine'}                        | success, partial or failure",
                "review_decision | {'decision_id':'d','outcome':'success'}                     | text is required"
            })
    void whatIsWrongIsAnAnswerTheModelCanActOn(String tool, String arguments, String named) throws Exception {
        Tool.Result result = call(tool, arguments, "key");

        assertThat(result.isError()).isTrue();
        assertThat(result.text()).contains(named);
        assertThat(result.writes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"record_decision", "review_decision"})
    void allOfTheirArgumentsAreRequired(String name) {
        ToolSpec spec = dispatcher.specs(List.of(name)).getFirst();

        assertThat(Json.tree(spec.inputSchema()).path("required").valueStream().map(each -> each.asString()))
                .containsExactlyElementsOf(
                        Json.tree(spec.inputSchema()).path("properties").propertyNames());
        assertThat(spec.description()).doesNotContain("\n");
    }

    private static MemoryWrite.RecordDecision recorded(Tool.Result result) {
        return (MemoryWrite.RecordDecision) result.writes().getFirst();
    }

    private Tool.Result call(String tool, String arguments, String key, Decision... decisions)
            throws InterruptedException {
        return dispatcher.dispatch(
                tool,
                arguments.replace('\'', '"'),
                BOTH,
                new Tool.Invocation("ada", "t1", "r1", Lane.CHAT, key, List.of(), List.of(decisions)));
    }
}
