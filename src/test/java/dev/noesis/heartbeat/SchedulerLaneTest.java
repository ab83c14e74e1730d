package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.Metric;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** From a schedule to the ticks that it makes due; it is 2026-11-22, 09:30 in UTC. */
class SchedulerLaneTest {
    private static final Topics TOPICS = new Topics("");
    private static final String SCHEDULES = TOPICS.heartbeatSchedules();
    private static final String TICKS = TOPICS.heartbeatTicks();
    private static final String SIGNALS = TOPICS.agentSignals();
    private static final String OUTCOMES = TOPICS.heartbeatOutcomes();

    @TempDir
    private Path stateDir;

    @Test
    void aScheduleMakesTicksWhenTheyAreDueAndSaysWhenTheNextIs() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
            assertThat(lane.log().bodies(ScheduleSet.class)).hasSize(1);
            assertThat(lane.outbox()).isEmpty();

            lane.advance(Duration.ofMinutes(29));
            assertThat(outcomes(lane)).isEmpty();

            lane.advance(Duration.ofMinutes(1));
            assertThat(outcomes(lane)).containsExactly("10:00:00Z skipped no_findings, next 10:30:00Z");

            lane.advance(Duration.ofMinutes(30));
            assertThat(outcomes(lane)).containsExactly("10:30:00Z skipped no_findings, next 11:00:00Z");
            assertThat(lane.measured(Metric.TICK_DELAY)).isEqualTo(2);
        }
    }

    @Test
    void aTickOfTheSchedulerGoesTheWayOfEveryTick() throws InterruptedException {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
            lane.read(SIGNALS, signal("s1"));

            lane.advance(Duration.ofMinutes(30));
            assertThat(lane.thinking()).singleElement().asString().startsWith("heartbeat-schedule/");
            respond(lane);

            assertThat(outcomes(lane)).containsExactly("10:00:00Z ok , next 10:30:00Z");
        }
    }

    @Test
    void aTickFromOutsideIsToldWhenTheNextIsDueToo() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'cron':'0 12 * * *'}"));
            lane.read(TICKS, Json.object().put("tickId", "k1"));

            assertThat(outcomes(lane)).containsExactly("k1 skipped no_findings, next 12:00:00Z");
        }
    }

    @Test
    void afterAnOutageThereIsOneTickAndNotOneForEachThatWasMissed() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));

            lane.advance(Duration.ofHours(3));
            assertThat(outcomes(lane)).containsExactly("10:00:00Z skipped stale, next 13:00:00Z");

            lane.advance(Duration.ofMinutes(30));
            assertThat(outcomes(lane)).containsExactly("13:00:00Z skipped no_findings, next 13:30:00Z");
        }
    }

    @Test
    void whatWasMissedIsMadeUpForOnceWhereTheScheduleSaysSo() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S','misfire':'fireOnce'}"));
            lane.read(SIGNALS, signal("s1"));

            lane.advance(Duration.ofHours(3));

            assertThat(lane.thinking()).hasSize(1);
            assertThat(lane.log().bodies(RunOpened.class))
                    .singleElement()
                    .satisfies(opened -> assertThat(opened.spec().deadlineAt()).isGreaterThan(lane.now()));
        }
    }

    @Test
    void anotherScheduleTakesThePlaceOfTheOneBefore() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
            lane.read(SCHEDULES, schedule("{'cron':'15 10 * * *'}"));

            lane.advance(Duration.ofMinutes(30));
            lane.advance(Duration.ofMinutes(15));

            assertThat(outcomes(lane)).containsExactly("10:15:00Z skipped no_findings, next 10:15:00Z");
        }
    }

    @Test
    void aScheduleThatIsSetAgainMakesNoTickASecondTime() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
            lane.advance(Duration.ofMinutes(30));
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
            lane.advance(Duration.ofMinutes(29));

            assertThat(outcomes(lane)).containsExactly("10:00:00Z skipped no_findings, next 10:30:00Z");
        }
    }

    @Test
    void aScheduleThatIsWrongIsADeadLetterAndTheOneBeforeStays() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
            lane.read(SCHEDULES, schedule("{'cron':'every now and then'}"));

            assertThat(lane.deadLetters(TOPICS.heartbeatDlq()))
                    .singleElement()
                    .asString()
                    .contains("cron");
            lane.advance(Duration.ofMinutes(30));
            assertThat(outcomes(lane)).hasSize(1);
        }
    }

    @Test
    void aRecordWithoutAValueTakesTheScheduleBack() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M'}"));
            lane.take(SCHEDULES, TestLane.AGENT.getBytes(UTF_8), null, new RecordHeaders());
            lane.settle();

            lane.advance(Duration.ofHours(1));
            assertThat(outcomes(lane)).isEmpty();
            assertThat(lane.kept("due", "d\0")).isEmpty();
        }
    }

    @Test
    void aRecordWithoutAValueInAWrongPartitionIsPublishedAgainToItsOwn() {
        TestLane.Setup setup = TestLane.Setup.of(Lane.HEARTBEAT).partitions(2);
        try (TestLane lane = TestLane.owner(setup, stateDir)) {
            String agent = Stream.of("ada", "bob", "cyd", "dan")
                    .filter(name -> Topics.partitionOf(name, 2) == 1)
                    .findFirst()
                    .orElseThrow();
            lane.take(SCHEDULES, agent.getBytes(UTF_8), null, new RecordHeaders());

            assertThat(lane.effects.republished).singleElement().satisfies(again -> {
                assertThat(again.value()).isNull();
                assertThat(again.partition()).isEqualTo(1);
            });
            assertThat(lane.effects.appends).isEmpty();
        }
    }

    @Test
    void aTickThatWasDueWhenTheScheduleWasTakenBackIsSkipped() {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
        TestLane.Snapshot before = first.snapshot();
        first.advance(Duration.ofMinutes(30));
        first.take(SCHEDULES, TestLane.AGENT.getBytes(UTF_8), null, new RecordHeaders());
        first.settle();
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.takeAgain();
            second.advance(Duration.ofSeconds(1));
            assertThat(outcomes(second)).containsExactly("10:00:00Z skipped disabled");

            second.advance(Duration.ofHours(1));
            assertThat(outcomes(second)).isEmpty();
        }
    }

    @Test
    void aDeletedAgentHasNoScheduleAnyMore() {
        TestLane.Setup setup = TestLane.Setup.of(Lane.HEARTBEAT);
        try (TestLane chat = TestLane.owner(TestLane.Setup.of(Lane.CHAT).on(setup.log()), stateDir);
                TestLane lane = TestLane.owner(setup, stateDir)) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M'}"));
            lane.append(TestLane.AGENT, deletion(chat));

            lane.advance(Duration.ofHours(1));

            assertThat(outcomes(lane)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {'enabled':false}                                                       | disabled
            {'every':'PT1H','activeHours':{'from':'11:00','to':'12:00'}}            | quiet_hours
            {'every':'PT1H','activeHours':{'from':'10:00','to':'12:00'},'timezone':'Europe/Lisbon'} | quiet_hours
            {'every':'PT1H','budget':{'tokensPerDay':0}}                            | budget
            """)
    void aTickFromOutsideMeetsTheAgentsScheduleToo(String schedule, String reason) {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(SCHEDULES, schedule(schedule));
            lane.read(SIGNALS, signal("s1"));
            lane.read(TICKS, Json.object().put("tickId", "k1"));

            assertThat(outcomes(lane)).singleElement().asString().startsWith("k1 skipped " + reason);
            assertThat(lane.thinking()).isEmpty();
        }
    }

    @Test
    void whatHeartbeatsAreChargedCountsAgainstTheDaysBudgetUntilMidnight() throws InterruptedException {
        long oneCall = TestLane.USAGE.total();
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(
                    SCHEDULES,
                    schedule("{'every':'PT1H','jitter':'PT0S','budget':{'tokensPerDay':" + (oneCall + 1) + "}}"));
            for (int beat = 1; beat <= 2; beat++) {
                lane.read(SIGNALS, signal("s" + beat));
                lane.advance(beat == 1 ? Duration.ofMinutes(30) : Duration.ofHours(1));
                respond(lane);
            }
            assertThat(lane.log().bodies(RunOpened.class))
                    .extracting(opened -> opened.spec().budgetTokens())
                    .containsExactly(oneCall + 1, 1L);
            outcomes(lane);

            lane.read(SIGNALS, signal("s3"));
            lane.advance(Duration.ofHours(1));
            assertThat(outcomes(lane)).containsExactly("12:00:00Z skipped budget, next 13:00:00Z");

            lane.advance(Duration.ofHours(11));
            outcomes(lane);
            lane.advance(Duration.ofHours(1));
            assertThat(lane.thinking()).as("there is a new day").hasSize(1);
        }
    }

    @Test
    void aRunOfAScheduleIsMadeWithItsModel() {
        try (TestLane lane = TestLane.heartbeat(stateDir, "heartbeat.llm.models=large")) {
            lane.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S','model':'large'}"));
            lane.read(SIGNALS, signal("s1"));
            lane.advance(Duration.ofMinutes(30));

            assertThat(lane.effects.modelCalls)
                    .singleElement()
                    .satisfies(
                            asked -> assertThat(asked.call().request().model()).isEqualTo("large"));
        }
    }

    @Test
    void nobodyElseNamesATickAsTheSchedulerDoes() {
        try (TestLane lane = TestLane.heartbeat(stateDir)) {
            lane.read(TICKS, Json.object().put("tickId", "schedule/3f1c9a0b5d7e2468/2026-11-22T10:00:00Z"));

            assertThat(lane.deadLetters(TOPICS.heartbeatDlq()))
                    .singleElement()
                    .asString()
                    .contains("scheduler");
        }
    }

    @Test
    void aTaskThatTakesOverMakesTheTicksOfTheOneBefore() {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
        try (TestLane second = first.crash()) {
            second.advance(Duration.ofMinutes(30));
            assertThat(outcomes(second)).as("it does not own the partition yet").isEmpty();

            second.settle();
            second.advance(Duration.ofSeconds(1));
            assertThat(outcomes(second)).containsExactly("10:00:00Z skipped no_findings, next 10:30:00Z");
        }
    }

    @Test
    void aTickIsMadeAgainAfterACrashAndItsRunIsNot() throws InterruptedException {
        TestLane first = TestLane.heartbeat(stateDir);
        first.read(SCHEDULES, schedule("{'every':'PT30M','jitter':'PT0S'}"));
        first.read(SIGNALS, signal("s1"));
        TestLane.Snapshot before = first.snapshot();
        first.advance(Duration.ofMinutes(30));
        respond(first);
        try (TestLane second = first.crashBackTo(before)) {
            second.settle();
            second.advance(Duration.ofMinutes(40));

            assertThat(outcomes(second)).containsExactly("10:00:00Z ok , next 11:00:00Z");
            assertThat(second.log().bodies(RunOpened.class)).hasSize(1);
            assertThat(second.thinking()).isEmpty();
        }
    }

    private static MindEvent deletion(TestLane chat) {
        return new MindEvent(
                "deleted/0/0",
                chat.now(),
                Lane.CHAT,
                null,
                null,
                Origin.USER,
                chat.incarnation(),
                new AgentDeleted("deleted by request", 1L));
    }

    private static void respond(TestLane lane) throws InterruptedException {
        String prompt = lane.effects
                .modelCalls
                .getFirst()
                .call()
                .request()
                .messages()
                .getFirst()
                .text();
        ObjectNode arguments = Json.object();
        var decisions = arguments.putArray("decisions");
        prompt.lines()
                .filter(line -> line.startsWith("- ["))
                .forEach(line -> decisions
                        .addObject()
                        .put("fingerprint", line.substring(3, line.indexOf(']')))
                        .put("action", "acknowledge"));
        lane.answer("tool_use", new Content.ToolUse("c1", "heartbeat_respond", arguments.toString()));
        lane.callTool();
    }

    /** The outcomes since the last look: the time of their tick, or its name, what came of it, and when the next is due. */
    private static List<String> outcomes(TestLane lane) {
        return lane.written(OUTCOMES).stream()
                .map(outcome -> time(outcome.path("tickId").asString()) + " "
                        + outcome.path("status").asString() + " "
                        + outcome.path("skipReason").asString("")
                        + (outcome.has("nextDueAt")
                                ? ", next " + time(outcome.path("nextDueAt").asString())
                                : ""))
                .toList();
    }

    private static String time(String name) {
        return name.substring(name.indexOf('T') + 1);
    }

    /** With ' for ", and enabled. */
    private static JsonNode schedule(String fields) {
        ObjectNode schedule = (ObjectNode) Json.tree(fields.replace('\'', '"'));
        return schedule.has("enabled") ? schedule : schedule.put("enabled", true);
    }

    private static ObjectNode signal(String signalId) {
        return Json.object()
                .put("signalId", signalId)
                .put("source", "backup")
                .put("summary", "The nightly backup failed")
                .put("urgency", "high");
    }
}
