package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Cognition;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.Checkpoint;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CheckpointsTest {
    private record Logged(String key, byte @Nullable [] value) {}

    @Test
    void checkpointsOfBothLanesHold() {
        List<Logged> log = history();
        Fold.Position at = fold(log).position();
        log.add(checkpoint(
                Lane.CHAT, at.offset(), at.logHash().hex(), at.storeHash().hex()));
        log.add(checkpoint(
                Lane.HEARTBEAT, at.offset(), at.logHash().hex(), at.storeHash().hex()));

        Verified verifier = verify(log);

        assertThat(verifier.problems()).isEmpty();
        assertThat(verifier.checkpoints().of(Lane.CHAT).held()).isEqualTo(1);
        assertThat(verifier.checkpoints().of(Lane.HEARTBEAT).held()).isEqualTo(1);
    }

    @Test
    void aChangedByteInTheLogIsFound() {
        List<Logged> log = history();
        Fold.Position at = fold(log).position();
        log.add(checkpoint(
                Lane.CHAT, at.offset(), at.logHash().hex(), at.storeHash().hex()));
        byte[] changed = log.get(1).value().clone();
        int where = new String(changed, UTF_8).indexOf("a reason");
        changed[where]++;
        log.set(1, new Logged(log.get(1).key(), changed));

        assertThat(verify(log).problems()).singleElement().asString().contains("chat", "offset 1", "not the one");
    }

    @Test
    void aStoreThatWentAnotherWayIsFound() {
        List<Logged> log = history();
        Fold.Position at = fold(log).position();
        log.add(checkpoint(Lane.HEARTBEAT, at.offset(), at.logHash().hex(), "0".repeat(32)));

        assertThat(verify(log).problems()).singleElement().asString().contains("heartbeat", "store was not");
    }

    @Test
    void aCheckpointOfAnOffsetThatIsNotThereIsFound() {
        List<Logged> log = history();
        log.add(checkpoint(Lane.CHAT, 77, "0".repeat(32), "0".repeat(32)));

        assertThat(verify(log).problems()).singleElement().asString().contains("offset 77");
    }

    @Test
    void aRecordThatIsNoEventIsPassedOverAsTheLanesDo() {
        List<Logged> log = history();
        log.add(new Logged("ada", "garbage".getBytes(UTF_8)));
        Fold.Position at = fold(log).position();
        log.add(checkpoint(
                Lane.CHAT, at.offset(), at.logHash().hex(), at.storeHash().hex()));

        Verified verifier = verify(log);

        assertThat(verifier.problems()).isEmpty();
        assertThat(verifier.poison()).isOne();
        assertThat(verifier.checkpoints().of(Lane.CHAT).held()).isOne();
    }

    @Test
    void aCheckpointOfAnotherBuildIsHeldAgainstTheLogOnly() {
        List<Logged> log = history();
        Fold.Position at = fold(log).position();
        log.add(ofBuild(Cognition.FOLD_VERSION + 1, at, at.logHash().hex()));

        assertThat(verify(log).problems()).isEmpty();
        assertThat(verify(log).checkpoints().of(Lane.CHAT)).isEqualTo(new Report.Checked(0, 1, 0));

        log.add(ofBuild(Cognition.FOLD_VERSION + 1, at, "0".repeat(32)));
        assertThat(verify(log).problems()).singleElement().asString().contains("not the one");
    }

    /** However large the log: what is near, and every thousandth offset, is compared. */
    @Test
    void checkpointsFarBackAreComparedWhereALaneWritesThem() {
        List<Logged> log = history();
        while (log.size() < 300_000) {
            log.add(new Logged("ada", null));
        }
        List<Fold.Position> positions = new ArrayList<>();
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        for (int offset = 0; offset < log.size(); offset++) {
            fold.fold(
                    offset,
                    log.get(offset).key().getBytes(UTF_8),
                    log.get(offset).value(),
                    1_000);
            positions.add(fold.position());
        }
        for (int offset : new int[] {17_000, 17_001, 250_017, 299_999}) {
            Fold.Position at = positions.get(offset);
            log.add(ofBuild(Cognition.FOLD_VERSION, at, at.logHash().hex()));
        }

        Verified verifier = verify(log);

        assertThat(verifier.problems()).isEmpty();
        assertThat(verifier.checkpoints().of(Lane.CHAT)).isEqualTo(new Report.Checked(3, 0, 1));
    }

    private static Logged ofBuild(int foldVersion, Fold.Position at, String logHash) {
        return event(
                "~chat",
                null,
                new Checkpoint(at.offset(), logHash, at.storeHash().hex(), foldVersion),
                "checkpoint",
                Lane.CHAT);
    }

    private static List<Logged> history() {
        List<Logged> log = new ArrayList<>();
        log.add(event("~chat", null, new Barrier("incarnation-1", 1, 1, 1), "barrier"));
        log.add(event("ada", "incarnation-1", new AgentDeleted("a reason", 1L), "deleted"));
        return log;
    }

    private static Logged checkpoint(Lane lane, long offset, String logHash, String storeHash) {
        return event(
                "~" + lane.id(),
                null,
                new Checkpoint(offset, logHash, storeHash, Cognition.FOLD_VERSION),
                "checkpoint",
                lane);
    }

    private static Logged event(String key, @Nullable String stamp, MindEvent.Body body, String id) {
        return event(key, stamp, body, id, Lane.CHAT);
    }

    private static Logged event(String key, @Nullable String stamp, MindEvent.Body body, String id, Lane lane) {
        return new Logged(key, Json.write(new MindEvent(1, id, 0, lane, null, null, Origin.OPERATOR, stamp, body)));
    }

    private static Fold fold(List<Logged> log) {
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        for (int offset = 0; offset < log.size(); offset++) {
            fold.fold(
                    offset,
                    log.get(offset).key().getBytes(UTF_8),
                    log.get(offset).value(),
                    1_000);
        }
        return fold;
    }

    private record Verified(Checkpoints checkpoints, List<String> problems, int poison) {}

    private static Verified verify(List<Logged> log) {
        Checkpoints checkpoints = new Checkpoints();
        List<String> problems = new ArrayList<>();
        int poison = 0;
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        for (int offset = 0; offset < log.size(); offset++) {
            Fold.Result result = fold.fold(
                    offset,
                    log.get(offset).key().getBytes(UTF_8),
                    log.get(offset).value(),
                    1_000);
            poison += result instanceof Fold.Result.Poison ? 1 : 0;
            checkpoints.folded(result, fold.position(), (lane, problem) -> problems.add(lane.id() + " " + problem));
        }
        return new Verified(checkpoints, problems, poison);
    }
}
