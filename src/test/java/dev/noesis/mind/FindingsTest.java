package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Attempt;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckReport.Status;
import dev.noesis.model.Finding;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.Origin;
import dev.noesis.model.Reaction;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What tools write to memory: facts at once, decisions about findings when their run has finished. */
class FindingsTest {
    private static final Attempt A0 = new Attempt(0, 0);
    private static final Writer BEAT = Writer.heartbeat("h1");
    private static final String RUN = "heartbeat-tick1";

    private final TestLog log = new TestLog();

    @BeforeEach
    void aTickRaisedAFindingAndItsRunActs() {
        log.append(BEAT.barrier());
        log.append(BEAT.raised("tick1", Writer.finding("f1"), Writer.finding("f2")));
        log.append(BEAT.opened(RUN, RUN, "findings", Specs.requiring("recall")));
        log.append(BEAT.asked(RUN, 0, A0, "a", "b"));
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void aDecisionCountsWhenItsRunHasFinished(Action action) {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("f1", action)));
        assertThat(finding("f1").state()).isEqualTo(FindingState.NEW);

        log.append(BEAT.tool(RUN, 0, "b", "found"));

        assertThat(log.state(RUN)).isInstanceOf(RunState.Finished.class);
        assertThat(finding("f1").state())
                .isEqualTo(action == Action.DEFER ? FindingState.NEW : FindingState.ACKNOWLEDGED);
        assertThat(finding("f1").decision()).isEqualTo(action.id());
        assertThat(finding("f1").runId()).isEqualTo(RUN);
        assertThat(finding("f2").state()).isEqualTo(FindingState.NEW);
        assertThat(finding("f2").runId()).isNull();
    }

    @Test
    void decisionsOfARunThatDidNotFinishCountForNothing() {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("f1", Action.ACKNOWLEDGE)));

        log.append(BEAT.expired(RUN, RUN));

        assertThat(finding("f1").state()).isEqualTo(FindingState.NEW);
        assertThat(finding("f1").runId()).isNull();
    }

    @Test
    void theLastDecisionAboutAFindingCounts() {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("f1", Action.DEFER)));
        log.append(BEAT.tool(RUN, 0, "b", "noted", true, decide("f1", Action.NOTIFY)));

        assertThat(finding("f1").state()).isEqualTo(FindingState.ACKNOWLEDGED);
        assertThat(finding("f1").decision()).isEqualTo("notify");
    }

    @Test
    void aFindingThatWasDealtWithIsForgottenInTime() {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("f1", Action.ACKNOWLEDGE)));
        log.append(BEAT.tool(RUN, 0, "b", "found"));

        log.pass(Specs.REMEMBER_MS + 1);
        log.append(BEAT.checkpoint(0));
        log.append(BEAT.checkpoint(0));

        assertThat(log.cognition().findings(ADA))
                .extracting(entry -> entry.finding().fingerprint())
                .as("f2 is new still")
                .containsExactly("f2");
    }

    @Test
    void aFindingThatIsRaisedAgainIsNotForgottenForItsFirstTick() {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("f1", Action.ACKNOWLEDGE)));
        log.append(BEAT.tool(RUN, 0, "b", "found"));
        log.append(BEAT.raised("tick2", Writer.finding("f1")));

        log.pass(Specs.REMEMBER_MS + 1);
        log.append(BEAT.checkpoint(0));

        assertThat(finding("f1").state()).isEqualTo(FindingState.NEW);
    }

    @Test
    void findingsOfATickBeforeTheDeletionDoNotComeBackBehindIt() {
        Writer chat = Writer.chat("c1");
        log.append(chat.barrier());
        long before = log.fold().position().offset();
        log.append(chat.deleted(7));

        log.append(BEAT.raisedOn(before, "late", Writer.finding("f3")));
        assertThat(log.cognition().findings(ADA)).isEmpty();

        log.append(BEAT.raisedOn(before + 1, "later", Writer.finding("f4")));
        assertThat(log.cognition().findings(ADA)).hasSize(1);
    }

    @Test
    void aDecisionAboutAFindingThatNobodyRaisedIsPassedOver() {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("invented", Action.NOTIFY)));
        log.append(BEAT.tool(RUN, 0, "b", "found"));

        assertThat(log.cognition().findings(ADA))
                .extracting(entry -> entry.finding().fingerprint())
                .containsExactly("f1", "f2");
    }

    @Test
    void aFindingRaisedByALaterTickIsNewAgainAndOneRaisedTwiceByOneTickIsNot() {
        log.append(BEAT.tool(RUN, 0, "a", "noted", true, decide("f1", Action.ACKNOWLEDGE)));
        log.append(BEAT.tool(RUN, 0, "b", "found"));

        log.append(BEAT.raised("tick1", Writer.finding("f1")));
        assertThat(finding("f1").state()).isEqualTo(FindingState.ACKNOWLEDGED);

        log.append(BEAT.raised("tick2", Writer.finding("f1")));
        assertThat(finding("f1").state()).isEqualTo(FindingState.NEW);
        assertThat(finding("f1").tickId()).isEqualTo("tick2");
    }

    @ParameterizedTest
    @EnumSource(Reaction.class)
    void whatAHumanSaysOfAFindingCountsAtOnce(Reaction reaction) {
        assertThat(log.append(BEAT.reacted("f1", reaction, 3))).isEqualTo(new Folded.Noted());

        assertThat(finding("f1").state())
                .isEqualTo(
                        switch (reaction) {
                            case ACKNOWLEDGE -> FindingState.ACKNOWLEDGED;
                            case RESOLVE -> FindingState.RESOLVED;
                            case DISMISS -> FindingState.DISMISSED;
                        });
        assertThat(finding("f1").decision()).isEqualTo(reaction.id());
        assertThat(finding("f1").text()).isEqualTo("said so");
        assertThat(finding("f2").state()).isEqualTo(FindingState.NEW);
    }

    @Test
    void aReactionThatIsReadAgainDoesNotSettleWhatCameSince() {
        log.append(BEAT.reacted("f1", Reaction.RESOLVE, 3));
        log.append(BEAT.raised("tick2", Writer.finding("f1")));

        assertThat(log.append(BEAT.reacted("f1", Reaction.RESOLVE, 3)))
                .isEqualTo(new Folded.Ignored("its record has counted, or a later one"));
        assertThat(finding("f1").state()).isEqualTo(FindingState.NEW);
    }

    @Test
    void aReactionToAFindingThatNobodyRaisedChangesNothing() {
        assertThat(log.append(BEAT.reacted("invented", Reaction.RESOLVE, 3)))
                .isEqualTo(new Folded.Ignored("there is no such finding"));

        assertThat(log.cognition().findings(ADA))
                .extracting(FindingEntry::state)
                .containsExactly(FindingState.NEW, FindingState.NEW);
    }

    @Test
    void aReactionToAFindingOfBeforeTheDeletionIsNotToOneBehindIt() {
        Writer chat = Writer.chat("c1");
        log.append(chat.barrier());
        long before = log.fold().position().offset();
        log.append(chat.deleted(7));
        log.append(BEAT.raised("later", Writer.finding("f1")));

        assertThat(log.append(BEAT.reactedOn(before, "f1", Reaction.RESOLVE, 3)))
                .isEqualTo(new Folded.Ignored("the agent was deleted since"));

        assertThat(finding("f1").state()).isEqualTo(FindingState.NEW);
    }

    @Test
    void aFactCountsWithItsToolsResultAndSaysWhereItComesFrom() {
        Writer chat = Writer.chat("c1");
        log.append(chat.barrier());
        log.append(chat.opened("r1", "t1", "hello"));
        log.append(chat.asked("r1", 0, A0, "x"));
        log.pass(5);

        log.append(chat.tool("r1", 0, "x", "ok", Facts.write("s1", "one"), Facts.write("s2", "two")));
        log.append(chat.tool("r1", 0, "x", "again", Facts.write("s3", "of a repeated call")));
        log.append(BEAT.tool(RUN, 0, "a", "ok", Facts.write("s4", "four")));

        assertThat(log.cognition().facts(ADA, 10))
                .extracting(Memory.Fact::subject)
                .as("newest first")
                .containsExactly("s4", "s2", "s1");
        assertThat(log.cognition().facts(ADA, 1)).hasSize(1);
        assertThat(log.cognition().facts(ADA, 10))
                .extracting(Memory.Fact::origin)
                .containsExactly(Origin.HEARTBEAT, Origin.MODEL, Origin.MODEL);
        assertThat(log.cognition().facts(ADA, 1).getFirst().learnedAt()).isEqualTo(log.clock());
    }

    @Test
    void whatACheckDoesNotFindAnyMoreIsResolvedAndForgottenInTheEnd() {
        log.append(BEAT.looked("k1", false, List.of(looked(1)), disk("d1")));
        log.append(BEAT.looked("k2", false, List.of(looked(0))));
        log.append(BEAT.looked("k2", false, List.of(looked(0))));
        assertThat(finding("d1").state())
                .as("a tick that is told twice misses once")
                .isEqualTo(FindingState.NEW);

        log.append(BEAT.looked("k3", false, List.of(looked(0))));
        assertThat(finding("d1").state()).isEqualTo(FindingState.RESOLVED);

        log.pass(Duration.ofDays(7).toMillis() + 1);
        log.append(BEAT.checkpoint(0));
        assertThat(log.cognition().findings(ADA))
                .extracting(entry -> entry.finding().fingerprint())
                .containsExactly("f1", "f2");
    }

    @Test
    void aLookThatFoundMoreThanCountsMissesNothing() {
        log.append(BEAT.looked("k1", false, List.of(looked(1)), disk("d1")));
        for (int i = 0; i < 5; i++) {
            log.append(BEAT.looked("full" + i, false, List.of(looked(CheckReport.MAX_FINDINGS))));
        }

        assertThat(finding("d1").state()).isEqualTo(FindingState.NEW);
    }

    @Test
    void aLookThatFailedMissesNothing() {
        log.append(BEAT.looked("k1", false, List.of(looked(1)), disk("d1")));
        CheckReport failed = new CheckReport("disk", Status.FAILED, 0, 1, 0, true, "no answer");
        for (int i = 0; i < 5; i++) {
            log.append(BEAT.looked("failed" + i, false, List.of(failed)));
        }

        assertThat(finding("d1").state()).isEqualTo(FindingState.NEW);
        assertThat(log.cognition().check(ADA, "disk").openUntil()).isNotNull();
    }

    @Test
    void whatATickTellsAtOnceItTellsAgainWhenItIsReadAgain() {
        Folded first = log.append(BEAT.looked("k1", true, List.of(looked(1)), pressing("d1")));
        Folded again = log.append(BEAT.looked("k1", false, List.of(looked(1)), pressing("d1")));
        Folded next = log.append(BEAT.looked("k2", false, List.of(looked(1)), pressing("d1")));

        assertThat(alerts(first)).containsExactly("k1/d1/raised");
        assertThat(alerts(again)).containsExactly("k1/d1/raised");
        assertThat(alerts(next)).isEmpty();
    }

    @Test
    void theDigestIsTheSameWhenItsTickIsReadAgain() {
        Finding quiet = new Finding("q1", "signals", "mail", "a newsletter", Finding.Urgency.LOW, false, null);
        log.append(BEAT.raised("k0", quiet));

        Folded first = log.append(BEAT.looked("k1", true, List.of()));
        Folded again = log.append(BEAT.looked("k1", false, List.of()));
        Folded next = log.append(BEAT.looked("k2", true, List.of()));

        assertThat(digest(first)).containsExactly("q1");
        assertThat(digest(again)).containsExactly("q1");
        assertThat(digest(next)).isEmpty();
    }

    @Test
    void aTickThatIsToldAgainAfterALaterOneChangesNothing() {
        long before = log.fold().position().offset();
        log.append(BEAT.raisedOn(before, "k1", Writer.finding("f9")));
        log.append(BEAT.reacted("f9", Reaction.RESOLVE, 3));
        log.append(BEAT.raisedOn(log.fold().position().offset(), "k2", Writer.finding("f8")));

        assertThat(log.append(BEAT.raisedOn(before, "k1", Writer.finding("f9"))))
                .isEqualTo(new Folded.Ignored("a later tick has looked"));
        assertThat(finding("f9").state()).isEqualTo(FindingState.RESOLVED);
    }

    @Test
    void whatIsAcknowledgedAndStaysThereIsToldAgain() {
        log.append(BEAT.looked("k1", false, List.of(looked(1)), disk("d1")));
        log.append(BEAT.reacted("d1", Reaction.ACKNOWLEDGE, 3));
        log.pass(Duration.ofDays(1).toMillis());

        Folded told = log.append(BEAT.looked("k2", false, List.of(looked(1)), disk("d1")));

        assertThat(alerts(told)).containsExactly("k2/d1/still");
        log.pass(Duration.ofHours(11).toMillis());
        assertThat(alerts(log.append(BEAT.looked("k3", false, List.of(looked(1)), disk("d1")))))
                .isEmpty();
    }

    @Test
    void muchOfOneCheckIsToldOnce() {
        Finding[] many = new Finding[5];
        for (int i = 0; i < many.length; i++) {
            many[i] = disk("d" + i);
        }
        log.append(BEAT.looked("k1", false, List.of(looked(5)), many));
        for (int i = 0; i < many.length; i++) {
            log.append(BEAT.reacted(many[i].fingerprint(), Reaction.ACKNOWLEDGE, i));
        }

        assertThat(alerts(log.append(BEAT.looked("k2", false, List.of(looked(5)), many))))
                .containsExactly("k2/disk/many");
        assertThat(alerts(log.append(BEAT.looked("k3", false, List.of(looked(5)), many))))
                .isEmpty();
    }

    private static CheckReport looked(int found) {
        return new CheckReport("disk", Status.OK, found, 1, 0, true, null);
    }

    private static Finding disk(String fingerprint) {
        return new Finding(fingerprint, "disk", "host", "disk " + fingerprint, Finding.Urgency.NORMAL, true, null);
    }

    private static Finding pressing(String fingerprint) {
        return new Finding(fingerprint, "disk", "host", "disk " + fingerprint, Finding.Urgency.HIGH, true, null);
    }

    private static List<String> alerts(Folded folded) {
        return ((Folded.Raised) folded)
                .alerts().stream().map(Attention::attentionId).toList();
    }

    private static List<String> digest(Folded folded) {
        return ((Folded.Raised) folded)
                .digest().stream().map(entry -> entry.finding().fingerprint()).toList();
    }

    private FindingEntry finding(String fingerprint) {
        return log.cognition().findings(ADA).stream()
                .filter(entry -> entry.finding().fingerprint().equals(fingerprint))
                .findFirst()
                .orElseThrow();
    }

    private static MemoryWrite decide(String fingerprint, Action action) {
        return new MemoryWrite.DecideFinding(fingerprint, action, "because");
    }
}
