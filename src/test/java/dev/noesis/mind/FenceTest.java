package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Folded.Fenced;
import dev.noesis.mind.Folded.HandedOver;
import dev.noesis.mind.Folded.Ignored;
import dev.noesis.mind.Folded.RunMoved;
import dev.noesis.mind.Folded.Stale;
import dev.noesis.mind.Memory.Fence;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who owns a partition, and what becomes of what others write. */
class FenceTest {
    private static final Attempt A0 = new Attempt(0, 0);
    private static final Writer FIRST = Writer.chat("first");
    private static final Writer SECOND = Writer.chat("second");
    private static final Writer THIRD = Writer.chat("third");
    private static final Writer HEARTBEAT = Writer.heartbeat("beat");
    private static final CallRef CALL = new CallRef(ADA, "r1", 0, null);

    private final TestLog log = new TestLog();

    static Stream<MindEvent> decisions() {
        return Stream.of(
                FIRST.opened("r2", "t2", "hello"),
                FIRST.failed("r1", 0, new Attempt(0, 9), null),
                FIRST.failed("r1", 0, new Attempt(0, 9), 5L),
                FIRST.cancelled("r1", "t1"),
                FIRST.cancelled("never", "t1"),
                FIRST.expired("r1", "t1"),
                FIRST.raised("tick", Writer.finding("f")),
                FIRST.deleted(),
                FIRST.handover(1_000, CALL));
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void aDecisionBehindANewerBarrierChangesNothing(MindEvent decision) {
        log.appendAll(FIRST.barrier(), FIRST.opened("r1", "t1", "hello"), SECOND.barrier());
        Digest before = log.fold().position().storeHash();

        assertThat(log.append(decision)).isEqualTo(new Stale());

        assertThat(log.fold().position().storeHash()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void aDecisionBeforeAnyBarrierChangesNothing(MindEvent decision) {
        assertThat(log.append(decision)).isEqualTo(new Stale());

        assertThat(log.fold().position().storeHash()).isEqualTo(Digest.ZERO);
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void aDecisionWithoutAStampChangesNothing(MindEvent decision) {
        log.append(FIRST.barrier());
        Digest before = log.fold().position().storeHash();

        assertThat(log.append(decision.stamped(null, 1))).isEqualTo(new Stale());

        assertThat(log.fold().position().storeHash()).isEqualTo(before);
    }

    @Test
    void theNewOwnersDecisionsCount() {
        log.appendAll(FIRST.barrier(), SECOND.barrier());

        assertThat(log.append(SECOND.opened("r1", "t1", "hello"))).isInstanceOf(RunMoved.class);
    }

    @Test
    void completionsCountWhoeverReportsThem() {
        log.appendAll(FIRST.barrier(), FIRST.opened("r1", "t1", "hello"), SECOND.barrier());

        assertThat(log.append(FIRST.asked("r1", 0, A0, "a"))).isInstanceOf(RunMoved.class);
        assertThat(log.append(FIRST.tool("r1", 0, "a", "found"))).isInstanceOf(RunMoved.class);

        assertThat(log.state("r1")).isEqualTo(new RunState.Thinking(1));
    }

    @Test
    void theLanesHaveOwnersOfTheirOwn() {
        log.appendAll(FIRST.barrier(), HEARTBEAT.barrier());

        assertThat(log.append(FIRST.opened("r1", "t1", "hello"))).isInstanceOf(RunMoved.class);
        assertThat(log.append(new Writer(Lane.CHAT, "beat").cancelled("r1", "t1")))
                .as("a stamp of the other lane")
                .isEqualTo(new Stale());
        assertThat(log.append(HEARTBEAT.raised("tick", Writer.finding("f")))).isInstanceOf(Folded.Raised.class);
    }

    @Test
    void aBarrierSaysWhereItStandsAndWhoWroteIt() {
        log.append(FIRST.checkpoint(0));

        assertThat(log.append(FIRST.barrier()))
                .isEqualTo(new Fenced(
                        Lane.CHAT,
                        new Fence(
                                "first",
                                1,
                                MindEvent.VERSION,
                                Cognition.FOLD_VERSION,
                                1,
                                List.of(),
                                0,
                                false,
                                List.of())));
    }

    @Test
    void aBarrierWrittenTwiceChangesNothing() {
        log.append(FIRST.barrier());
        Digest before = log.fold().position().storeHash();

        assertThat(log.append(FIRST.barrier())).isInstanceOf(Ignored.class);

        assertThat(log.fold().position().storeHash()).isEqualTo(before);
        assertThat(log.cognition().partition().chat().offset()).isZero();
    }

    @Test
    void aBarrierWrittenAgainBehindItsSuccessorsDoesNotTakeThePartitionBack() {
        log.appendAll(FIRST.barrier(), SECOND.barrier());

        assertThat(log.append(FIRST.barrier())).isInstanceOf(Ignored.class);

        assertThat(log.cognition().partition().chat().incarnation()).isEqualTo("second");
        assertThat(log.append(SECOND.opened("r1", "t1", "hello"))).isInstanceOf(RunMoved.class);
    }

    // ---- handover

    @Test
    void callsLeftToFinishAreKnownToTheNextOwnerUntilTheirTime() {
        log.append(FIRST.barrier());
        assertThat(log.append(FIRST.handover(30_000, CALL))).isEqualTo(new HandedOver(Lane.CHAT));
        long handedOverAt = log.clock();
        log.pass(500);

        log.append(SECOND.barrier());

        Fence fence = log.cognition().partition().chat();
        assertThat(fence.incarnation()).isEqualTo("second");
        assertThat(fence.handedOver()).containsExactly(CALL);
        assertThat(fence.handedOverUntil()).isEqualTo(handedOverAt + 30_000);
        assertThat(fence.own()).isFalse();
    }

    @Test
    void callsLeftToFinishAreWaitedForByWhoeverOwnsThePartitionBeforeTheirTime() {
        log.appendAll(FIRST.barrier(), FIRST.handover(30_000, CALL));
        long handedOverAt = log.clock();
        log.append(SECOND.barrier());

        log.append(THIRD.barrier());

        Fence fence = log.cognition().partition().chat();
        assertThat(fence.handedOver()).containsExactly(CALL);
        assertThat(fence.handedOverUntil()).isEqualTo(handedOverAt + 30_000);
    }

    @Test
    void callsLeftToFinishAreForgottenWhenTheirTimeIsOver() {
        log.appendAll(FIRST.barrier(), FIRST.handover(30_000, CALL));
        log.pass(30_000);

        log.append(SECOND.barrier());

        assertThat(log.cognition().partition().chat().handedOver()).isEmpty();
    }

    @Test
    void whoHandsOverWhileItWaitsForItsPredecessorsCallsLeavesThoseToo() {
        CallRef other = new CallRef(ADA, "r2", 0, null);
        log.appendAll(FIRST.barrier(), FIRST.handover(30_000, CALL), SECOND.barrier());

        log.appendAll(SECOND.handover(10_000, other), THIRD.barrier());

        assertThat(log.cognition().partition().chat().handedOver()).containsExactly(other, CALL);
    }

    @Test
    void aHandoverBehindTheNextBarrierIsIgnored() {
        log.appendAll(FIRST.barrier(), SECOND.barrier());

        assertThat(log.append(FIRST.handover(30_000, CALL))).isEqualTo(new Stale());

        assertThat(log.cognition().partition().chat().handedOver()).isEmpty();
    }

    @Test
    void anOwnerThatHandedOverOwnsThePartitionUntilTheNextBarrier() {
        log.appendAll(FIRST.barrier(), FIRST.opened("r1", "t1", "hello"), FIRST.handover(30_000, CALL));

        assertThat(log.append(FIRST.failed("r1", 0, A0, 5L))).isInstanceOf(RunMoved.class);
    }

    @Test
    void aHandoverOfOneLaneIsNoneOfTheOthers() {
        log.appendAll(FIRST.barrier(), HEARTBEAT.barrier(), HEARTBEAT.handover(30_000, CALL), SECOND.barrier());

        assertThat(log.cognition().partition().chat().handedOver()).isEmpty();
        assertThat(log.cognition().partition().heartbeat().handedOver()).containsExactly(CALL);
    }
}
