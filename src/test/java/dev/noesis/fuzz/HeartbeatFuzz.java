package dev.noesis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.fuzz.Mutator.Mutant;
import dev.noesis.model.Content;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.ScheduledTick;
import dev.noesis.schemas.SchemaCheck;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Wrong ticks, signals, reactions, tunings and schedules for one heartbeat lane, and what its contract says of each. */
final class HeartbeatFuzz implements AutoCloseable {
    private static final Topics TOPICS = new Topics("");
    private static final String TICKS = TOPICS.heartbeatTicks();
    private static final String SIGNALS = TOPICS.agentSignals();
    private static final String SCHEDULES = TOPICS.heartbeatSchedules();

    /** Why a record may be refused that its schema allows. */
    private static final List<String> BEYOND_SCHEMA = List.of(
            "agent",
            "key",
            "JSON",
            "UTF-8",
            "Unicode",
            "larger than",
            "signals waiting",
            "no value",
            "ISO 8601 duration in whole seconds from",
            "five fields",
            "nothing is ever due",
            "IANA database",
            "different times",
            "not allowed here",
            "does not have; there are",
            "names one of them twice");

    private final RandomGenerator random;
    private final Mutator mutator;
    private final Tally tally;
    private final TestLane lane;
    /** Agent and tick of those that were let through, and have no outcome yet. */
    private final Set<String> underWay = new HashSet<>();

    private int ids;
    /** Of a finding that a run was shown. */
    private String fingerprint = "00000000000000ff";

    HeartbeatFuzz(RandomGenerator random, Path stateDir, Tally tally) {
        this.random = random;
        this.mutator = new Mutator(random);
        this.tally = tally;
        this.lane = TestLane.heartbeat(stateDir, "heartbeat.max.signals=8");
    }

