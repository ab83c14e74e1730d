package dev.noesis.mind;

import static dev.noesis.mind.Decisions.record;
import static dev.noesis.mind.Decisions.review;
import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Review;
import dev.noesis.model.Attempt;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.model.MemoryWrite.Verdict;
import dev.noesis.model.Origin;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of decisions, and which are forgotten. */
class DecisionFoldTest {
    private static final Writer CHAT = Writer.chat("c1");
    private static final Writer HEARTBEAT = Writer.heartbeat("h1");
    private static final int MAX = Cognition.MAX_DECISIONS;

    private final MapEntries entries = new MapEntries();
    private final TestLog log = new TestLog(entries);
    private int runs;

    @BeforeEach
    void bothLanesOwnThePartition() {
        log.appendAll(CHAT.barrier(), HEARTBEAT.barrier());
    }

    @Test
    void aDecisionIsKeptAsItWasMade() {
        log.pass(5);
        write(CHAT, record("d1", 0.7));

        assertThat(log.cognition().decisions(ADA, 10))
                .containsExactly(new Decision(
                        "d1",
                        "do d1",
                        "because",
                        0.7,
                        Stakes.MEDIUM,
                        "errands",
                        Origin.MODEL,
                        log.clock(),
                        "thread0",
                        null));
    }

    @Test
    void whatAHeartbeatDecidesIsKnownAsItsOwn() {
        write(HEARTBEAT, record("d1", 0.7));

        assertThat(decision("d1").origin()).isEqualTo(Origin.HEARTBEAT);
    }

    @Test
    void decisionsAreReadNewestFirst() {
        write(CHAT, record("d1", 0.1), record("d2", 0.2));
        write(CHAT, record("d3", 0.3));

        assertThat(ids(10)).containsExactly("d3", "d2", "d1");
        assertThat(ids(2)).containsExactly("d3", "d2");
    }

    @Test
    void theLastReviewOfADecisionCounts() {
        write(CHAT, record("d1", 0.7));
        write(CHAT, review("d1", Verdict.SUCCESS));
        log.pass(5);
        write(CHAT, review("d1", Verdict.FAILURE));

        assertThat(decision("d1").review()).isEqualTo(new Review(Verdict.FAILURE, "it was a failure", log.clock()));
        assertThat(decision("d1").what()).isEqualTo("do d1");
        assertThat(ids(10)).containsExactly("d1");
    }

    @Test
    void whatOneToolRecordsAndReviewsIsReviewed() {
        write(CHAT, record("d1", 0.7), review("d1", Verdict.PARTIAL));

        assertThat(decision("d1").review().verdict()).isEqualTo(Verdict.PARTIAL);
    }

    @Test
    void aReviewOfADecisionThatIsNotKnownChangesNothing() {
        write(CHAT, record("d1", 0.7));
        write(CHAT, review("d2", Verdict.SUCCESS));

        assertThat(ids(10)).containsExactly("d1");
        assertThat(decision("d1").review()).isNull();
    }

    @Test
    void ofTwoDecisionsWithOneIdTheFirstCounts() {
        write(CHAT, record("d1", 0.7));
        write(CHAT, record("d1", 0.2), record("d2", 0.3), record("d2", 0.4));

        assertThat(ids(10)).containsExactly("d2", "d1");
        assertThat(decision("d1").confidence()).isEqualTo(0.7);
        assertThat(decision("d2").confidence()).isEqualTo(0.3);
    }

    @Test
    void whereThereAreTooManyTheOldestReviewedOneIsForgottenElseTheOldest() {
        full();
        write(CHAT, review("d7", Verdict.SUCCESS));
        write(CHAT, review("d3", Verdict.SUCCESS));

        write(CHAT, record("a", 0.5));
        assertThat(ids(MAX)).hasSize(MAX).contains("a", "d0", "d7").doesNotContain("d3");
        write(CHAT, record("b", 0.5));
        assertThat(ids(MAX)).hasSize(MAX).contains("b", "d0").doesNotContain("d7");
        write(CHAT, record("c", 0.5));
        assertThat(ids(MAX)).hasSize(MAX).contains("c", "d1").doesNotContain("d0");
    }

    @Test
    void aToolThatRecordsSeveralMakesRoomForEach() {
        full();
        write(CHAT, review("d5", Verdict.SUCCESS));

        write(CHAT, record("a", 0.5), record("b", 0.5), record("c", 0.5));

        assertThat(ids(MAX))
                .hasSize(MAX)
                .startsWith("c", "b", "a")
                .contains("d2")
                .doesNotContain("d5", "d0", "d1");
    }

    @Test
    void ofMoreThanMayBeInOneEventTheFirstAreKept() {
        write(CHAT, many("d", MAX + 1));

        assertThat(ids(MAX + 1)).hasSize(MAX).doesNotContain("d" + MAX);
    }

    @Test
    void nothingIsLeftOfWhatWasForgotten() {
        full();
        for (int i = 0; i < MAX; i++) {
            write(CHAT, review("d" + i, Verdict.SUCCESS));
        }
        write(CHAT, many("e", MAX));

        write(CHAT, review("d1", Verdict.FAILURE), record("d1", 0.9));

        assertThat(decision("d1").review())
                .as("the decision of before and its review are forgotten")
                .isNull();
        assertThat(count(Keys.decisions(ADA))).isEqualTo(MAX);
        assertThat(count(Keys.decisionOf(ADA, ""))).isEqualTo(MAX);
        assertThat(count(Keys.reviewed(ADA))).isZero();
    }

    @Test
    void aDeletionTakesAllOfIt() {
        write(CHAT, record("d1", 0.7), review("d1", Verdict.SUCCESS));

        log.append(CHAT.deleted(0));
        assertThat(ids(10)).isEmpty();

        write(CHAT, record("d1", 0.2));
        assertThat(decision("d1").confidence()).isEqualTo(0.2);
        assertThat(decision("d1").review()).isNull();
    }

    /** As many as may be: d0, d1 and so on. */
    private void full() {
        write(CHAT, many("d", MAX));
    }

    private static MemoryWrite[] many(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> record(prefix + i, 0.5)).toArray(MemoryWrite[]::new);
    }

    /** A run whose tool writes this. */
    private void write(Writer by, MemoryWrite... writes) {
        String run = "run" + runs;
        log.appendAll(
                by.opened(run, "thread" + runs, "hello"),
                by.asked(run, 0, new Attempt(0, runs++), "a"),
                by.tool(run, 0, "a", "ok", true, writes));
    }

    private Decision decision(String id) {
        return log.cognition().decisions(ADA, MAX).stream()
                .filter(decision -> decision.decisionId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private List<String> ids(int limit) {
        return log.cognition().decisions(ADA, limit).stream()
                .map(Decision::decisionId)
                .toList();
    }

    private int count(String prefix) {
        int[] count = {0};
        entries.scan(prefix, (_, _) -> ++count[0] > 0);
        return count[0];
    }
}
