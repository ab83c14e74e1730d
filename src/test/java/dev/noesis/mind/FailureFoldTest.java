package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.noesis.mind.Memory.Failure;
import dev.noesis.model.Attempt;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which failed runs an agent remembers. */
class FailureFoldTest {
    private static final Writer CHAT = Writer.chat("c1");
    private static final Writer HEARTBEAT = Writer.heartbeat("h1");
    private static final long WEEK = Duration.ofDays(7).toMillis();

    private final MapEntries entries = new MapEntries();
    private final TestLog log = new TestLog(entries);
    private long attempts;

    @BeforeEach
    void bothLanesOwnThePartition() {
        log.appendAll(CHAT.barrier(), HEARTBEAT.barrier());
    }

    @Test
    void runsThatFailAreRememberedNewestFirstWhateverTheirLane() {
        fail(CHAT, "r1");
        long first = log.clock();
        log.pass(5);
        fail(HEARTBEAT, "h1");

        assertThat(log.cognition().failures(ADA))
                .containsExactly(
                        new Failure(
                                "h1", "h1/t", Lane.HEARTBEAT, ErrorCode.MODEL_UNAVAILABLE, "overloaded", log.clock()),
                        new Failure("r1", "r1/t", Lane.CHAT, ErrorCode.MODEL_UNAVAILABLE, "overloaded", first));
    }

    @Test
    void aRunWhoseDeadlinePassedHasFailedWhetherItBeganOrNot() {
        log.appendAll(CHAT.opened("r1", "t1", "hello"), CHAT.expired("r1", "t1"), CHAT.expired("r2", "t1"));

        assertThat(log.cognition().failures(ADA))
                .extracting(Failure::runId, Failure::code)
                .containsExactly(tuple("r2", ErrorCode.DEADLINE_EXCEEDED), tuple("r1", ErrorCode.DEADLINE_EXCEEDED));
    }

    @Test
    void runsThatFinishOrAreCancelledHaveNotFailed() {
        log.appendAll(
                CHAT.opened("r1", "t1", "hello"),
                CHAT.answered("r1", 0, next(), "hi"),
                CHAT.opened("r2", "t1", "hello"),
                CHAT.cancelled("r2", "t1"),
                CHAT.cancelled("r3", "t1"),
                CHAT.opened("r4", "t1", "hello"),
                CHAT.failed("r4", 0, next(), log.clock() + 1));

        assertThat(log.cognition().failures(ADA)).isEmpty();
    }

    @Test
    void anEventThatComesTwiceIsOneFailure() {
        fail(CHAT, "r1");
        log.append(CHAT.expired("r1", "r1/t"));

        assertThat(log.cognition().failures(ADA)).hasSize(1);
    }

    @Test
    void theNewestTwentyAreKeptAndNothingIsLeftOfOthers() {
        for (int i = 0; i < 25; i++) {
            fail(CHAT, "r" + i);
        }

        List<Failure> failures = log.cognition().failures(ADA);
        assertThat(failures).hasSize(20);
        assertThat(failures.getFirst().runId()).isEqualTo("r24");
        assertThat(failures.getLast().runId()).isEqualTo("r5");
        assertThat(expiries()).isEqualTo(20);
    }

    @Test
    void aFailureIsForgottenAfterAWeek() {
        fail(CHAT, "r1");
        log.pass(WEEK);
        fail(CHAT, "r2");
        assertThat(log.cognition().failures(ADA)).extracting(Failure::runId).containsExactly("r2", "r1");

        log.pass(1);
        log.append(CHAT.checkpoint(0));

        assertThat(log.cognition().failures(ADA)).extracting(Failure::runId).containsExactly("r2");
    }

    @Test
    void aLongMessageIsCutBetweenCharacters() {
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(failed("r1", "x".repeat(999) + "\uD83D\uDE00" + "y".repeat(5_000)));
        log.append(CHAT.opened("r2", "t1", "hello"));
        log.append(failed("r2", "z".repeat(1_000)));

        assertThat(log.cognition().failures(ADA))
                .extracting(Failure::message)
                .containsExactly("z".repeat(1_000), "x".repeat(999) + "…");
    }

    @Test
    void aDeletionTakesThemAndWhatIsRememberedAfterItStays() {
        fail(CHAT, "r1");
        log.append(CHAT.deleted(0));
        assertThat(log.cognition().failures(ADA)).isEmpty();

        log.pass(1);
        fail(CHAT, "r2");
        log.pass(WEEK);
        log.append(CHAT.checkpoint(0));

        assertThat(log.cognition().failures(ADA)).extracting(Failure::runId).containsExactly("r2");
    }

    private void fail(Writer by, String run) {
        log.appendAll(by.opened(run, run + "/t", "hello"), by.failed(run, 0, next(), null));
    }

    private MindEvent failed(String run, String message) {
        return new MindEvent(
                run + "/failed",
                0,
                Lane.CHAT,
                run,
                "t1",
                Origin.MODEL,
                CHAT.incarnation(),
                new MindEvent.StepFailed(0, next(), 1, ErrorCode.INTERNAL, message, null, Usage.NONE, 0));
    }

    private Attempt next() {
        return new Attempt(0, attempts++);
    }

    /** How many failures are to be forgotten some time. */
    private int expiries() {
        int[] count = {0};
        entries.scan(Keys.expiries(), (key, _) -> {
            count[0] += key.contains(Keys.failures(ADA)) ? 1 : 0;
            return true;
        });
        return count[0];
    }
}
