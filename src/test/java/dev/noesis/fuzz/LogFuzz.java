package dev.noesis.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.fuzz.Mutator.Mutant;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.testing.TestLog;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Poison in a mind log that both lanes fold: they make the same of it, and agents that it does not name go on. */
final class LogFuzz {
    private static final Topics TOPICS = new Topics("");

    private final RandomGenerator random;
    private final Path stateDir;
    private final Tally tally;
    private final Mutator mutator;

    LogFuzz(RandomGenerator random, Path stateDir, Tally tally) {
        this.random = random;
        this.stateDir = stateDir;
        this.tally = tally;
        this.mutator = new Mutator(random);
    }

    /** A new log with some life in it, so many wrong records, and then a good run. */
    void batch(int records) {
        TestLog log = new TestLog();
        try (TestLane chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(log), stateDir);
                TestLane heartbeat =
                        TestLane.owner(TestLane.Setup.of(Lane.HEARTBEAT).on(log), stateDir)) {
            live(chat, heartbeat);
            List<TestLog.Entry> valid = log.records();
            for (int i = 0; i < records; i++) {
                poison(log, valid.get(random.nextInt(valid.size())), chat.now());
            }
            chat.settle();
            heartbeat.settle();
            chat.catchUp();
            assertThat(heartbeat.position()).isEqualTo(chat.position());
            assertThat(anew(log).position()).isEqualTo(chat.position());
        }
        // a barrier among them may have taken the partition from either: whoever comes next owns it
        try (TestLane next = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(log), stateDir)) {
            int waiting = next.effects.modelCalls.size();
            next.read(TOPICS.chatRequests(), "well", request("good"));
            assertThat(next.effects.modelCalls).hasSize(waiting + 1);
            next.answer(next.effects.modelCalls.getLast(), "end_turn", new Content.Text("done"));
            assertThat(next.records(TOPICS.chatReplies()).getLast().key()).isEqualTo("well".getBytes(UTF_8));
        }
    }

    private void live(TestLane chat, TestLane heartbeat) {
        chat.read(TOPICS.chatRequests(), "ada", request("r1"));
        chat.answer("tool_use", new Content.ToolUse("c1", "recall", "{}"));
        chat.read(TOPICS.chatRequests(), "ada", request("r2"));
        chat.read(TOPICS.chatRequests(), "grace", request("r1"));
        chat.answer("end_turn", new Content.Text("done"));
        heartbeat.read(
                TOPICS.agentSignals(),
                "ada",
                Json.object().put("signalId", "s1").put("summary", "something"));
        heartbeat.read(TOPICS.heartbeatTicks(), "ada", Json.object().put("tickId", "k1"));
        chat.settle();
        heartbeat.settle();
    }

    /** A record that stops the lanes, as the contract says, is not appended: it is held against a fold of its own. */
    private void poison(TestLog log, TestLog.Entry valid, long now) {
        Mutant mutant = mutator.mutate(valid.key(), Json.tree(valid.value()));
        try {
            Fold.Result result =
                    new Fold(new MapEntries(), Fold.Position.START).fold(0, mutant.key(), mutant.value(), now);
            tally.count("log " + result.getClass().getSimpleName());
        } catch (Fold.StoppedException e) {
            assertThat(e).hasMessageMatching("mind.log has an event of (type|version) .*upgrade it");
            tally.count("log stops");
            return;
        }
        log.appendRaw(mutant.key(), mutant.value(), now);
    }

    private static Fold anew(TestLog log) {
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        for (int offset = 0; offset < log.size(); offset++) {
            TestLog.Entry entry = log.get(offset);
            fold.fold(offset, entry.rawKey(), entry.value(), entry.timestamp());
        }
        return fold;
    }

    private static JsonNode request(String runId) {
        ObjectNode run = Json.object().put("threadId", "t1").put("runId", runId);
        run.putArray("messages").addObject().put("role", "user").put("content", "hello");
        return run;
    }
}
