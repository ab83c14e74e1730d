package dev.noesis.mind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Folded.Ignored;
import dev.noesis.mind.Folded.RunMoved;
import dev.noesis.mind.Folded.Stale;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.MindEvent;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every state of a run × every event. The run is in its second step, 1. */
class RunMachineTest {
    private static final String RUN = "r1";
    private static final String THREAD = "t1";
    private static final Writer OWNER = Writer.chat("owner");
    private static final Writer ZOMBIE = Writer.chat("zombie");
    private static final Attempt OLDER = new Attempt(0, 4);
    private static final Attempt CURRENT = new Attempt(0, 5);
    private static final Attempt WAITED = new Attempt(0, 6);
    private static final Attempt NEXT = new Attempt(0, 7);

    /** Rows are events, columns the states they come in; a dash: nothing moves. */
    private static final String TABLE = """
            event                   | thinking      | waiting       | acting    | one left    | finished | failed | cancelled
            answer                  | Finished      | Finished      | -         | -           | -        | -      | -
            answer of the last step | -             | -             | -         | -           | -        | -      | -
            answer of the next step | -             | -             | -         | -           | -        | -      | -
            tools                   | Acting(1)     | Acting(1)     | -         | -           | -        | -      | -
            pause                   | Thinking(2)   | Thinking(2)   | -         | -           | -        | -      | -
            refusal                 | model_refused | model_refused | -         | -           | -        | -      | -
            retry later             | Waiting(1)    | Waiting(1)    | -         | -           | -        | -      | -
            failure                 | unavailable   | unavailable   | -         | -           | -        | -      | -
            failure heard before    | -             | -             | -         | -           | -        | -      | -
            failure of an older attempt             | -             | -         | -           | -        | -      | -
            failure of last step    | -             | -             | -         | -           | -        | -      | -
            tool a                  | -             | -             | Acting(1) | -           | -        | -      | -
            tool b                  | -             | -             | Acting(1) | Thinking(2) | -        | -      | -
            tool b, ends            | -             | -             | Acting(1) | Finished    | -        | -      | -
            tool unknown            | -             | -             | -         | -           | -        | -      | -
            tool b of the last step | -             | -             | -         | -           | -        | -      | -
            cancel                  | Cancelled     | Cancelled     | Cancelled | Cancelled   | -        | -      | -
            expiry                  | deadline      | deadline      | deadline  | deadline    | -        | -      | -
            opened again            | -             | -             | -         | -           | -        | -      | -
            """;

    @TestFactory
    Stream<DynamicTest> everyEventInEveryState() {
        List<DynamicTest> tests = new ArrayList<>();
        List<String[]> rows = TABLE.lines().map(line -> line.split("\\|")).toList();
        String[] states = rows.getFirst();
        for (String[] row : rows.subList(1, rows.size())) {
            for (int i = 1; i < row.length; i++) {
                String event = row[0].strip();
                String state = states[i].strip();
                String expected = row[i].strip();
                tests.add(DynamicTest.dynamicTest(
                        event + " while " + state, () -> check(state, event(event, OWNER), expected)));
                tests.add(DynamicTest.dynamicTest(
                        event + " by a zombie while " + state,
                        () -> checkOfZombie(state, event(event, ZOMBIE), expected)));
                tests.add(DynamicTest.dynamicTest(
                        event + " twice while " + state, () -> checkTwice(state, event(event, OWNER))));
            }
        }
        return tests.stream();
    }

    @Test
    void theLastStepThatARunMayTakeEndsItWhateverTheModelAsksFor() {
        TestLog log = opened(Specs.steps(2));
        log.appendAll(OWNER.asked(RUN, 0, new Attempt(0, 0), "a"), OWNER.tool(RUN, 0, "a", "found"));
        assertThat(log.state(RUN)).isEqualTo(new RunState.Thinking(1));

        log.append(OWNER.asked(RUN, 1, new Attempt(0, 1), "b"));

        assertThat(log.state(RUN)).isEqualTo(new RunState.Failed(ErrorCode.STEP_LIMIT, "no answer within 2 steps"));
    }

    @Test
    void anAnswerInTheLastStepFinishesTheRun() {
        TestLog log = opened(Specs.steps(1));

        log.append(OWNER.answered(RUN, 0, new Attempt(0, 0), "hi"));

        assertThat(log.state(RUN)).isEqualTo(new RunState.Finished("end_turn"));
    }

