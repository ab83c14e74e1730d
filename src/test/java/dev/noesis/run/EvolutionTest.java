package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.chat.CrashableChat;
import dev.noesis.config.ConfigLoader;
import dev.noesis.mind.Build;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Folded;
import dev.noesis.mind.Run;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two builds on one log, of which one knows events that the other does not. */
class EvolutionTest {
    private static final String INPUTS = "inputs";
    private static final int OLD = MindEvent.VERSION;
    private static final int NEW = MindEvent.VERSION + 1;

    /** Answers each input with an event that only the newer build knows. */
    private record NewEvents(Desk desk) implements LaneFront {
        @Override
        public void accept(Input input) {
            String id = new String(input.key(), UTF_8) + "/" + input.offset();
            desk.append(
                    new String(input.key(), UTF_8),
                    new MindEvent(
                            NEW,
                            id,
                            0,
                            Lane.CHAT,
                            id,
                            "t1",
                            Origin.USER,
                            null,
                            new MindEvent.RunCancelled("what only the newer build can say")),
                    0);
        }

        @Override
        public void tooLarge(Input input, boolean knows) {
            throw new AssertionError();
        }

        @Override
        public void runMoved(String agent, @Nullable Run before, Run after, MindEvent event) {}

        @Override
        public void folded(String agent, MindEvent event, Folded folded) {}

        @Override
        public void recovered() {}

        @Override
        public long dueAt() {
            return Long.MAX_VALUE;
        }

        @Override
        public void takeDue() {}

        @Override
        public void admit() {}
    }

    private final CrashableLane lane = new CrashableLane(
                    ConfigLoader.load(Map.of("topics.partitions", "1")),
                    Lane.CHAT,
                    0,
                    List.of(INPUTS),
                    kernel -> kernel.with((desk, _) -> new NewEvents(desk)),
                    1_000_000)
            .build(NEW, Build.THIS.foldVersion());

    @Test
    void anEventThatTheOtherLanesBuildDoesNotKnowWaitsUntilThatOneIsUpgraded() {
        lane.append("~heartbeat", heartbeat(OLD, "h1"));
        lane.startAndOwn();

        lane.input(INPUTS, "ada", "one");
        lane.run();
        assertThat(written()).isEmpty();

        lane.append("~heartbeat", heartbeat(NEW, "h2"));
        lane.run();
        assertThat(written()).containsExactly("ada/0");
    }

    @Test
    void whatWaitsForAnUpgradeIsNotLostInACrash() {
        lane.append("~heartbeat", heartbeat(OLD, "h1"));
        lane.startAndOwn();
        lane.input(INPUTS, "ada", "one");
        lane.run().commit().crash();

        lane.append("~heartbeat", heartbeat(NEW, "h2"));
        lane.startAndOwn();

        assertThat(written()).containsExactly("ada/0");
    }

    @Test
    void aLaneThatNeverRanHoldsNothingUp() {
        lane.startAndOwn();

        lane.input(INPUTS, "ada", "one");
        lane.run();

        assertThat(written()).containsExactly("ada/0");
    }

    /** A tool's result does not wait as a decision does: what the other lane cannot fold is left out when it is told. */
    @Test
    void aToolIsCalledWithTheVersionThatBothLanesBuildsKnow() {
        CrashableLane chat = CrashableChat.task(Map.of());
        chat.append("~heartbeat", heartbeat(OLD - 1, "h1"));
        chat.startAndOwn();

        assertThat(logVersionOfToolIn(chat, "r1")).isEqualTo(OLD - 1);

        chat.append("~heartbeat", heartbeat(NEW, "h2"));
        chat.run();
        assertThat(logVersionOfToolIn(chat, "r2")).as("this lane's own").isEqualTo(OLD);
    }

    private static int logVersionOfToolIn(CrashableLane chat, String run) {
        chat.input(CrashableChat.REQUESTS, "ada", CrashableChat.start(run, run, ""));
        chat.run();
        chat.ask("ada", run, "c", "learn_fact", "{}");
        return chat.effects().tooled.getLast().call().logVersion();
    }

    /** Someone wrote it all the same: an older build that went on would forget what it does not know. */
    @Test
    void aBuildThatMeetsAnEventThatItDoesNotKnowStopsAndSaysSo() {
        lane.startAndOwn();
        lane.input(INPUTS, "ada", "one");
        lane.run().crash();

        lane.build(OLD, Build.THIS.foldVersion());

        assertThatThrownBy(() -> lane.start().run())
                .isInstanceOf(Fold.StoppedException.class)
                .hasMessageContaining("version " + NEW)
                .hasMessageContaining("upgrade");
    }

    private static MindEvent heartbeat(int logVersion, String incarnation) {
        return new MindEvent(
                "barrier/" + incarnation,
                0,
                Lane.HEARTBEAT,
                null,
                null,
                Origin.OPERATOR,
                null,
                new MindEvent.Barrier(incarnation, logVersion, Build.THIS.foldVersion(), 1));
    }

    /** The newer events in the log. */
    private List<String> written() {
        return lane.log().stream()
                .map(entry -> Json.read(entry.value(), MindEvent.class))
                .filter(event -> event.version() == NEW)
                .map(MindEvent::eventId)
                .toList();
    }
}
