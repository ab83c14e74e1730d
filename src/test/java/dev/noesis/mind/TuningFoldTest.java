package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.mind.Memory.Tuning;
import dev.noesis.model.Attempt;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckReport.Status;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.Reaction;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What humans make of a check's findings, and how often it looks by that, or by the operator's word. */
class TuningFoldTest {
    private static final Writer BEAT = Writer.heartbeat("h1");
    private static final CheckTuning LONGER = new CheckTuning("disk", 400_000L, 300_000L);

    private final TestLog log = new TestLog();
    private int records;

    @BeforeEach
    void theLaneOwnsThePartition() {
        log.append(BEAT.barrier());
    }

    @Test
    void whatIsResolvedSpeaksForItsCheckAndWhatIsDismissedAgainstIt() {
        raise("k1", disk("d1", Urgency.LOW), disk("d2", Urgency.LOW), disk("d3", Urgency.LOW));

        react("d1", Reaction.RESOLVE);
        react("d2", Reaction.DISMISS);
        react("d3", Reaction.ACKNOWLEDGE);

        assertThat(disk()).isEqualTo(new Tuning(2, 2, null, null, false));
    }

    @Test
    void toSayTheSameAgainDoesNotCountAgain() {
        raise("k1", disk("d1", Urgency.LOW));

        react("d1", Reaction.DISMISS);
        react("d1", Reaction.DISMISS);
        log.append(BEAT.reacted("d1", Reaction.RESOLVE, 0));

        assertThat(disk()).as("the last is a record that has counted").isEqualTo(new Tuning(0, 2, null, null, false));
    }

    @Test
    void whatIsOverBeforeAHumanSaysSoCountsAllTheSame() {
        raise("k1", disk("d1", Urgency.LOW));
        raise("k2");
        raise("k3");
        assertThat(finding("d1").state()).isEqualTo(FindingState.RESOLVED);

        react("d1", Reaction.RESOLVE);

        assertThat(disk()).isEqualTo(new Tuning(2, 0, null, null, false));
    }

    @Test
    void signalsHaveNoIntervalToTune() {
        log.append(BEAT.raised("k1", Writer.finding("f1")));

        react("f1", Reaction.DISMISS);

        assertThat(log.cognition().tunings(ADA)).isEmpty();
    }

    @Test
    void whatHumansWereToldOfAndNobodyReactedToIsNoiseOnce() {
        raise("k1", disk("d1", Urgency.HIGH));
        decide("d1", Action.ACKNOWLEDGE);
        log.pass(Duration.ofDays(3).toMillis() - 1);
        raise("k2", disk("d1", Urgency.HIGH));
        assertThat(disk()).isEqualTo(Tuning.NONE);

        log.pass(1);
        raise("k3", disk("d1", Urgency.HIGH));
        log.pass(Duration.ofDays(3).toMillis());
        raise("k4", disk("d1", Urgency.HIGH));

        assertThat(disk()).isEqualTo(new Tuning(0, 1, null, null, false));
        assertThat(finding("d1").ignored()).isTrue();
    }

    @Test
    void whatARunTellsAHumanOfMayBeIgnoredToo() {
        raise("k1", disk("d1", Urgency.LOW));
        decide("d1", Action.NOTIFY);
        log.pass(Duration.ofDays(3).toMillis());
        raise("k2", disk("d1", Urgency.LOW));

        assertThat(disk()).isEqualTo(new Tuning(0, 1, null, null, false));
    }

    @Test
    void whatNobodyWasToldOfIsNotIgnored() {
        raise("k1", disk("d1", Urgency.LOW));
        decide("d1", Action.ACT);
        log.pass(Duration.ofDays(3).toMillis());
        raise("k2", disk("d1", Urgency.LOW));

        assertThat(finding("d1").ignored()).isNull();
        assertThat(disk()).isEqualTo(Tuning.NONE);
    }

    @Test
    void whatAHumanHasAcknowledgedIsNotIgnored() {
        raise("k1", disk("d1", Urgency.HIGH));
        react("d1", Reaction.ACKNOWLEDGE);
        log.pass(Duration.ofDays(9).toMillis());
        raise("k2", disk("d1", Urgency.HIGH));

        assertThat(finding("d1").ignored()).isFalse();
        assertThat(disk()).isEqualTo(Tuning.NONE);
    }