    @Test
    void aRunThatMustCallAToolMayCallItInItsLastStep() {
        TestLog log = opened(Specs.spec(1, null, "recall"));

        log.append(OWNER.asked(RUN, 0, new Attempt(0, 0), "a"));
        assertThat(log.state(RUN)).isInstanceOf(RunState.Acting.class);
        log.append(OWNER.tool(RUN, 0, "a", "noted", true));

        assertThat(log.state(RUN)).isEqualTo(new RunState.Finished("end_turn"));
    }

    @Test
    void aRunThatMustCallAToolFailsIfTheModelEndsWithoutIt() {
        TestLog log = opened(Specs.requiring("recall"));

        log.append(OWNER.answered(RUN, 0, new Attempt(0, 0), "nothing to do"));

        assertThat(log.state(RUN))
                .isEqualTo(new RunState.Failed(ErrorCode.TOOL_FAILED, "the model ended without calling recall"));
    }

    /** An attempt costs 15 tokens. */
    @ParameterizedTest
    @ValueSource(longs = {1, 14, 15})
    void aSpentBudgetEndsTheRunBeforeItsNextStep(long budget) {
        TestLog log = opened(Specs.budget(budget));

        log.appendAll(OWNER.asked(RUN, 0, new Attempt(0, 0), "a"), OWNER.tool(RUN, 0, "a", "found"));

        assertThat(log.state(RUN))
                .isEqualTo(new RunState.Failed(
                        ErrorCode.BUDGET_EXHAUSTED, "the run used 15 of its " + budget + " tokens"));
    }

    @Test
    void aBudgetThatIsNotSpentLetsTheRunGoOn() {
        TestLog log = opened(Specs.budget(16));

        log.appendAll(OWNER.asked(RUN, 0, new Attempt(0, 0), "a"), OWNER.tool(RUN, 0, "a", "found"));

        assertThat(log.state(RUN)).isEqualTo(new RunState.Thinking(1));
    }

    @Test
    void anAnswerThatIsPaidForCountsEvenIfItGoesOverTheBudget() {
        TestLog log = opened(Specs.budget(1));

        log.append(OWNER.answered(RUN, 0, new Attempt(0, 0), "hi"));

        assertThat(log.state(RUN)).isEqualTo(new RunState.Finished("end_turn"));
    }

    private static TestLog opened(RunSpec spec) {
        TestLog log = new TestLog();
        log.appendAll(OWNER.barrier(), OWNER.opened(RUN, THREAD, "hello", spec));
        return log;
    }

    private static void check(String state, MindEvent event, String expected) {
        TestLog log = in(state);
        Run before = log.run(RUN);
        Usage agentBefore = log.cognition().agent(TestLog.ADA).chatUsage();

        Folded folded = log.append(event);

        Run after = log.run(RUN);
        if (expected.equals("-")) {
            assertThat(folded).isInstanceOf(Ignored.class);
            assertThat(after.state()).isEqualTo(before.state());
        } else {
            assertThat(folded).isEqualTo(new RunMoved(before, inMoved(folded)));
            assertThat(word(inMoved(folded).state())).isEqualTo(expected);
            assertThat(after.state()).isEqualTo(inMoved(folded).state());
        }
        Usage charge = isPaid(event) ? Writer.COST : Usage.NONE;
        assertThat(after.usage()).isEqualTo(before.usage().plus(charge));
        assertThat(log.cognition().agent(TestLog.ADA).chatUsage()).isEqualTo(agentBefore.plus(charge));
        assertThat(after.attempts()).isEqualTo(before.attempts() + (isPaid(event) ? 1 : 0));
    }

    /** A completion counts whoever reports it, a decision only from the owner. */
    private static void checkOfZombie(String state, MindEvent event, String expected) {
        if (!event.isDecision()) {
            check(state, event, expected);
            return;
        }
        TestLog log = in(state);
        Digest before = log.fold().position().storeHash();

        assertThat(log.append(event)).isEqualTo(new Stale());

        assertThat(log.fold().position().storeHash()).isEqualTo(before);
    }

