package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Folded.Ignored;
import dev.noesis.mind.Folded.RunMoved;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What runs, threads and agents become; {@link FenceTest} and {@link PoisonTest} have the rest of the fold. */
class FoldTest {
    private static final Attempt A0 = new Attempt(0, 0);
    private static final Attempt A1 = new Attempt(0, 1);
    private static final Writer CHAT = Writer.chat("c1");

    private final TestLog log = new TestLog();

    @BeforeEach
    void aLaneOwnsThePartition() {
        log.append(CHAT.barrier());
    }

    // ---- first wins

    @Test
    void theFirstOpeningOfARunCountsAndLaterOnesChangeNothing() {
        log.append(CHAT.opened("r1", "t1", "first"));
        Digest before = log.fold().position().storeHash();

        assertThat(log.append(CHAT.opened("r1", "t1", "second"))).isEqualTo(new Ignored("run is known"));
        assertThat(log.append(CHAT.opened("r1", "t2", "third"))).isEqualTo(new Ignored("run is known"));

        assertThat(log.fold().position().storeHash()).isEqualTo(before);
        assertThat(said("t1")).containsExactly("user: first");
    }

    @Test
    void aThreadHasOneRunAtATime() {
        log.append(CHAT.opened("r1", "t1", "first"));

        assertThat(log.append(CHAT.opened("r2", "t1", "second"))).isEqualTo(new Ignored("thread has a run"));
        assertThat(log.run("r2")).isNull();

        log.append(CHAT.answered("r1", 0, A0, "hi"));
        assertThat(log.append(CHAT.opened("r2", "t1", "second"))).isInstanceOf(RunMoved.class);
    }

    @Test
    void otherThreadsOfAnAgentRunBesideIt() {
        log.appendAll(CHAT.opened("r1", "t1", "one"), CHAT.opened("r2", "t2", "two"));

        assertThat(log.cognition().openRuns(ADA)).extracting(Run::runId).containsExactly("r1", "r2");
        assertThat(log.cognition().agent(ADA).openChatRuns()).isEqualTo(2);
    }

    @Test
    void theFirstAnswerOfAStepCountsAndTheLoserIsCharged() {
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(CHAT.asked("r1", 0, A0, "a"));

        assertThat(log.append(CHAT.answered("r1", 0, A1, "lost"))).isInstanceOf(Ignored.class);

        assertThat(log.state("r1")).isInstanceOf(RunState.Acting.class);
        assertThat(log.run("r1").usage()).isEqualTo(twice(Writer.COST));
        assertThat(log.cognition().agent(ADA).chatUsage()).isEqualTo(twice(Writer.COST));
        assertThat(said("t1")).containsExactly("user: hello", "assistant: [a]");
    }

    @Test
    void aReportThatIsRepeatedIsChargedOnce() {
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(CHAT.failed("r1", 0, A0, log.clock() + 1));
        log.append(CHAT.asked("r1", 0, A1, "a"));

        log.append(CHAT.asked("r1", 0, A1, "a"));
        log.append(CHAT.failed("r1", 0, A0, log.clock() + 1));

        assertThat(log.run("r1").usage()).isEqualTo(twice(Writer.COST));
        assertThat(log.run("r1").attempts()).isEqualTo(2);
        assertThat(log.cognition().agent(ADA).chatUsage()).isEqualTo(twice(Writer.COST));
    }

    @Test
    void aRunThatHasEndedIsStillChargedForWhatComesLate() {
        log.appendAll(CHAT.opened("r1", "t1", "hello"), CHAT.cancelled("r1", "t1"));

        log.append(CHAT.answered("r1", 0, A0, "too late"));

        assertThat(log.state("r1")).isEqualTo(new RunState.Cancelled("no longer needed"));
        assertThat(log.run("r1").usage()).isEqualTo(Writer.COST);
        assertThat(said("t1")).containsExactly("user: hello");
    }

    @Test
    void aRunThatNobodyKnowsIsChargedToItsAgent() {
        assertThat(log.append(CHAT.answered("gone", 0, A0, "hi"))).isEqualTo(new Ignored("run is not known"));

        assertThat(log.cognition().agent(ADA).chatUsage()).isEqualTo(Writer.COST);
    }