    @Test
    void whatTheTunerDecidesBeginsACycleOnce() {
        tenAreDismissed("a");
        assertThat(disk().isComplete()).isTrue();

        log.append(BEAT.judged("k2", LONGER));
        assertThat(disk()).isEqualTo(new Tuning(0, 0, 400_000L, 300_000L, false));

        react("a0", Reaction.RESOLVE);
        log.append(BEAT.judged("k2", LONGER));
        assertThat(disk()).as("it is told again").isEqualTo(new Tuning(2, 0, 400_000L, 300_000L, false));
    }

    @Test
    void whatTheTunerDecidesDoesNotCountBehindWhatTheOperatorSaid() {
        tenAreDismissed("a");
        log.append(BEAT.tuned("disk", 60_000L, false, null, records++));
        log.append(BEAT.judged("k2", LONGER));
        assertThat(disk()).isEqualTo(new Tuning(0, 0, 60_000L, null, false));

        tenAreDismissed("b");
        log.append(BEAT.tuned("disk", null, false, true, records++));
        log.append(BEAT.judged("k3", LONGER));
        assertThat(disk()).isEqualTo(new Tuning(0, 20, 60_000L, null, true));
    }

    @Test
    void theOperatorSetsAnIntervalPinsItAndTakesBothBack() {
        log.append(BEAT.tuned("disk", 60_000L, false, true, records++));
        assertThat(disk()).isEqualTo(new Tuning(0, 0, 60_000L, null, true));

        log.append(BEAT.tuned("disk", null, true, null, records++));
        assertThat(disk()).isEqualTo(new Tuning(0, 0, null, null, true));

        log.append(BEAT.tuned("disk", null, false, false, records++));
        assertThat(log.cognition().tunings(ADA)).isEmpty();
    }

    @Test
    void anOperatorsRecordThatIsReadAgainChangesNothing() {
        log.append(BEAT.tuned("disk", 60_000L, false, null, 3));
        log.append(BEAT.tuned("disk", null, true, null, 4));

        assertThat(log.append(BEAT.tuned("disk", 60_000L, false, null, 3)))
                .isEqualTo(new Folded.Ignored("its record has counted, or a later one"));

        assertThat(disk()).isEqualTo(Tuning.NONE);
    }

    @Test
    void anIntervalOfBeforeTheDeletionDoesNotComeBackBehindIt() {
        Writer chat = Writer.chat("c1");
        log.append(chat.barrier());
        log.append(BEAT.tuned("disk", 60_000L, false, null, 3));
        long before = log.fold().position().offset();
        log.append(chat.deleted(7));
        assertThat(log.cognition().tunings(ADA)).isEmpty();

        assertThat(log.append(BEAT.tunedOn(before, "disk", 60_000L, false, null, 4)))
                .isEqualTo(new Folded.Ignored("the agent was deleted since"));

        assertThat(log.cognition().tunings(ADA)).isEmpty();
    }

    private void tenAreDismissed(String names) {
        Finding[] ten = IntStream.range(0, 10)
                .mapToObj(i -> disk(names + i, Urgency.LOW))
                .toArray(Finding[]::new);
        raise(names, ten);
        for (Finding finding : ten) {
            react(finding.fingerprint(), Reaction.DISMISS);
        }
    }

    private void raise(String tickId, Finding... findings) {
        log.append(BEAT.looked(
                tickId,
                false,
                List.of(new CheckReport("disk", Status.OK, findings.length, 1, 0, true, null)),
                findings));
    }

    private void react(String fingerprint, Reaction reaction) {
        log.append(BEAT.reacted(fingerprint, reaction, records++));
    }

    private void decide(String fingerprint, Action action) {
        log.append(BEAT.opened("heartbeat-k1", "heartbeat-k1", "findings", Specs.requiring("recall")));
        log.append(BEAT.asked("heartbeat-k1", 0, new Attempt(0, 0), "a"));
        log.append(BEAT.tool("heartbeat-k1", 0, "a", "noted", true, new DecideFinding(fingerprint, action, null)));
    }

    private Tuning disk() {
        return log.cognition().tuning(ADA, "disk");
    }

    private FindingEntry finding(String fingerprint) {
        return log.cognition().findings(ADA).stream()
                .filter(entry -> entry.finding().fingerprint().equals(fingerprint))
                .findFirst()
                .orElseThrow();
    }

    private static Finding disk(String fingerprint, Urgency urgency) {
        return new Finding(fingerprint, "disk", "host", "disk " + fingerprint, urgency, true, null);
    }
}
