package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.chat.CrashableChat;
import dev.noesis.heartbeat.CrashableHeartbeat;
import dev.noesis.mind.Checkpoints;
import dev.noesis.mind.Decisions;
import dev.noesis.model.MemoryWrite;
import dev.noesis.run.CrashableEffects;
import dev.noesis.run.CrashableLane;
import dev.noesis.tool.HeartbeatRespond;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both lanes fold one log that both write: what each says it was at an offset, a fold of the log is there. */
class BothLanesCrashTest {
    /** Each lane works, crashes and comes back; each writes what the other folds. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void lanesThatWorkAndCrashOnOneLogAreEqual(long seed) {
        Random random = new Random(seed);
        CrashableLane chat = CrashableChat.task(Map.of()).lazily();
        CrashableLane heartbeat = CrashableHeartbeat.task().sharing(chat).lazily();
        List<CrashableLane> lanes = List.of(chat, heartbeat);
        lanes.forEach(CrashableLane::start);
        for (int i = 0; i < 3_000; i++) {
            CrashableLane lane = lanes.get(random.nextInt(2));
            switch (random.nextInt(20)) {
                case 0 ->
                    chat.input(
                            CrashableChat.REQUESTS, "ada", CrashableChat.start("t" + random.nextInt(3), "r" + i, ""));
                case 1 ->
                    heartbeat.input(
                            CrashableHeartbeat.SIGNALS,
                            "ada",
                            CrashableHeartbeat.signal("s" + i, "mail", "a mail", ""));
                case 2 -> heartbeat.input(CrashableHeartbeat.TICKS, "ada", CrashableHeartbeat.tick("k" + i));
                case 3, 4, 5 -> answer(lane, random);
                case 6 -> lane.commit();
                case 7 -> {
                    if (random.nextInt(10) == 0) {
                        lane.crash().start();
                    } else if (random.nextInt(10) == 0) {
                        lane.stop().start();
                    }
                }
                case 8, 9, 10, 11 -> lane.flushOne();
                default -> lane.processNext();
            }
        }
        for (int i = 0; i < 5; i++) {
            lanes.forEach(CrashableLane::run);
        }

        lanes.forEach(CrashableLane::stop);
        assertThat(chat.log()).hasSizeGreaterThan(100);
        Checkpoints.hold(chat.log());
    }

    private static void answer(CrashableLane lane, Random random) {
        CrashableEffects effects = lane.effects();
        if (!effects.acting.isEmpty()) {
            var call = effects.acting.values().iterator().next().call().call();
            boolean respond = call.tool().equals(HeartbeatRespond.NAME);
            MemoryWrite write =
                    respond ? new MemoryWrite.DecideFinding("f", MemoryWrite.Action.ACKNOWLEDGE, null) : write(random);
            lane.toolAnswers(call.agentId(), call.runId(), call.callId(), "ok", respond, write);
        } else if (!effects.inFlight.isEmpty()) {
            var call = effects.inFlight.values().iterator().next().call();
            switch (random.nextInt(4)) {
                case 0 -> lane.answer(call.agentId(), call.runId(), "hi");
                case 1 -> lane.fail(call.agentId(), call.runId(), random.nextBoolean() ? null : lane.clock());
                default -> {
                    boolean beat = call.runId().startsWith("heartbeat-");
                    lane.ask(call.agentId(), call.runId(), "c", beat ? HeartbeatRespond.NAME : "learn_fact", "{}");
                }
            }
        }
    }

    private static MemoryWrite write(Random random) {
        String decision = "d" + random.nextInt(5);
        return switch (random.nextInt(3)) {
            case 0 -> new MemoryWrite.LearnFact("tea", "Ada likes tea " + random.nextInt(), 0.5);
            case 1 -> Decisions.record(decision, 0.5);
            default -> Decisions.review(decision, MemoryWrite.Verdict.SUCCESS);
        };
    }
}