    @Test
    void eachLaneIsChargedForItsOwnRuns() {
        Writer heartbeat = Writer.heartbeat("h1");
        log.append(heartbeat.barrier());
        log.appendAll(heartbeat.opened("h", "h", "findings"), CHAT.opened("r1", "t1", "hello"));
        assertThat(log.cognition().agent(ADA).heartbeatRun()).isEqualTo("h");

        log.appendAll(heartbeat.answered("h", 0, A0, "ok"), CHAT.failed("r1", 0, A0, 5L));

        assertThat(log.cognition().agent(ADA).heartbeatUsage()).isEqualTo(Writer.COST);
        assertThat(log.cognition().agent(ADA).chatUsage()).isEqualTo(Writer.COST);
        assertThat(log.cognition().agent(ADA).heartbeatRun()).isNull();
    }

    @Test
    void theStreamGoesOnFromTheAttemptThatWon() {
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(CHAT.asked("r1", 0, A1, "a", "b"));
        assertThat(log.run("r1").attempt()).isEqualTo(A1);
        assertThat(log.run("r1").nextSeq()).isEqualTo(7);

        log.append(CHAT.tool("r1", 0, "a", "found"));

        assertThat(log.run("r1").nextSeq()).isEqualTo(8);
    }

    // ---- runs that never began

    @Test
    void aRunCancelledBeforeItBeganHasEndedAndCannotBegin() {
        Folded folded = log.append(CHAT.cancelled("r1", "t1"));

        assertThat(folded).isInstanceOf(RunMoved.class);
        assertThat(((RunMoved) folded).before()).isNull();
        assertThat(log.state("r1")).isEqualTo(new RunState.Cancelled("no longer needed"));
        assertThat(log.append(CHAT.opened("r1", "t1", "hello"))).isEqualTo(new Ignored("run is known"));
        assertThat(log.append(CHAT.cancelled("r1", "t1"))).isEqualTo(new Ignored("run has ended"));
        assertThat(log.append(CHAT.expired("r1", "t1"))).isEqualTo(new Ignored("run has ended"));
        assertThat(said("t1")).isEmpty();
        assertThat(log.cognition().agent(ADA).openChatRuns()).isZero();
        assertThat(log.cognition().thread(ADA, "t1").activeRun()).isNull();
    }

