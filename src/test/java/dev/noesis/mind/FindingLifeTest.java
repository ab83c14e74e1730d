package dev.noesis.mind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.Reaction;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a finding moves, from when it is raised until it is settled, and back. */
class FindingLifeTest {
    private static final long NOW = Duration.ofDays(20_000).toMillis();
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final boolean LASTS = true;
    private static final boolean HAPPENED = false;

    @Test
    void whatNeedsActionIsNewAndWhatNeedsNoneIsTriaged() {
        assertThat(raised(finding(Urgency.LOW, true), LASTS).state()).isEqualTo(FindingState.NEW);
        assertThat(raised(finding(Urgency.LOW, false), LASTS).state()).isEqualTo(FindingState.TRIAGED);
    }

    @Test
    void whatPressesIsToldAtOnceAndNothingElseIs() {
        assertThat(raised(finding(Urgency.HIGH, false), HAPPENED).alertedBy()).isEqualTo("k1");
        assertThat(raised(finding(Urgency.NORMAL, true), HAPPENED).alertedBy()).isNull();
    }

    @Test
    void aChangedCounterIsOneFinding() {
        FindingEntry acknowledged = acknowledged(raised(finding(Urgency.LOW, true), LASTS));
        Finding changed = new Finding("f1", "health", "memory", "12 facts are old", Urgency.LOW, true, null);

        FindingEntry seen = FindingLife.raised(acknowledged, changed, "k2", LASTS, NOW + 1);

        assertThat(seen.state()).isEqualTo(FindingState.ACKNOWLEDGED);
        assertThat(seen.finding().summary()).isEqualTo("12 facts are old");
        assertThat(FindingLife.isNews(seen, changed, LASTS, NOW + 2)).isFalse();
    }

    @Test
    void whatPressesMoreThanBeforeIsNewAgain() {
        FindingEntry acknowledged = acknowledged(raised(finding(Urgency.LOW, true), LASTS));

        FindingEntry worse = FindingLife.raised(acknowledged, finding(Urgency.HIGH, true), "k2", LASTS, NOW + 1);

        assertThat(worse.state()).isEqualTo(FindingState.NEW);
        assertThat(worse.alertedBy()).isEqualTo("k2");
    }

    @Test
    void whatHappenedAndHappensAgainIsNewAgain() {
        Finding signal = new Finding("f1", Finding.SIGNALS, "mail", "a mail", Urgency.LOW, true, null);
        FindingEntry acknowledged = acknowledged(raised(signal, HAPPENED));

        assertThat(FindingLife.raised(acknowledged, signal, "k2", HAPPENED, NOW + 1)
                        .state())
                .isEqualTo(FindingState.NEW);
    }

    @Test
    void whatACheckSawHappenHappensOnce() {
        Finding failure = new Finding("f1", "failures", "chat", "a run failed", Urgency.LOW, true, null);
        FindingEntry acknowledged = acknowledged(raised(failure, HAPPENED));

        assertThat(FindingLife.raised(acknowledged, failure, "k2", HAPPENED, NOW + 1))
                .isSameAs(acknowledged);
    }

    @Test
    void aTickThatIsToldTwiceChangesNothing() {
        FindingEntry acknowledged = acknowledged(raised(finding(Urgency.LOW, true), HAPPENED));

        assertThat(FindingLife.raised(acknowledged, finding(Urgency.LOW, true), "k1", HAPPENED, NOW + 1))
                .isSameAs(acknowledged);
    }

    @Test
    void twoLooksThatMissItResolveIt() {
        FindingEntry entry = raised(finding(Urgency.LOW, true), LASTS);

        FindingEntry once = FindingLife.missed(entry, NOW + 1);
        FindingEntry again = FindingLife.raised(once, finding(Urgency.LOW, true), "k2", LASTS, NOW + 2);
        FindingEntry twice = FindingLife.missed(FindingLife.missed(again, NOW + 3), NOW + 4);

        assertThat(once.state()).isEqualTo(FindingState.NEW);
        assertThat(again.misses()).isZero();
        assertThat(twice.state()).isEqualTo(FindingState.RESOLVED);
    }

    @Test
    void whatHappenedOnceIsNeverMissed() {
        FindingEntry entry = raised(finding(Urgency.LOW, true), HAPPENED);

        assertThat(FindingLife.missed(entry, NOW + 1)).isSameAs(entry);
        assertThat(FindingLife.isMissed(entry)).isFalse();
    }

