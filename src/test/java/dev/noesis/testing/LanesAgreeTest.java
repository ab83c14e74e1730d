package dev.noesis.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Whatever stands in a log, both lanes make the same of it, and so does anyone who folds it anew. */
class LanesAgreeTest {
    private static final Topics TOPICS = new Topics("");
    private static final int ROUNDS = 120;
    private static final String DECISION =
            "{\"what\":\"w\",\"why\":\"y\",\"confidence\":0.5,\"stakes\":\"low\",\"category\":\"c\"}";

    @TempDir
    private Path stateDir;

    private TestLane chat;
    private TestLane heartbeat;
    private int ids;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20_261_122, 77})
    void theLanesHashesAreEqualAtEqualOffsets(long seed) throws InterruptedException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        TestLog log = new TestLog();
        chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(log), stateDir);
        heartbeat = TestLane.owner(TestLane.Setup.of(Lane.HEARTBEAT).on(log), stateDir);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                step(random);
                agree(log);
            }
            Fold anew = new Fold(new MapEntries(), Fold.Position.START);
            for (int offset = 0; offset < log.records().size(); offset++) {
                TestLog.Entry entry = log.records().get(offset);
                anew.fold(offset, entry.rawKey(), entry.value(), entry.timestamp());
            }
            assertThat(anew.position()).isEqualTo(chat.position());
        } finally {
            chat.close();
            heartbeat.close();
        }
    }

    private void agree(TestLog log) {
        int settled;
        do {
            settled = log.records().size();
            chat.settle();
            heartbeat.settle();
        } while (log.records().size() > settled);
        assertThat(chat.position().offset()).isEqualTo(log.records().size() - 1);
        assertThat(heartbeat.position()).isEqualTo(chat.position());
    }

    /** Something happens to one of three agents, in one lane or the other. */
    private void step(RandomGenerator random) throws InterruptedException {
        String agent = "agent" + random.nextInt(3);
        switch (random.nextInt(15)) {
            case 0, 1, 2 -> chat.read(TOPICS.chatRequests(), agent, request(random));
            case 3 ->
                chat.read(
                        TOPICS.chatRequests(),
                        agent,
                        Json.object()
                                .put("type", "cancel")
                                .put("threadId", "t0")
                                .put("runId", "r" + random.nextInt(ids + 1)));
            case 4, 5 -> heartbeat.read(TOPICS.agentSignals(), agent, signal());
            case 13 -> heartbeat.read(TOPICS.agentSignals(), agent, reaction(random));
            case 6 ->
                heartbeat.read(TOPICS.heartbeatTicks(), agent, Json.object().put("tickId", "k" + ids++));
            case 7 -> answer(chat, "learn_fact", "{\"subject\":\"s" + ids++ + "\",\"statement\":\"x\"}", random);
            case 8 -> answer(chat, "record_decision", DECISION, random);
            case 9 -> answer(heartbeat, "heartbeat_respond", decisions(heartbeat), random);
            case 10 -> callTool(random.nextBoolean() ? chat : heartbeat);
            case 11 -> fail(random.nextBoolean() ? chat : heartbeat, random);
            case 12 -> restart(random);
            default -> {
                if (random.nextInt(4) == 0) {
                    chat.read(TOPICS.chatRequests(), agent, Json.object().put("type", "delete"));
                } else {
                    Duration time = Duration.ofMinutes(random.nextInt(8));
                    chat.advance(time);
                    heartbeat.advance(time);
                }
            }
        }
    }

    private void restart(RandomGenerator random) {
        if (random.nextBoolean()) {
            chat = random.nextBoolean() ? chat.crash() : chat.stop(1_000);
        } else {
            heartbeat = random.nextBoolean() ? heartbeat.crash() : heartbeat.stop(1_000);
        }
    }

    private static void answer(TestLane lane, String tool, String arguments, RandomGenerator random) {
        if (!lane.effects.modelCalls.isEmpty()) {
            if (random.nextBoolean()) {
                lane.answer("tool_use", new Content.ToolUse("c" + random.nextInt(3), tool, arguments));
            } else {
                lane.answer("end_turn", new Content.Text("done"));
            }
        }
    }

    private static void callTool(TestLane lane) throws InterruptedException {
        if (!lane.effects.toolCalls.isEmpty()) {
            lane.callTool();
        }
    }

    private static void fail(TestLane lane, RandomGenerator random) {
        if (!lane.effects.modelCalls.isEmpty()) {
            if (random.nextBoolean()) {
                lane.fail(ErrorCode.MODEL_UNAVAILABLE);
            } else {
                lane.failUntil(lane.now() + 1_000);
            }
        }
    }

    private static String decisions(TestLane lane) {
        ObjectNode arguments = Json.object();
        var decisions = arguments.putArray("decisions");
        if (!lane.effects.modelCalls.isEmpty()) {
            lane.effects
                    .modelCalls
                    .getFirst()
                    .call()
                    .request()
                    .messages()
                    .getFirst()
                    .text()
                    .lines()
                    .filter(line -> line.startsWith("- ["))
                    .forEach(line -> decisions
                            .addObject()
                            .put("fingerprint", line.substring(3, line.indexOf(']')))
                            .put("action", "acknowledge"));
        }
        return arguments.toString();
    }

    private ObjectNode request(RandomGenerator random) {
        ObjectNode request =
                Json.object().put("threadId", "t" + random.nextInt(2)).put("runId", "r" + ids++);
        request.putArray("messages").addObject().put("role", "user").put("content", "hello");
        return request;
    }

    /** To any finding; it may be another agent's. */
    private ObjectNode reaction(RandomGenerator random) {
        List<Finding> raised = heartbeat.log().bodies(FindingsRaised.class).stream()
                .flatMap(tick -> tick.findings().stream())
                .toList();
        return Json.object()
                .put("type", "reaction")
                .put(
                        "fingerprint",
                        raised.isEmpty()
                                ? "0000000000000000"
                                : raised.get(random.nextInt(raised.size())).fingerprint())
                .put("action", List.of("acknowledge", "resolve", "dismiss").get(random.nextInt(3)));
    }

    private ObjectNode signal() {
        return Json.object().put("signalId", "s" + ids++).put("source", "test").put("summary", "something happened");
    }
}
