package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.checks.Check;
import dev.noesis.heartbeat.checks.FailuresCheck;
import dev.noesis.model.Schedule.CheckPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which checks look at a tick. */
class SelectionTest {
    private static final Check URGENT = new DoorCheck();
    private static final Check OTHER = new FailuresCheck();
    private static final List<CheckPlan> PLANNED = List.of(new CheckPlan("failures", 60_000L));

    @Test
    void whereNobodySaysSoAllLook() {
        assertLooks(new Selection(null, null, false), true, true, true);
    }

    @Test
    void onlyThoseOfTheScheduleLook() {
        assertLooks(new Selection(null, PLANNED, false), false, false, true);
        assertLooks(new Selection(null, List.of(), false), false, false, false);
    }

    @Test
    void whatATickSaysTakesThePlaceOfTheSchedule() {
        assertLooks(new Selection(List.of("signals", "door"), PLANNED, false), true, true, false);
        assertLooks(new Selection(List.of(), PLANNED, false), false, false, false);
    }

    @Test
    void inQuietHoursOnlyWhatIsUrgentLooksWhoeverNamesIt() {
        assertLooks(new Selection(null, null, true), false, true, false);
        assertLooks(new Selection(List.of("signals", "failures"), null, true), false, false, false);
        assertLooks(new Selection(null, PLANNED, true), false, false, false);
    }

    @Test
    void aNameOfWhichThereIsNoCheckSaysNothing() {
        assertLooks(
                new Selection(null, List.of(new CheckPlan("gone", null), new CheckPlan("door", null)), false),
                false,
                true,
                false);
    }

    private static void assertLooks(Selection selection, boolean signals, boolean urgent, boolean other) {
        assertThat(selection.hasSignals()).as("signals").isEqualTo(signals);
        assertThat(selection.isDue(URGENT, URGENT.every(), null, 0))
                .as("urgent")
                .isEqualTo(urgent);
        assertThat(selection.isDue(OTHER, OTHER.every(), null, 0)).as("other").isEqualTo(other);
    }
}