    @Test
    void whatComesBackForTheThirdTimeFlaps() {
        FindingEntry entry = raised(finding(Urgency.HIGH, true), LASTS);
        for (int i = 1; i <= 3; i++) {
            FindingEntry resolved = FindingLife.missed(FindingLife.missed(entry, NOW), NOW);
            entry = FindingLife.raised(resolved, finding(Urgency.HIGH, true), "again" + i, LASTS, NOW);
            assertThat(entry.reopened()).isEqualTo(i);
            assertThat(entry.state()).isEqualTo(i < 3 ? FindingState.NEW : FindingState.FLAPPING);
        }
        assertThat(entry.alertedBy()).as("what comes and goes disturbs nobody").isNull();
    }

    @Test
    void whatIsDismissedStaysSoUntilItsEnd() {
        FindingEntry entry = raised(finding(Urgency.HIGH, true), LASTS);
        FindingEntry dismissed = FindingLife.reacted(entry, Reaction.DISMISS, NOW + HOUR, "noise", NOW);

        assertThat(FindingLife.raised(dismissed, finding(Urgency.HIGH, true), "k2", LASTS, NOW + HOUR - 1))
                .isSameAs(dismissed);
        assertThat(FindingLife.raised(dismissed, finding(Urgency.HIGH, true), "k2", LASTS, NOW + HOUR)
                        .state())
                .isEqualTo(FindingState.NEW);
    }

    @Test
    void nothingIsDismissedForEver() {
        FindingEntry entry = raised(finding(Urgency.LOW, true), LASTS);

        assertThat(FindingLife.reacted(entry, Reaction.DISMISS, null, null, NOW).until())
                .isEqualTo(NOW + Duration.ofDays(30).toMillis());
    }

    @Test
    void whatAHumanSaidCountsMoreThanARunThatEndsLater() {
        FindingEntry resolved =
                FindingLife.reacted(raised(finding(Urgency.LOW, true), LASTS), Reaction.RESOLVE, null, null, NOW);

        FindingEntry decided = FindingLife.decided(resolved, "r1", new DecideFinding("f1", Action.DEFER, null), NOW);

        assertThat(decided.state()).isEqualTo(FindingState.RESOLVED);
    }

    @ParameterizedTest
    @CsvSource({"LOW, 72", "NORMAL, 24", "HIGH, 12"})
    void whatIsAcknowledgedAndStaysIsToldAgain(Urgency urgency, int hours) {
        FindingEntry entry = acknowledged(raised(finding(urgency, true), LASTS));

        assertThat(FindingLife.escalatesAt(entry)).isEqualTo(NOW + hours * HOUR);
        FindingEntry told = entry.alerted("k9", NOW + hours * HOUR);
        assertThat(FindingLife.escalatesAt(told)).isEqualTo(NOW + (hours + 12) * HOUR);
    }

    @Test
    void whatHappenedOnceIsNeverToldAgain() {
        assertThat(FindingLife.escalatesAt(acknowledged(raised(finding(Urgency.HIGH, true), HAPPENED))))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(FindingLife.escalatesAt(raised(finding(Urgency.HIGH, true), LASTS)))
                .as("a run has still to see it")
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theDigestIsDoneWithWhatOnlyHappened() {
        FindingEntry happened = raised(finding(Urgency.LOW, false), HAPPENED);
        FindingEntry lasting = raised(finding(Urgency.LOW, false), LASTS);

        FindingEntry told = FindingLife.digested(happened, "k5", NOW);

        assertThat(told.state()).isEqualTo(FindingState.ACKNOWLEDGED);
        assertThat(FindingLife.isInDigest(told, "k5"))
                .as("that tick's digest has it, also after a crash")
                .isTrue();
        assertThat(FindingLife.isInDigest(told, "k6")).isFalse();
        assertThat(FindingLife.digested(lasting, "k5", NOW)).isSameAs(lasting);
    }

    private static FindingEntry raised(Finding finding, boolean lasts) {
        return FindingLife.raised(null, finding, "k1", lasts, NOW);
    }

    private static FindingEntry acknowledged(FindingEntry entry) {
        return FindingLife.decided(entry, "r1", new DecideFinding("f1", Action.ACKNOWLEDGE, null), NOW);
    }

    private static Finding finding(Urgency urgency, boolean needsAction) {
        return new Finding("f1", "health", "memory", "11 facts are old", urgency, needsAction, null);
    }
}
