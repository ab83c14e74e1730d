package dev.noesis.heartbeat.checks;

import static dev.noesis.heartbeat.checks.Views.fact;
import static dev.noesis.heartbeat.checks.Views.open;
import static dev.noesis.heartbeat.checks.Views.reviewed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.Stakes;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration OLD = Duration.ofDays(31);

    private final HealthCheck check = new HealthCheck();

    @Test
    void aDecisionThatNobodyReviewedWithinAWeekIsFound() {
        List<Found> found = check.look(Views.ofDecisions(List.of(
                open("young", Stakes.LOW, WEEK.minusMillis(1)),
                open("due", Stakes.LOW, WEEK),
                reviewed("done", Stakes.LOW, WEEK.multipliedBy(2)),
                open("older", Stakes.CRITICAL, WEEK.multipliedBy(2)))));

        assertThat(found)
                .extracting(Found::id, Found::urgency, Found::needsAction)
                .containsExactly(tuple("older", Urgency.LOW, true), tuple("due", Urgency.LOW, true));
        assertThat(found.getFirst().summary()).contains("take the older road");
    }

    @Test
    void manyDoubtfulOldFactsAreOneFindingWhoseCountChanges() {
        Found eleven = check.look(Views.ofFacts(doubtful(11))).getFirst();
        Found twelve = check.look(Views.ofFacts(doubtful(12))).getFirst();

        assertThat(eleven.summary()).startsWith("11 facts");
        assertThat(twelve.summary()).startsWith("12 facts");
        assertThat(twelve.id()).isEqualTo(eleven.id());
        assertThat(twelve.source()).isEqualTo(eleven.source());
        assertThat(eleven.urgency()).isEqualTo(Urgency.LOW);
    }

    @Test
    void tenDoubtfulFactsAreNoMatter() {
        assertThat(check.look(Views.ofFacts(doubtful(10)))).isEmpty();
    }

    @Test
    void factsThatAreNewOrSureDoNotCount() {
        List<Fact> facts = IntStream.range(0, 20)
                .mapToObj(i ->
                        i % 2 == 0 ? fact("new" + i, "x", 0.1, Duration.ofDays(30)) : fact("sure" + i, "x", 0.5, OLD))
                .toList();

        assertThat(check.look(Views.ofFacts(facts))).isEmpty();
    }

    @Test
    void ofVeryManyTheOldestHaveTheirTurn() {
        List<Decision> decisions = IntStream.range(0, 80)
                .mapToObj(i -> open("d" + i, Stakes.LOW, WEEK.plusHours(i)))
                .toList();

        List<Found> found = check.look(Views.of(null, doubtful(11), decisions, List.of()));

        assertThat(found).hasSize(Looks.MAX_FOUND).extracting(Found::id).startsWith("stale-facts", "d79", "d78");
    }

    private static List<Fact> doubtful(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> fact("s" + i, "x", 0.49, OLD))
                .toList();
    }
}
