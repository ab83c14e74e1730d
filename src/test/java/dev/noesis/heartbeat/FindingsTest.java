package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private static final String RUN = "heartbeat-t1";

    private static FindingEntry entry(
            Finding finding, FindingState state, String runId, long raisedAt, String decision) {
        return new FindingEntry(
                finding, state, "t0", runId, raisedAt, decision, null, false, raisedAt, 0, 0, null, null, null, null);
    }

    /** Raised one after the other, each with that much data. */
    private static List<FindingEntry> raised(int count, int data) {
        return IntStream.range(0, count)
                .mapToObj(i -> entry(
                        new Finding(
                                "f%03d".formatted(i),
                                "signals",
                                "mail",
                                "s",
                                Finding.Urgency.LOW,
                                true,
                                "x".repeat(data)),
                        FindingState.NEW,
                        null,
                        i,
                        null))
                .toList();
    }

    private static List<FindingEntry> deferred(int count) {
        return raised(count, 10).stream()
                .map(entry -> entry(entry.finding(), FindingState.NEW, RUN, entry.raisedAt(), "defer"))
                .toList();
    }

    /** The same after that run has acknowledged these. */
    private static List<FindingEntry> decided(List<FindingEntry> all, List<Finding> acknowledged) {
        return all.stream()
                .map(entry -> !acknowledged.contains(entry.finding())
                        ? entry
                        : entry(entry.finding(), FindingState.ACKNOWLEDGED, RUN, entry.raisedAt(), "acknowledge"))
                .toList();
    }

    @Test
    void aRunIsShownTheOldestThatFitIt() {
        assertThat(Findings.toShow(raised(60, 10)))
                .hasSize(50)
                .first()
                .satisfies(f -> assertThat(f.fingerprint()).isEqualTo("f000"));
        assertThat(TriagePrompt.of(Findings.toShow(raised(60, 30_000))).length())
                .isBetween(90_000, 101_000);
    }

    @Test
    void noMoreAreRaisedThanARunWouldBeShown() {
        assertThat(Findings.room(List.of())).isEqualTo(50);
        assertThat(Findings.room(raised(3, 10))).isEqualTo(47);
        assertThat(Findings.room(raised(50, 10))).isZero();
        assertThat(Findings.room(raised(5, 30_000)))
                .as("the run is full before they are fifty")
                .isZero();
        assertThat(Findings.room(deferred(999)))
                .as("what is deferred keeps nothing new waiting")
                .isEqualTo(50);
        assertThat(Findings.room(deferred(1_000))).isZero();
    }

    @Test
    void oneThatFillsARunByItselfIsShownAlone() {
        assertThat(Findings.toShow(raised(3, 100_001))).hasSize(1);
    }

    @Test
    void whatARunWasShownIsKnownWhenItHasDecidedAboutSomeOfIt() {
        List<FindingEntry> all = raised(60, 30_000);
        List<Finding> shown = Findings.toShow(all);

        assertThat(Findings.shownTo(RUN, decided(all, shown.subList(1, 2)))).containsExactlyInAnyOrderElementsOf(shown);
        assertThat(Findings.shownTo(RUN, decided(all, shown))).containsExactlyInAnyOrderElementsOf(shown);
    }
}
