package dev.noesis.heartbeat;

import dev.noesis.mind.Checkpoints;
import dev.noesis.mind.Specs;
import dev.noesis.mind.Writer;
import dev.noesis.model.MemoryWrite;
import dev.noesis.run.CrashableEffects;
import dev.noesis.run.CrashableLane;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A day of a thousand agents, minute by minute: they have schedules of all kinds, signals come, and models answer within the
 * minute. In the minutes that it is told to crash in, the task crashes once all that is due has been done and before any of
 * it is committed, and comes back.
 */
final class SimulatedDay {
    static final int AGENTS = 1_000;
    static final int MINUTES = 24 * 60;
    static final long BUDGET = 4 * Writer.COST.total();
    static final List<String> KINDS = List.of(
            "\"every\":\"PT30M\"",
            "\"every\":\"PT45M\",\"jitter\":\"PT0S\",\"timezone\":\"Asia/Kathmandu\"",
            "\"every\":\"PT1H\",\"activeHours\":{\"from\":\"08:00\",\"to\":\"20:00\"},\"timezone\":\"America/New_York\"",
            "\"every\":\"PT15M\",\"budget\":{\"tokensPerDay\":" + BUDGET + "}",
            "\"cron\":\"*/20 9-17 * * *\",\"timezone\":\"Europe/Berlin\",\"jitter\":\"PT5M\"",
            "\"cron\":\"30 3 * * *\",\"misfire\":\"fireOnce\"",
            "\"every\":\"PT6H\",\"activeHours\":{\"from\":\"22:00\",\"to\":\"06:00\"},\"timezone\":\"Asia/Tokyo\"");

    private final Random random;
    private final Set<Integer> crashes;
    private final CrashableLane lane = CrashableHeartbeat.task(Map.of("heartbeat.max.beats.per.second", "10000"));
    private int signals;

    SimulatedDay(long seed, Set<Integer> crashes) {
        this.random = new Random(seed);
        this.crashes = crashes;
    }

    static String agent(int i) {
        return "agent" + i;
    }

    static String schedule(int agent) {
        return "{\"enabled\":true," + KINDS.get(agent % KINDS.size()) + "}";
    }

    SimulatedDay run() {
        lane.startAndOwn();
        for (int i = 0; i < AGENTS; i++) {
            lane.input(CrashableHeartbeat.SCHEDULES, agent(i), schedule(i));
        }
        lane.run().commit();
        for (int minute = 1; minute <= MINUTES; minute++) {
            for (int i = random.nextInt(5); i > 0; i--) {
                // some hear of more than they can afford
                int agent = random.nextInt(3) == 0 ? 3 + KINDS.size() * random.nextInt(15) : random.nextInt(AGENTS);
                lane.input(
                        CrashableHeartbeat.SIGNALS,
                        agent(agent),
                        CrashableHeartbeat.signal("s" + signals++, "mail", "a mail", ""));
            }
            lane.pass(60_000);
            work();
            if (crashes.contains(minute)) {
                lane.crash().startAndOwn();
                work();
            }
            if (minute % 15 == 0 || crashes.contains(minute) || crashes.contains(minute + 1)) {
                lane.commit();
            }
        }
        lane.stop();
        Checkpoints.hold(lane.log());
        return this;
    }

    /** What is due is made, and all that follows from it. */
    private void work() {
        lane.fallBack();
        CrashableEffects effects = lane.effects();
        while (!effects.inFlight.isEmpty() || !effects.acting.isEmpty()) {
            List.copyOf(effects.inFlight.values())
                    .forEach(called ->
                            lane.ask(called.call().agentId(), called.call().runId(), "c", "heartbeat_respond", "{}"));
            for (CrashableEffects.Tooled tooled : List.copyOf(effects.acting.values())) {
                String agent = tooled.call().call().agentId();
                MemoryWrite[] decided = lane.processor().cognition().findings(agent).stream()
                        .map(entry -> new MemoryWrite.DecideFinding(
                                entry.finding().fingerprint(), MemoryWrite.Action.ACKNOWLEDGE, null))
                        .toArray(MemoryWrite[]::new);
                lane.toolAnswers(agent, tooled.call().call().runId(), "c", "noted", true, decided);
            }
        }
    }

    /** When the schedules were set, and when the day ended. */
    static long began() {
        return Specs.T0;
    }

    static long ended() {
        return Specs.T0 + MINUTES * 60_000L;
    }

    /** All outcomes in the order in which they were written. */
    List<CrashableLane.Output> outcomes() {
        return lane.outputs(HeartbeatTopology.OUTCOMES_SINK);
    }

    /** Each outcome as a line, sorted. */
    List<String> lines() {
        return outcomes().stream()
                .map(outcome -> {
                    JsonNode json = outcome.json();
                    return outcome.agent() + " " + json.path("tickId").asString() + " "
                            + json.path("status").asString() + " "
                            + json.path("skipReason").asString("") + " "
                            + json.path("nextDueAt").asString("") + " " + json.path("usage");
                })
                .sorted()
                .toList();
    }

    /** The ticks of each agent that have an outcome. */
    Map<String, Set<String>> ticks() {
        Map<String, Set<String>> ticks = new TreeMap<>();
        outcomes()
                .forEach(outcome -> ticks.computeIfAbsent(outcome.agent(), _ -> new TreeSet<>())
                        .add(outcome.json().path("tickId").asString()));
        return ticks;
    }

    int lengthOfLog() {
        return lane.log().size();
    }
}