    @Test
    void aRunThatExpiredBeforeItBeganHasFailed() {
        log.append(CHAT.expired("r1", "t1"));

        assertThat(log.state("r1"))
                .isInstanceOfSatisfying(
                        RunState.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
        assertThat(log.append(CHAT.opened("r1", "t1", "hello"))).isInstanceOf(Ignored.class);
    }

    @Test
    void cancellingARunThatNeverBeganDoesNotDisturbTheThreadsOpenRun() {
        log.append(CHAT.opened("r1", "t1", "hello"));

        log.append(CHAT.cancelled("r2", "t1"));

        assertThat(log.cognition().thread(ADA, "t1").activeRun()).isEqualTo("r1");
        assertThat(log.cognition().agent(ADA).openChatRuns()).isEqualTo(1);
    }

    // ---- threads

    @Test
    void aThreadHoldsEachRunsTurnInOrder() {
        log.appendAll(
                CHAT.opened("r1", "t1", "one"),
                CHAT.answered("r1", 0, A0, "uno"),
                CHAT.opened("r2", "t1", "two"),
                CHAT.asked("r2", 0, A0, "a"),
                CHAT.tool("r2", 0, "a", "found"),
                CHAT.answered("r2", 1, A1, "due"),
                CHAT.opened("other", "t2", "elsewhere"));

        assertThat(said("t1"))
                .containsExactly(
                        "user: one",
                        "assistant: uno",
                        "user: two",
                        "assistant: [a]",
                        "user: a=found",
                        "assistant: due");
        assertThat(log.cognition().thread(ADA, "t1").turns()).isEqualTo(2);
    }

    @Test
    void toolResultsStandInTheOrderOfTheirCallsAndOnlyOnceAllAreThere() {
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(CHAT.asked("r1", 0, A0, "a", "b", "c"));

        log.appendAll(CHAT.tool("r1", 0, "c", "3"), CHAT.tool("r1", 0, "a", "1"));
        assertThat(said("t1")).containsExactly("user: hello", "assistant: [a, b, c]");

        log.append(CHAT.tool("r1", 0, "b", "2"));
        assertThat(said("t1")).containsExactly("user: hello", "assistant: [a, b, c]", "user: a=1, b=2, c=3");
    }

    @Test
    void anAnswerWithoutContentLeavesNoEmptyMessage() {
        log.append(CHAT.opened("r1", "t1", "hello"));

        log.append(CHAT.completed("r1", 0, A0, "end_turn"));

        assertThat(log.state("r1")).isEqualTo(new RunState.Finished("end_turn"));
        assertThat(said("t1")).containsExactly("user: hello");
    }

    @Test
    void agentsHaveTheirOwnThreadsAndRuns() {
        log.append("ada", CHAT.opened("r1", "t1", "I am ada"));
        log.append("bob", CHAT.opened("r1", "t1", "I am bob"));
        log.append("ada/t", CHAT.opened("r1", "t1", "I am neither"));

        log.append("bob", CHAT.answered("r1", 0, A0, "hi bob"));

        assertThat(log.run("r1").isOpen()).isTrue();
        assertThat(said("t1")).containsExactly("user: I am ada");
    }

    // ---- time and forgetting

    @Test
    void aRunIsForgottenAfterItsTimeOfEventTime() {
        log.appendAll(CHAT.opened("r1", "t1", "hello"), CHAT.answered("r1", 0, A0, "hi"));

        log.pass(Specs.REMEMBER_MS);
        log.append(CHAT.checkpoint(0));
        assertThat(log.run("r1")).isNotNull();

        log.pass(1);
        log.append(CHAT.checkpoint(1));
        assertThat(log.run("r1")).isNull();
        assertThat(said("t1")).containsExactly("user: hello", "assistant: hi");
    }

    @Test
    void anOpenRunIsNeverForgotten() {
        log.append(CHAT.opened("r1", "t1", "hello"));

        log.pass(1_000 * Specs.REMEMBER_MS);
        log.append(CHAT.checkpoint(0));

        assertThat(log.run("r1")).isNotNull();
    }

    @Test
    void manyRunsAreForgottenAFewAtATime() {
        for (int i = 0; i < 20; i++) {
            log.appendAll(CHAT.opened("r" + i, "t1", "hello"), CHAT.answered("r" + i, 0, A0, "hi"));
        }
        log.pass(Specs.REMEMBER_MS + 1);

        log.append(CHAT.checkpoint(0));
        assertThat(known(20)).isEqualTo(12);
        log.append(CHAT.checkpoint(1));
        log.append(CHAT.checkpoint(2));
        assertThat(known(20)).isZero();
    }

    @Test
    void foldTimeIsTheRunningMaximum() {
        long before = log.clock();
        log.pass(-5_000);
        log.append(CHAT.checkpoint(0));
        assertThat(log.fold().position().clock()).isEqualTo(before);

        log.pass(9_000);
        log.append(CHAT.checkpoint(1));
        assertThat(log.fold().position().clock()).isEqualTo(before + 4_000);
    }

    // ---- deletion

    @Test
    void aDeletedAgentIsEmptyAndItsOpenRunsAreNamed() {
        log.append(CHAT.opened("r1", "t1", "one"));
        log.append(CHAT.asked("r1", 0, A0, "a"));
        log.append(CHAT.tool("r1", 0, "a", "ok", Facts.write("colour", "blue")));
        log.append(CHAT.answered("r1", 1, A1, "done"));
        log.append(CHAT.opened("r2", "t1", "two"));
        log.append("bob", CHAT.opened("r9", "t1", "I stay"));

        Folded folded = log.append(CHAT.deleted());

        assertThat(folded)
                .isInstanceOfSatisfying(
                        Folded.Deleted.class,
                        deleted -> assertThat(deleted.open())
                                .extracting(Run::runId)
                                .containsExactly("r2"));
        assertThat(log.cognition().facts(ADA, 10)).isEmpty();
        assertThat(said("t1")).isEmpty();
        assertThat(log.cognition().agent(ADA)).isEqualTo(Memory.Agent.NEW);
        assertThat(log.cognition().thread(ADA, "t1")).isEqualTo(Memory.ThreadHead.NEW);
        assertThat(log.cognition().openRuns(ADA)).isEmpty();
        assertThat(log.cognition().run("bob", "r9")).isNotNull();
    }

    @Test
    void aRunThatDeletionEndedDoesNotEndAgain() {
        log.appendAll(CHAT.opened("r1", "t1", "one"), CHAT.deleted());

        assertThat(log.append(CHAT.cancelled("r1", "t1"))).isInstanceOf(Ignored.class);
        assertThat(log.append(CHAT.expired("r1", "t1"))).isInstanceOf(Ignored.class);
        assertThat(log.append(CHAT.opened("r1", "t1", "one"))).isInstanceOf(Ignored.class);
    }

    @Test
    void aRunThatWasAskedForBeforeTheDeletionDoesNotBeginBehindIt() {
        log.append(CHAT.deleted(7));

        assertThat(log.append(CHAT.opened("r1", "t1", asked("before", 6))))
                .isInstanceOfSatisfying(
                        Folded.RunMoved.class,
                        moved -> assertThat(moved.after().state()).isInstanceOf(RunState.Cancelled.class));
        assertThat(log.append(CHAT.opened("r2", "t1", asked("after", 8)))).isInstanceOf(Folded.RunMoved.class);

        assertThat(said("t1")).containsExactly("user: after");
    }

    private static MindEvent.RunOpened asked(String text, long requestOffset) {
        return new MindEvent.RunOpened(Specs.spec(), List.of(Message.user("m", text)), requestOffset);
    }

    @Test
    void whatADeletedAgentIsToForgetIsNotTakenFromTheAgentItBecomes() {
        log.appendAll(CHAT.opened("r1", "t1", "one"), CHAT.answered("r1", 0, A0, "hi"));
        log.append(CHAT.deleted());
        log.pass(Specs.REMEMBER_MS / 2);
        log.append(CHAT.opened("r1", "t2", "one again"));

        log.pass(Specs.REMEMBER_MS / 2 + 1);
        log.append(CHAT.checkpoint(0));

        String active = log.cognition().thread(ADA, "t2").activeRun();
        if (active != null) {
            assertThat(log.run(active)).as("the run that keeps its thread busy").isNotNull();
        }
    }

    // ---- size

    /** A changelog takes 8 MiB a record, as the log does: what was folded from records must fit records again. */
    @Test
    void noEntryGrowsLargerThanARecordMayBe() {
        LargestEntries entries = new LargestEntries();
        TestLog large = new TestLog(entries);
        large.append(CHAT.barrier());
        large.append(CHAT.opened("r1", "t1", "x".repeat(3 << 20)));
        for (int step = 0; step < 3; step++) {
            large.append(CHAT.completed(
                    "r1", step, new Attempt(0, step), "pause_turn", new Content.Text("y".repeat(2 << 20))));
        }

        assertThat(entries.largest()).isLessThan(8 << 20);
    }

    private int known(int runs) {
        int known = 0;
        for (int i = 0; i < runs; i++) {
            known += log.run("r" + i) == null ? 0 : 1;
        }
        return known;
    }

    private List<String> said(String thread) {
        List<Turn> turns = new ArrayList<>();
        log.cognition().turnsNewestFirst(ADA, thread, turns::add);
        return turns.reversed().stream()
                .flatMap(turn -> turn.messages().stream())
                .map(FoldTest::line)
                .toList();
    }

    private static String line(Message message) {
        List<String> uses = new ArrayList<>();
        List<String> results = new ArrayList<>();
        for (Content block : message.content()) {
            switch (block) {
                case Content.ToolUse use -> uses.add(use.id());
                case Content.ToolResult result -> results.add(result.toolUseId() + "=" + result.text());
                case Content.Text _, Content.Thinking _, Content.RedactedThinking _ -> {}
            }
        }
        String what =
                !uses.isEmpty() ? uses.toString() : !results.isEmpty() ? String.join(", ", results) : message.text();
        return message.role().id() + ": " + what;
    }

    private static Usage twice(Usage usage) {
        return usage.plus(usage);
    }
}
