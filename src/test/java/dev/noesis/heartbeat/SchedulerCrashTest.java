package dev.noesis.heartbeat;

import static dev.noesis.heartbeat.CrashableHeartbeat.SCHEDULES;
import static dev.noesis.heartbeat.CrashableHeartbeat.SIGNALS;
import static dev.noesis.heartbeat.CrashableHeartbeat.signal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Checkpoints;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.DueTimes;
import dev.noesis.mind.Writer;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.Origin;
import dev.noesis.model.Schedule;
import dev.noesis.model.ScheduledTick;
import dev.noesis.run.CrashableEffects;
import dev.noesis.run.CrashableLane;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ticks of the scheduler, whatever happens to the task that makes them. */
class SchedulerCrashTest {
    private static final List<String> AGENTS = List.of("ada", "bob", "cyd");
    private static final List<String> RHYTHMS =
            List.of("\"every\":\"PT1M\"", "\"every\":\"PT7M\",\"misfire\":\"fireOnce\"", "\"cron\":\"*/3 * * * *\"");

    @Test
    void aTaskIsCalledByTheClockOnlyWhileSomethingIsScheduled() {
        CrashableLane lane = CrashableHeartbeat.task().startAndOwn();
        lane.fallBack();
        assertThat(lane.punctuators()).isZero();

        lane.input(SCHEDULES, "ada", "{\"enabled\":true,\"every\":\"PT1M\"}");
        lane.run();
        assertThat(lane.punctuators()).isEqualTo(1);
        lane.fallBack();
        assertThat(lane.punctuators()).isEqualTo(1);

        lane.input(SCHEDULES, "ada", (String) null);
        lane.run();
        lane.pass(60_000).fallBack();
        assertThat(lane.punctuators()).isZero();
        assertThat(lane.outputs(HeartbeatTopology.OUTCOMES_SINK)).isEmpty();
    }

    @Test
    void aScheduleWaitsUntilTheChatLanesBuildKnowsWhatOneIs() {
        CrashableLane lane = CrashableHeartbeat.task();
        lane.append("~chat", barrier("c1", 1));
        lane.startAndOwn();
        lane.input(SCHEDULES, "ada", "{\"enabled\":true,\"every\":\"PT1M\"}");
        lane.run();
        assertThat(bodies(lane, ScheduleSet.class)).isEmpty();

        lane.append("~chat", barrier("c2", MindEvent.VERSION));
        lane.run();

        assertThat(bodies(lane, ScheduleSet.class)).hasSize(1);
    }

    /**
     * The task works and crashes, schedules come and go, an agent is deleted. Each tick has one outcome at most, each run of a
     * tick has one that tells it, and each tick is due by a schedule that its agent had.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void noTickIsMadeTwiceAndNoRunOfOneIsForgotten(long seed) {
        Random random = new Random(seed);
        CrashableLane lane = CrashableHeartbeat.task().lazily();
        Writer chat = Writer.chat("c1");
        lane.append("~chat", chat.barrier());
        lane.start();
        for (int i = 0; i < 4_000; i++) {
            String agent = AGENTS.get(random.nextInt(AGENTS.size()));
            switch (random.nextInt(24)) {
                case 0 -> lane.input(SCHEDULES, agent, schedule(random));
                case 1, 2 -> lane.input(SIGNALS, agent, signal("s" + i, "mail", "a mail", ""));
                // no transaction lasts from one due time to the next
                case 3 -> lane.commit().pass(random.nextInt(90_000));
                case 4, 5, 6 -> lane.punctuate();
                case 7, 8, 9, 10 -> answer(lane, random);
                case 11 -> lane.commit();
                case 12 -> {
                    if (random.nextInt(8) == 0) {
                        lane.crash().start();
                    } else if (random.nextInt(8) == 0) {
                        lane.stop().start();
                    }
                }
                case 13 -> {
                    if (random.nextInt(30) == 0) {
                        lane.append(agent, chat.deleted());
                    }
                }
                case 14, 15, 16, 17 -> lane.flushOne();
                default -> lane.processNext();
            }
        }
        for (int i = 0; i < 50; i++) {
            lane.run().punctuate();
            answer(lane, random);
        }
        lane.run().stop();

        told(lane);
        Checkpoints.hold(lane.log());
    }

    private static void told(CrashableLane lane) {
        Map<String, Set<Schedule>> schedules = new HashMap<>();
        Set<String> runs = new HashSet<>();
        for (var entry : lane.log()) {
            MindEvent event = Json.read(entry.value(), MindEvent.class);
            String agent = new String(entry.key(), UTF_8);
            if (event.body() instanceof ScheduleSet set && set.schedule() != null) {
                schedules.computeIfAbsent(agent, _ -> new HashSet<>()).add(set.schedule());
            }
            if (event.body() instanceof RunOpened) {
                runs.add(agent + " " + event.runId());
            }
        }
        Set<String> ticks = new HashSet<>();
        List<String> toldRuns = new ArrayList<>();
        for (CrashableLane.Output outcome : lane.outputs(HeartbeatTopology.OUTCOMES_SINK)) {
            String tickId = outcome.json().path("tickId").asString();
            ScheduledTick tick = ScheduledTick.named(outcome.agent(), tickId);
            assertThat(tick).as(tickId).isNotNull();
            assertThat(ticks.add(tickId)).as("%s is made once", tickId).isTrue();
            assertThat(schedules.get(outcome.agent()))
                    .as("%s is due", tickId)
                    .anyMatch(schedule ->
                            Long.valueOf(tick.dueAt()).equals(DueTimes.next(schedule, tick.agent(), tick.dueAt() - 1)));
            toldRuns.add(outcome.agent() + " heartbeat-" + tickId);
        }
        assertThat(ticks).hasSizeGreaterThan(20);
        assertThat(runs).isNotEmpty();
        assertThat(toldRuns).containsAll(runs);
    }

    private static String schedule(Random random) {
        return random.nextInt(4) == 0
                ? null
                : "{\"enabled\":" + (random.nextInt(6) > 0) + "," + RHYTHMS.get(random.nextInt(RHYTHMS.size())) + "}";
    }

    private static void answer(CrashableLane lane, Random random) {
        CrashableEffects effects = lane.effects();
        if (!effects.acting.isEmpty()) {
            var call = effects.acting.values().iterator().next().call().call();
            lane.toolAnswers(call.agentId(), call.runId(), call.callId(), "ok", true);
        } else if (!effects.inFlight.isEmpty()) {
            var call = effects.inFlight.values().iterator().next().call();
            if (random.nextInt(4) == 0) {
                lane.fail(call.agentId(), call.runId(), null);
            } else {
                lane.ask(call.agentId(), call.runId(), "c", "heartbeat_respond", "{}");
            }
        }
    }

    private static MindEvent barrier(String incarnation, int logVersion) {
        return new MindEvent(
                "barrier/" + incarnation,
                0,
                Lane.CHAT,
                null,
                null,
                Origin.OPERATOR,
                null,
                new MindEvent.Barrier(incarnation, logVersion, Cognition.FOLD_VERSION, 1));
    }

    private static <T extends MindEvent.Body> List<T> bodies(CrashableLane lane, Class<T> kind) {
        return lane.log().stream()
                .map(entry -> Json.read(entry.value(), MindEvent.class).body())
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }
}
