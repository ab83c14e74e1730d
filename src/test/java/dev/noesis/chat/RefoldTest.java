package dev.noesis.chat;

import static dev.noesis.chat.CrashableChat.REQUESTS;
import static dev.noesis.chat.CrashableChat.start;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Build;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.TestLog;
import dev.noesis.run.CrashableLane;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A build whose fold means something else makes the memory anew from the log, and takes up the work where it stood. */
class RefoldTest {
    private static final int LOG = Build.THIS.logVersion();
    private static final int FOLD = Build.THIS.foldVersion();

    private final CrashableLane lane = CrashableChat.task(Map.of());

    private void oneRunEndedAndOneGoesOn() {
        lane.startAndOwn();
        lane.input(REQUESTS, "ada", start("t1", "r1", ""));
        lane.run();
        lane.answer("ada", "r1", "done");
        lane.input(REQUESTS, "ada", start("t2", "r2", ""));
        lane.run().commit();
    }

    private void finishRefold() {
        for (int i = 0; i < 20; i++) {
            lane.pass(1_000).fallBack();
        }
    }

    @Test
    void whatWasAnsweredIsNotAnsweredAgainAndWhatGoesOnGoesOn() {
        oneRunEndedAndOneGoesOn();
        assertThat(lane.outputs(ChatTopology.REPLIES_SINK)).hasSize(1);

        lane.crash().build(LOG, FOLD + 1).start().run();
        assertThat(lane.calls())
                .as("nothing is launched before the memory is whole")
                .isEmpty();
        finishRefold();

        assertThat(lane.calls()).containsExactly("r2/0");
        lane.answer("ada", "r2", "done too");
        assertThat(lane.outputs(ChatTopology.REPLIES_SINK))
                .extracting(reply -> reply.json().path("runId").asString())
                .containsExactly("r1", "r2");
        assertThat(checkpointAfterStop()).isEqualTo(foldedAnew(FOLD + 1));
    }

    @Test
    void whatReachesTheLogMeanwhileIsReactedTo() {
        oneRunEndedAndOneGoesOn();
        lane.lazily().answer("ada", "r2", "paid for");

        lane.crash().build(LOG, FOLD + 1).start().run();
        lane.input(REQUESTS, "ada", start("t3", "r3", ""));
        lane.run();
        finishRefold();

        assertThat(lane.outputs(ChatTopology.REPLIES_SINK))
                .extracting(reply -> reply.json().path("runId").asString())
                .containsExactly("r1", "r2");
        assertThat(lane.calls()).as("the request that came meanwhile").containsExactly("r3/0");
    }

    @Test
    void aCrashInTheMiddleGoesOnFromWhereItStood() {
        oneRunEndedAndOneGoesOn();

        lane.crash().build(LOG, FOLD + 1).start().run();
        lane.commit().crash().start().run();
        finishRefold();
        lane.commit().crash().start().run();

        assertThat(lane.calls()).containsExactly("r2/0");
        lane.answer("ada", "r2", "done too");
        assertThat(lane.outputs(ChatTopology.REPLIES_SINK)).hasSize(2);
        assertThat(checkpointAfterStop()).isEqualTo(foldedAnew(FOLD + 1));
    }

    @Test
    void theWayBackIsTheSame() {
        oneRunEndedAndOneGoesOn();

        lane.crash().build(LOG, FOLD + 1).start().run();
        lane.commit().crash().build(LOG, FOLD).start().run();
        finishRefold();

        assertThat(lane.calls()).containsExactly("r2/0");
        assertThat(checkpointAfterStop()).isEqualTo(foldedAnew(FOLD));
    }

    private String checkpointAfterStop() {
        lane.stop();
        return lane.lastCheckpoint();
    }

    /** The hash that a fold of the log has where the last checkpoint was made. */
    private String foldedAnew(int foldVersion) {
        Build build = new Build(LOG, foldVersion);
        Fold fold = new Fold(new MapEntries(), Fold.Position.start(build), build);
        for (TestLog.Entry entry : lane.log().subList(0, (int) lane.lastCheckpointAt() + 1)) {
            entry.foldInto(fold);
        }
        return fold.position().storeHash().hex();
    }
}
