package dev.noesis.run.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The exploration finds what is wrong: faults that a kernel of this kind may have, each found by the rule that it breaks and,
 * where that is not looked at, by the harm that it does.
 */
class SeededFaultsTest {
    private static final Bounds A_CRASH = Bounds.of(one()).crashes(1);

    /** Beside what is looked for: two folds differ, because one had its barrier before the log had it. */
    @Test
    void theFaultOfDecidingBeforeTheBarrierIsFound() {
        Fault fault = Faults.decidingBeforeTheBarrier();

        assertThat(found(A_CRASH, fault, Law.FOLDS_EQUAL)).isEqualTo(Law.BARRIER);
        assertThat(found(A_CRASH, fault, Law.FOLDS_EQUAL, Law.BARRIER, Law.FENCE, Law.OUTBOX))
                .isEqualTo(Law.PAID_ONCE);
    }

    @Test
    void theFaultOfCallingBeforeTheBarrierIsFound() {
        Fault fault = Faults.callingBeforeTheBarrier();

        assertThat(found(A_CRASH, fault)).isEqualTo(Law.BARRIER);
        assertThat(found(A_CRASH, fault, Law.BARRIER)).isEqualTo(Law.PAID_ONCE);
    }

    @Test
    void theFaultOfNotFencingZombiesIsFound() {
        Fault fault = Faults.notFencingZombies();

        assertThat(found(A_CRASH, fault)).isEqualTo(Law.FENCE);
        assertThat(found(A_CRASH, fault, Law.FENCE)).isEqualTo(Law.OUTBOX);
    }

    @Test
    void theFaultOfClearingTheOutboxByAnIgnoredDecisionIsFound() {
        assertThat(found(A_CRASH, Faults.clearingTheOutboxByAnIgnoredDecision()))
                .isEqualTo(Law.OUTBOX);
    }

    @Test
    void theFaultOfCountingASecondAnswerIsFound() {
        Bounds bounds = Bounds.of(one().withTools("a1")).crashes(1);

        assertThat(found(bounds, Faults.countingASecondAnswer())).isEqualTo(Law.FIRST_WINS);
    }

    @Test
    void theFaultOfForgettingFinishedRunsIsFound() {
        Fault fault = Faults.forgettingFinishedRuns();

        assertThat(found(A_CRASH, fault)).isEqualTo(Law.PAID_ONCE);
        assertThat(found(A_CRASH, fault, Law.PAID_ONCE)).as("two replies").isEqualTo(Law.ONE_REPLY);
    }

    @Test
    void theFaultOfNamingAttemptsByACounterInTheStoreIsFound() {
        assertThat(found(A_CRASH.failures(1), Faults.namingAttemptsByACounterInTheStore()))
                .isEqualTo(Law.NOTHING_LOST);
    }

    @Test
    void theFaultOfIgnoringHandoversIsFound() {
        assertThat(found(Bounds.of(one()).handovers(1), Faults.ignoringHandovers()))
                .isEqualTo(Law.HANDOVER);
    }

    @Test
    void theFaultOfHonouringALateHandoverIsFound() {
        assertThat(found(Bounds.of(one()).handovers(1), Faults.honouringALateHandover()))
                .isEqualTo(Law.FENCE);
    }

    @Test
    void theFaultOfOpeningASecondRunOfAThreadIsFound() {
        Bounds bounds = Bounds.of(new Script().thread("a", "a1", "a2"));

        assertThat(found(bounds, Faults.openingASecondRunOfAThread())).isEqualTo(Law.ONE_AT_A_TIME);
    }

    @Test
    void theFaultOfLosingADecisionIsFound() {
        assertThat(found(Bounds.of(one()), Faults.losingADecision())).isEqualTo(Law.NOTHING_LOST);
    }

    @Test
    void aTraceNamesEachStepToTheViolation() {
        Explorer.Result result = new Explorer(Bounds.of(one()), Faults.losingADecision(), Set.of()).explore();

        assertThat(result.trace())
                .isEqualTo(List.of(
                        "chat READ_LOG",
                        "chat READ_INPUT request a1",
                        "APPENDED barrier/c1.1",
                        "chat READ_LOG",
                        "chat TIMER",
                        "APPENDED a1/opened"));
    }

    /** The law that is broken first. */
    private static Law found(Bounds bounds, Fault fault, Law... broken) {
        EnumSet<Law> others = EnumSet.noneOf(Law.class);
        others.addAll(List.of(broken));
        Explorer.Result result = new Explorer(bounds, fault, others).explore();
        assertThat(result.violation()).as(result.summary()).isNotNull();
        return result.violation().law;
    }

    private static Script one() {
        return new Script().thread("a", "a1");
    }
}