    private static void checkTwice(String state, MindEvent event) {
        TestLog log = in(state);
        log.append(event);
        Run once = log.run(RUN);

        assertThat(log.append(event)).isInstanceOf(Ignored.class);

        assertThat(log.run(RUN).state()).isEqualTo(once.state());
        assertThat(log.cognition().turn(TestLog.ADA, log.run(RUN)))
                .isEqualTo(log.cognition().turn(TestLog.ADA, once));
    }

    private static Run inMoved(Folded folded) {
        assertThat(folded).isInstanceOf(RunMoved.class);
        return ((RunMoved) folded).after();
    }

    /** A report that was heard before is not paid for again. */
    private static boolean isPaid(MindEvent event) {
        return switch (event.body()) {
            case MindEvent.StepCompleted _ -> true;
            case MindEvent.StepFailed failed -> !failed.attempt().equals(CURRENT);
            default -> false;
        };
    }

    private static TestLog in(String state) {
        TestLog log = new TestLog();
        log.appendAll(
                OWNER.barrier(),
                OWNER.opened(RUN, THREAD, "hello"),
                OWNER.asked(RUN, 0, CURRENT, "x"),
                OWNER.tool(RUN, 0, "x", "found"));
        switch (state) {
            case "thinking" -> {}
            case "waiting" -> log.append(OWNER.failed(RUN, 1, WAITED, 5L));
            case "acting" -> log.append(OWNER.asked(RUN, 1, NEXT, "a", "b"));
            case "one left" -> log.appendAll(OWNER.asked(RUN, 1, NEXT, "a", "b"), OWNER.tool(RUN, 1, "a", "found a"));
            case "finished" -> log.append(OWNER.answered(RUN, 1, NEXT, "done"));
            case "failed" -> log.append(OWNER.failed(RUN, 1, NEXT, null));
            case "cancelled" -> log.append(OWNER.cancelled(RUN, THREAD));
            default -> throw new IllegalArgumentException(state);
        }
        return log;
    }

    private static MindEvent event(String row, Writer by) {
        Attempt fresh = new Attempt(0, 9);
        return switch (row) {
            case "answer" -> by.answered(RUN, 1, fresh, "hi");
            case "answer of the last step" -> by.answered(RUN, 0, fresh, "hi");
            case "answer of the next step" -> by.answered(RUN, 2, fresh, "hi");
            case "tools" -> by.asked(RUN, 1, fresh, "a", "b");
            case "pause" -> by.completed(RUN, 1, fresh, "pause_turn", new Content.Text("wait"));
            case "refusal" -> by.completed(RUN, 1, fresh, "refusal", new Content.Text("no"));
            case "retry later" -> by.failed(RUN, 1, fresh, 99L);
            case "failure" -> by.failed(RUN, 1, fresh, null);
            case "failure heard before" -> by.failed(RUN, 1, CURRENT, null);
            case "failure of an older attempt" -> by.failed(RUN, 1, OLDER, null);
            case "failure of last step" -> by.failed(RUN, 0, fresh, null);
            case "tool a" -> by.tool(RUN, 1, "a", "found a");
            case "tool b" -> by.tool(RUN, 1, "b", "found b");
            case "tool b, ends" -> by.tool(RUN, 1, "b", "found b", true);
            case "tool unknown" -> by.tool(RUN, 1, "z", "found z");
            case "tool b of the last step" -> by.tool(RUN, 0, "b", "found b");
            case "cancel" -> by.cancelled(RUN, THREAD);
            case "expiry" -> by.expired(RUN, THREAD);
            case "opened again" -> by.opened(RUN, "another thread", "hello");
            default -> throw new IllegalArgumentException(row);
        };
    }

    private static String word(RunState state) {
        return switch (state) {
            case RunState.Thinking(int step) -> "Thinking(" + step + ")";
            case RunState.Waiting(int step, long _) -> "Waiting(" + step + ")";
            case RunState.Acting acting -> "Acting(" + acting.step() + ")";
            case RunState.Finished _ -> "Finished";
            case RunState.Cancelled _ -> "Cancelled";
            case RunState.Failed(ErrorCode code, String _) ->
                switch (code) {
                    case MODEL_UNAVAILABLE -> "unavailable";
                    case DEADLINE_EXCEEDED -> "deadline";
                    default -> code.id();
                };
        };
    }
}
