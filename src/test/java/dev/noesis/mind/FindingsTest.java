package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Attempt;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.Origin;
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