    /** Has the lane read so many wrong records, and then a good one. */
    void batch(int records) {
        for (int i = 0; i < records; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> tick(mutator.mutate(agent(), validTick()));
                case 2, 3 ->
                    signal(mutator.mutate(
                            agent(),
                            switch (random.nextInt(6)) {
                                case 0, 1 -> validReaction();
                                case 2 -> validTuning();
                                default -> validSignal();
                            }));
                default -> schedule(mutator.mutate("edith", validSchedule()));
            }
            if (random.nextInt(6) == 0) {
                answerOne();
            }
        }
        while (!lane.effects.modelCalls.isEmpty()) {
            answerOne();
        }
        assertThat(underWay).as("ticks without an outcome").isEmpty();
        good();
    }

    private void tick(Mutant mutant) {
        lane.effects.appends.clear();
        lane.take(TICKS, mutant.key(), mutant.value(), mutant.headers());
        List<String> answers = new ArrayList<>(dead(TICKS, mutant));
        for (JsonNode outcome : lane.written(TOPICS.heartbeatOutcomes())) {
            answers.add(outcome.path("status").asString() + " "
                    + outcome.path("skipReason").asString(""));
        }
        lane.effects.appends.stream()
                .map(append -> append.event().body())
                .filter(FindingsRaised.class::isInstance)
                .forEach(raised -> {
                    answers.add("raised");
                    underWay.add(mutant.agent() + "/" + ((FindingsRaised) raised).tickId());
                });
        assertThat(answers).as("answers to %s", mutant).hasSize(1);
        tally.count("tick " + answers.getFirst());
        taken(TICKS, mutant, answers);
        lane.settle();
        outcomes();
    }

    private void signal(Mutant mutant) {
        lane.effects.appends.clear();
        lane.take(SIGNALS, mutant.key(), mutant.value(), mutant.headers());
        List<String> answers = new ArrayList<>(dead(SIGNALS, mutant));
        for (var append : lane.effects.appends) {
            assertThat(append.event().body()).isInstanceOfAny(FindingReacted.class, CheckTuned.class);
            answers.add(append.event().body() instanceof CheckTuned ? "tuned" : "reacted");
        }
        if (answers.isEmpty()) {
            String id = text(mutant).path("signalId").asString();
            assertThat(lane.kept("signals", "s\0" + mutant.agent() + "\0"))
                    .as("%s is kept", mutant)
                    .anyMatch(signal -> signal.path("signalId").asString().equals(id));
            answers.add("kept");
        }
        assertThat(answers).as("answers to %s", mutant).hasSize(1);
        tally.count("signal " + answers.getFirst());
        taken(SIGNALS, mutant, answers);
        lane.settle();
    }

    private void schedule(Mutant mutant) {
        lane.effects.appends.clear();
        lane.take(SCHEDULES, mutant.key(), mutant.value(), mutant.headers());
        List<String> answers = new ArrayList<>(dead(SCHEDULES, mutant));
        lane.effects.appends.stream()
                .map(append -> append.event().body())
                .filter(ScheduleSet.class::isInstance)
                .forEach(_ -> answers.add("set"));
        assertThat(answers).as("answers to %s", mutant).hasSize(1);
        tally.count("schedule " + answers.getFirst());
        taken(SCHEDULES, mutant, answers);
        lane.settle();
    }

    private static JsonNode text(Mutant mutant) {
        return Json.tree(mutant.value());
    }

    private List<String> dead(String topic, Mutant mutant) {
        List<String> reasons = lane.deadLetters(TOPICS.heartbeatDlq());
        for (String reason : reasons) {
            if (mutant.value() != null
                    && mutant.value().length > 0
                    && SchemaCheck.problems(topic, mutant.value()).isEmpty()) {
                assertThat(BEYOND_SCHEMA)
                        .as("%s is refused for '%s', and its schema allows it", mutant, reason)
                        .anyMatch(reason::contains);
            }
        }
        return reasons.stream().map(_ -> "dead").toList();
    }

    private static void taken(String topic, Mutant mutant, List<String> answers) {
        if (!answers.contains("dead")) {
            assertThat(SchemaCheck.problems(topic, mutant.value()))
                    .as("taken: %s", mutant)
                    .isEmpty();
        }
    }

    /** Takes the outcomes of ticks whose run has ended: each once. */
    private void outcomes() {
        for (var record : lane.records(TOPICS.heartbeatOutcomes())) {
            tally.sample(TOPICS.heartbeatOutcomes(), record.value());
            String tickId = Json.tree(record.value()).path("tickId").asString();
            if (ScheduledTick.isReserved(tickId)) {
                continue;
            }
            String id = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8) + "/" + tickId;
            assertThat(underWay.remove(id))
                    .as("%s has an outcome and was under way", id)
                    .isTrue();
        }
        for (var record : lane.records(TOPICS.agentAttention())) {
            tally.sample(TOPICS.agentAttention(), record.value());
        }
    }

    private void good() {
        String agent = "well" + ids++;
        lane.read(SIGNALS, agent, validSignal());
        lane.read(TICKS, agent, Json.object().put("tickId", "good"));
        underWay.add(agent + "/good");
        assertThat(lane.thinking()).containsExactly("heartbeat-good");
        answerOne();
        assertThat(underWay).isEmpty();
        lane.advance(Duration.ofSeconds(random.nextInt(600)));
        outcomes();
    }

    private void answerOne() {
        if (lane.effects.modelCalls.isEmpty()) {
            return;
        }
        ObjectNode arguments = Json.object();
        var decisions = arguments.putArray("decisions");
        lane.effects
                .modelCalls
                .getFirst()
                .call()
                .request()
                .messages()
                .getFirst()
                .text()
                .lines()
                .filter(line -> line.startsWith("- [") && line.indexOf(']') == 19)
                .forEach(line -> {
                    fingerprint = line.substring(3, 19);
                    decisions
                            .addObject()
                            .put("fingerprint", fingerprint)
                            .put(
                                    "action",
                                    List.of("acknowledge", "notify", "act", "defer")
                                            .get(random.nextInt(4)));
                });
        lane.answer("tool_use", new Content.ToolUse("c1", "heartbeat_respond", arguments.toString()));
        try {
            lane.callTool();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        outcomes();
    }

    private String agent() {
        return List.of("ada", "grace", "edith").get(random.nextInt(3));
    }

    private ObjectNode validTick() {
        ObjectNode tick = Json.object()
                .put("tickId", "k" + (random.nextInt(5) == 0 ? Math.max(0, ids - 3) : ids++))
                .put("scheduledAt", Instant.ofEpochMilli(lane.now()).toString())
                .put("reason", "interval")
                .put("deadlineMs", 60_000);
        ArrayNode checks = tick.putArray("checks").add("signals");
        if (random.nextBoolean()) {
            checks.add("failures");
        }
        return tick;
    }

    private ObjectNode validSchedule() {
        ObjectNode schedule = Json.object()
                .put("enabled", random.nextInt(4) > 0)
                .put("timezone", "Europe/Berlin")
                .put("jitter", "PT10S")
                .put("misfire", "fireOnce");
        schedule = random.nextBoolean() ? schedule.put("every", "PT2M") : schedule.put("cron", "*/2 0-23 * * MON-SUN");
        schedule.putObject("activeHours").put("from", "22:00").put("to", "20:00");
        schedule.putObject("budget").put("tokensPerDay", 1_000_000);
        ArrayNode checks = schedule.putArray("checks");
        checks.addObject().put("name", "signals").putObject("params");
        checks.addObject().put("name", "failures").put("every", "PT10M");
        return schedule;
    }

    private ObjectNode validReaction() {
        ObjectNode reaction = Json.object()
                .put("type", "reaction")
                .put("fingerprint", fingerprint)
                .put("note", "The disk is replaced on Monday.");
        return switch (random.nextInt(3)) {
            case 0 -> reaction.put("action", "acknowledge");
            case 1 -> reaction.put("action", "resolve");
            default -> reaction.put("action", "dismiss").put("until", "2026-12-01T00:00:00Z");
        };
    }

    private ObjectNode validTuning() {
        ObjectNode tuning = Json.object().put("type", "tuning").put("check", "disk");
        return switch (random.nextInt(3)) {
            case 0 -> tuning.put("every", "PT10M");
            case 1 -> tuning.putNull("every").put("pinned", true);
            default -> tuning.put("pinned", false);
        };
    }

    private ObjectNode validSignal() {
        ObjectNode signal = Json.object()
                .put("signalId", "s" + (random.nextInt(5) == 0 ? Math.max(0, ids - 3) : ids++))
                .put("source", "backup")
                .put("summary", "The nightly backup failed")
                .put("urgency", "high")
                .put("needsAction", true)
                .put("occurredAt", "2026-11-22T02:14:09Z");
        signal.putObject("data").put("host", "db-1").put("freeBytes", 0);
        return signal;
    }

    @Override
    public void close() {
        lane.close();
    }
}
