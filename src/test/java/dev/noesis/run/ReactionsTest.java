package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Folded;
import dev.noesis.mind.Run;
import dev.noesis.mind.TestLog;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which effects follow each move of a run, and which are done with. */
class ReactionsTest {
    private static final String ADA = TestLog.ADA;
    private static final Writer CHAT = Writer.chat("c1");
    private static final String EXPIRY = Effect.Append.key(ADA, "r1/expired");

    private final TestLog log = new TestLog();
    private long attempts;

    @BeforeEach
    void aLaneOwnsThePartition() {
        log.append(CHAT.barrier());
    }

    @Test
    void aRunThatBeginsCallsTheModel() {
        Reactions reactions = to(CHAT.opened("r1", "t1", "hello"));

        assertThat(reactions.done()).isEmpty();
        assertThat(reactions.next()).containsExactly(new Effect.CallModel(ADA, "t1", "r1", 0, 0));
    }

    @Test
    void anAnswerEndsTheCallAndTheRun() {
        to(CHAT.opened("r1", "t1", "hello"));

        Reactions reactions = to(CHAT.answered("r1", 0, next(), "hi"));

        assertThat(reactions.done()).containsExactlyInAnyOrder(model(0), EXPIRY);
        assertThat(reactions.next()).isEmpty();
    }

    @Test
    void toolsThatTheModelAsksForAreCalled() {
        to(CHAT.opened("r1", "t1", "hello"));

        Reactions reactions = to(CHAT.asked("r1", 0, next(), "a", "b"));

        assertThat(reactions.done()).containsExactly(model(0));
        assertThat(reactions.next()).containsExactly(tool(0, "a"), tool(0, "b"));
    }

    @Test
    void aToolsResultEndsItsCallAndNoOther() {
        to(CHAT.opened("r1", "t1", "hello"), CHAT.asked("r1", 0, next(), "a", "b"));

        Reactions reactions = to(CHAT.tool("r1", 0, "b", "found"));

        assertThat(reactions.done()).containsExactly(tool(0, "b").key());
        assertThat(reactions.next()).isEmpty();
    }

    @Test
    void theLastToolsResultCallsTheModelAgain() {
        to(CHAT.opened("r1", "t1", "hello"), CHAT.asked("r1", 0, next(), "a", "b"), CHAT.tool("r1", 0, "b", "found"));

        Reactions reactions = to(CHAT.tool("r1", 0, "a", "found"));

        assertThat(reactions.done()).containsExactly(tool(0, "a").key());
        assertThat(reactions.next()).containsExactly(new Effect.CallModel(ADA, "t1", "r1", 1, 0));
    }

    @Test
    void aStepToBeTriedLaterIsCalledThen() {
        to(CHAT.opened("r1", "t1", "hello"));

        Reactions reactions = to(CHAT.failed("r1", 0, next(), 99L));

        assertThat(reactions.done()).containsExactly(model(0));
        assertThat(reactions.next()).containsExactly(new Effect.CallModel(ADA, "t1", "r1", 0, 99));
    }

    @Test
    void aRunThatEndsWhileItWaitsOrActsIsDoneWithAllOfIt() {
        to(CHAT.opened("r1", "t1", "hello"), CHAT.failed("r1", 0, next(), 99L));
        assertThat(to(CHAT.cancelled("r1", "t1")).done()).containsExactlyInAnyOrder(model(0), EXPIRY);

        to(CHAT.opened("r2", "t1", "hello"), CHAT.asked("r2", 0, next(), "a", "b"), CHAT.tool("r2", 0, "a", "ok"));
        assertThat(to(CHAT.expired("r2", "t1")).done())
                .containsExactlyInAnyOrder(
                        Effect.CallTool.key(ADA, "r2", 0, "b"), Effect.Append.key(ADA, "r2/expired"));
    }

    @Test
    void aRunThatEndsBeforeItBeganIsDoneWithItsDeadline() {
        Reactions reactions = to(CHAT.cancelled("r1", "t1"));

        assertThat(reactions.done()).containsExactly(EXPIRY);
        assertThat(reactions.next()).isEmpty();
    }

    @Test
    void aRunThatIsGoneIsDoneWithAllOfIt() {
        to(CHAT.opened("r1", "t1", "hello"), CHAT.asked("r1", 0, next(), "a", "b"), CHAT.tool("r1", 0, "a", "ok"));

        assertThat(Reactions.gone(ADA, log.run("r1")))
                .containsExactlyInAnyOrder(tool(0, "b").key(), EXPIRY);
    }

    /** Of two events in one place only one can complete an effect: nothing is done that was not put, and nothing stays. */
    @Test
    void whatARunPutsItTakesAway() {
        List<MindEvent> life = List.of(
                CHAT.opened("r1", "t1", "hello"),
                CHAT.failed("r1", 0, next(), 99L),
                CHAT.asked("r1", 0, next(), "a", "b"),
                CHAT.tool("r1", 0, "b", "ok"),
                CHAT.tool("r1", 0, "a", "ok"),
                CHAT.asked("r1", 1, next(), "a"),
                CHAT.tool("r1", 1, "a", "ok"),
                CHAT.answered("r1", 2, next(), "done"));
        List<String> outbox = new ArrayList<>(List.of(EXPIRY));
        for (MindEvent event : life) {
            Reactions reactions = to(event);
            assertThat(outbox).containsAll(reactions.done());
            outbox.removeAll(reactions.done());
            reactions.next().forEach(effect -> outbox.add(effect.key()));
            assertThat(outbox).doesNotHaveDuplicates();
        }
        assertThat(outbox).isEmpty();
    }

    private Reactions to(MindEvent... events) {
        Reactions last = null;
        for (MindEvent event : Arrays.asList(events)) {
            Folded folded = log.append(event);
            assertThat(folded).isInstanceOf(Folded.RunMoved.class);
            Run before = ((Folded.RunMoved) folded).before();
            last = Reactions.to(ADA, before, ((Folded.RunMoved) folded).after());
        }
        return last;
    }

    private Attempt next() {
        return new Attempt(0, attempts++);
    }

    private static String model(int step) {
        return Effect.CallModel.key(ADA, "r1", step);
    }

    private static Effect tool(int step, String callId) {
        return new Effect.CallTool(ADA, "t1", "r1", step, callId, "recall", "{}");
    }
}
