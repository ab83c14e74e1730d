package dev.noesis.heartbeat;

import static dev.noesis.mind.Schedules.between;
import static dev.noesis.mind.Schedules.budget;
import static dev.noesis.mind.Schedules.disabled;
import static dev.noesis.mind.Schedules.every;
import static dev.noesis.mind.Schedules.madeUpFor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.Gate.Beat;
import dev.noesis.heartbeat.Gate.Skip;
import dev.noesis.heartbeat.Gate.Verdict;
import dev.noesis.heartbeat.Gate.View;
import dev.noesis.model.Schedule;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {
    private static final long NOON = Instant.parse("2026-11-22T12:00:00Z").toEpochMilli();
    private static final long STALE_AFTER = Duration.ofMinutes(30).toMillis();

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, nullValues = "passes", textBlock = """
            seen,  age, stale after, busy,  anything to do, cooling, verdict
            false, 0,   1000,        false, true,          false,   passes
            false, 1000, 1000,       false, true,          false,   passes
            false, -500, 1000,       false, true,          false,   passes
            false, 1001, 1000,       false, true,          false,   STALE
            false, 0,   1000,        true,  true,          false,   BUSY
            false, 0,   1000,        false, false,          false,   NO_FINDINGS
            true,  0,   1000,        false, true,          false,   DUPLICATE
            true,  1001, 1000,       true,  false,          false,   DUPLICATE
            false, 1001, 1000,       true,  false,          false,   STALE
            false, 0,   1000,        true,  false,          false,   BUSY
            false, 0,   1000,        false, true,          true,    COOLDOWN
            false, 0,   1000,        false, false,          true,    NO_FINDINGS
            false, 1001, 1000,       false, true,          true,    STALE
            """)
    void aTickPassesOrIsRefusedForTheFirstReasonThatHolds(
            boolean seen, long age, long staleAfter, boolean busy, boolean anythingToDo, boolean cooling, Skip reason) {
        Beat beat = new Beat(false, NOON - age, NOON, staleAfter);

        assertThat(Gate.judge(new View(beat, seen, null, busy, false, anythingToDo, false, 0, cooling)))
                .isEqualTo(reason == null ? new Verdict.Pass(false) : new Verdict.Refuse(reason));
    }

    @Test
    void aDisabledAgentHasNoTicksWhoeverMakesThem() {
        assertThat(outside(0, disabled(every("PT1H")))).isEqualTo(Skip.DISABLED);
        assertThat(due(0, disabled(every("PT1H")))).isEqualTo(Skip.DISABLED);
    }

    @Test
    void whoseScheduleIsTakenBackHasNoDueTicksAnyMoreAndMayHaveOthers() {
        assertThat(due(0, null)).isEqualTo(Skip.DISABLED);
        assertThat(outside(0, null)).isNull();
    }

    @Test
    void aTickIsStaleWhenTheNextOfItsIntervalIsDue() {
        assertThat(due(5, every("PT5M"))).isNull();
        assertThat(due(6, every("PT5M"))).isEqualTo(Skip.STALE);
        assertThat(due(30, every("PT2H"))).isNull();
        assertThat(due(31, every("PT2H"))).isEqualTo(Skip.STALE);
    }

    @Test
    void aMissedTickIsMadeUpForWhereTheScheduleSaysSoAndOneFromOutsideIsNot() {
        assertThat(due(600, madeUpFor(every("PT5M")))).isNull();
        assertThat(outside(600, madeUpFor(every("PT5M")))).isEqualTo(Skip.STALE);
    }

    @Test
    void noTickCountsOutsideOfActiveHours() {
        assertThat(outside(0, between("13:00", "20:00", every("PT1H")))).isEqualTo(Skip.QUIET_HOURS);
        assertThat(outside(0, between("11:00", "13:00", every("PT1H")))).isNull();
    }

    @Test
    void aTickThatWasDueInActiveHoursCountsWhenTheyEndMeanwhile() {
        assertThat(due(1, between("08:00", "12:00", every("PT1H")))).isNull();
    }

    @Test
    void whatIsMadeUpForWaitsForNoActiveHours() {
        assertThat(due(600, madeUpFor(between("00:00", "08:00", every("PT1H")))))
                .isEqualTo(Skip.QUIET_HOURS);
    }

    @Test
    void whoHasSpentItsBudgetWaitsForMidnight() {
        assertThat(spent(99, budget(100, every("PT1H")))).isNull();
        assertThat(spent(100, budget(100, every("PT1H")))).isEqualTo(Skip.BUDGET);
        assertThat(spent(0, budget(0, every("PT1H")))).isEqualTo(Skip.BUDGET);
        assertThat(spent(1_000_000, every("PT1H"))).isNull();
    }

    @Test
    void whoHasSpentItsBudgetLooksAllTheSameWhereThereIsNews() {
        Beat beat = new Beat(true, NOON, NOON, STALE_AFTER);

        assertThat(Gate.judge(new View(beat, false, budget(100, every("PT1H")), false, false, true, true, 100, false)))
                .isEqualTo(new Verdict.Pass(false));
    }

    @Test
    void inQuietHoursATickPassesForAnUrgentCheckOnly() {
        Beat beat = new Beat(true, NOON, NOON, STALE_AFTER);
        Schedule quiet = between("13:00", "20:00", every("PT1H"));

        assertThat(Gate.judge(new View(beat, false, quiet, false, true, true, true, 0, false)))
                .isEqualTo(new Verdict.Pass(true));
        assertThat(Gate.judge(new View(beat, false, quiet, false, false, true, true, 0, false)))
                .isEqualTo(new Verdict.Refuse(Skip.QUIET_HOURS));
    }

    private static Skip outside(long ageMinutes, Schedule schedule) {
        return judge(false, ageMinutes, schedule, 0);
    }

    private static Skip due(long ageMinutes, Schedule schedule) {
        return judge(true, ageMinutes, schedule, 0);
    }

    private static Skip spent(long tokens, Schedule schedule) {
        return judge(true, 0, schedule, tokens);
    }

    /** Null where it passes. */
    private static Skip judge(boolean isDue, long ageMinutes, Schedule schedule, long spent) {
        Beat beat = new Beat(isDue, NOON - ageMinutes * 60_000, NOON, STALE_AFTER);
        return switch (Gate.judge(new View(beat, false, schedule, false, false, false, true, spent, false))) {
            case Verdict.Pass _ -> null;
            case Verdict.Refuse(Skip reason) -> reason;
        };
    }
}
