package dev.noesis.heartbeat.checks;

import static dev.noesis.heartbeat.checks.Views.fact;
import static dev.noesis.heartbeat.checks.Views.open;
import static dev.noesis.heartbeat.checks.Views.reviewed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.Stakes;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** It is noon of 2026-12-01, UTC. */
class SelfCheckTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final SelfCheck check = new SelfCheck();

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "2026-12-01 12:00, HIGH",
                "2026-12-01 14:00, HIGH",
                "2026-12-01 14:01, NORMAL",
                "2026-12-01, NORMAL",
                "2026-12-02 12:00, NORMAL",
                "2026-12-02 12:01, none",
                "2026-12-02, none",
                "2026-12-01 11:59, LOW",
                "2026-11-24 12:00, LOW",
                "2026-11-24 11:59, none",
                "1990-12-01, none"
            })
    void aDeadlinePressesByTheTimeThatIsLeft(String date, Urgency urgency) {
        List<Found> found = check.look(Views.ofFacts(ZoneOffset.UTC, fact("tax", "to be filed by " + date)));

        if (urgency == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).extracting(Found::urgency, Found::needsAction).containsExactly(tuple(urgency, true));
            assertThat(found.getFirst().summary()).contains("tax", date);
        }
    }

    @Test
    void aDeadlineIsMeantInTheAgentsZone() {
        List<Found> found =
                check.look(Views.ofFacts(ZoneId.of("Asia/Tokyo"), fact("call", "call Aiko at 2026-12-01 22:00")));

        assertThat(found).extracting(Found::urgency).containsExactly(Urgency.HIGH);
    }

    @Test
    void theSameDeadlineHasTheSameIdHoweverItIsSaid() {
        List<Found> found = check.look(Views.ofFacts(
                ZoneOffset.UTC,
                fact("tax", "due 2026-12-01 14:00, Bob says"),
                fact("tax", "due 2026-12-01T14:00:00Z"),
                fact("rent", "due 2026-12-01 14:00")));

        assertThat(found).extracting(Found::id).doesNotHaveDuplicates().hasSize(2);
        assertThat(found).anySatisfy(each -> assertThat(each.summary()).contains("Bob says"));
    }

    @Test
    void aGraveDecisionThatIsOpenForADayIsFound() {
        List<Found> found = check.look(Views.ofDecisions(List.of(
                open("young", Stakes.CRITICAL, DAY.minusMillis(1)),
                open("high", Stakes.HIGH, DAY),
                open("critical", Stakes.CRITICAL, DAY.multipliedBy(2)),
                open("medium", Stakes.MEDIUM, DAY),
                open("low", Stakes.LOW, DAY),
                reviewed("done", Stakes.CRITICAL, DAY))));

        assertThat(found)
                .extracting(Found::id, Found::urgency)
                .containsExactly(tuple("critical", Urgency.NORMAL), tuple("high", Urgency.NORMAL));
    }

    @Test
    void thereAreFiveAtMostAndWhatPressesMostIsFirst() {
        View view = Views.of(
                null,
                List.of(
                        fact("a", "2026-11-30 12:00"),
                        fact("b", "2026-11-29 12:00"),
                        fact("c", "2026-12-02 09:00"),
                        fact("d", "2026-12-01 13:30"),
                        fact("e", "2026-12-01 13:00"),
                        fact("f", "2026-12-02 08:00")),
                List.of(open("g", Stakes.HIGH, DAY)),
                List.of());

        assertThat(check.look(view))
                .extracting(found -> found.id().substring(0, 1))
                .containsExactly("e", "d", "g", "f", "c");
    }
}
