package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.heartbeat.checks.Found;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.FindingsRaised;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Ticks whose checks look: in place, and on threads of their own. */
class ChecksLaneTest {
    private static final Topics TOPICS = new Topics("");
    private static final String TICKS = TOPICS.heartbeatTicks();
    private static final String SCHEDULES = TOPICS.heartbeatSchedules();
    private static final String OUTCOMES = TOPICS.heartbeatOutcomes();
    private static final String ATTENTION = TOPICS.agentAttention();
    private static final String DOOR = "heartbeat.checks=signals,dev.noesis.heartbeat.DoorCheck";

    @TempDir
    private Path stateDir;

    @Test
    void aTickWaitsForItsChecksAndNothingElseDoes() throws InterruptedException {
        CountDownLatch opened = new CountDownLatch(1);
        DoorCheck.next(() -> {
            opened.await();
            return DoorCheck.open(Urgency.NORMAL);
        });
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(TICKS, tick("k1"));
            lane.read(TOPICS.agentSignals(), "grace", signal());
            assertThat(outcomes(lane)).as("the tick waits").isEmpty();

            lane.read(TICKS, tick("k2"));
            assertThat(outcomes(lane))
                    .as("and the agent has one tick at a time")
                    .containsExactly("k2 skipped busy");

            opened.countDown();
            awaitLook(lane, 1);
            assertThat(lane.thinking()).containsExactly("heartbeat-k1");
            respond(lane);

            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.at("/checks/1/name").asString()).isEqualTo("door");
                assertThat(outcome.at("/checks/1/findings").asInt()).isEqualTo(1);
                assertThat(outcome.at("/findings/0/decision").asString()).isEqualTo("acknowledge");
            });
        }
    }

    @Test
    void aCheckThatLooksAgainAtWhatIsKnownAsksNoModel() throws InterruptedException {
        DoorCheck.next(() -> DoorCheck.open(Urgency.NORMAL));
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            respond(lane);
            assertThat(outcomes(lane)).containsExactly("k1 ok ");

            lane.advance(Duration.ofMinutes(5));
            lane.read(TICKS, tick("k2"));
            awaitLook(lane, 2);

            assertThat(outcomes(lane)).containsExactly("k2 ok ");
            assertThat(lane.thinking()).isEmpty();
        }
    }

    @Test
    void aCheckThatHasJustLookedIsLeftOut() {
        DoorCheck.next(List::of);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            assertThat(outcomes(lane)).containsExactly("k1 ok ");

            lane.read(TICKS, tick("k2"));

            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");
            assertThat(DoorCheck.LOOKS).hasValue(1);
        }
    }

    @Test
    void aBreakerOpensAndIsNotOpenForEver() {
        DoorCheck.next(() -> {
            throw new IllegalStateException("no answer");
        });
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            for (int i = 1; i <= 3; i++) {
                lane.read(TICKS, tick("k" + i));
                awaitLook(lane, i);
                assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                    assertThat(outcome.at("/checks/1/status").asString()).isEqualTo("failed");
                    assertThat(outcome.at("/checks/1/message").asString()).contains("no answer");
                });
                lane.advance(Duration.ofMinutes(5));
            }
            lane.read(TICKS, Json.object().put("tickId", "k4"));
            assertThat(outcomes(lane)).as("it is open").containsExactly("k4 skipped no_findings");

            lane.advance(Duration.ofMinutes(5));
            DoorCheck.next(List::of);
            lane.read(TICKS, Json.object().put("tickId", "k5"));
            awaitLook(lane, 4);

            assertThat(outcomes(lane)).as("it is half open").containsExactly("k5 ok ");
        }
    }

    @Test
    void whoDiesWhileChecksLookLeavesThemToTheNext() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        DoorCheck.next(() -> {
            never.await();
            return List.of();
        });
        TestLane first = TestLane.heartbeat(stateDir, DOOR);
        first.read(TICKS, tick("k1"));
        await().until(() -> DoorCheck.LOOKS.get() == 1);
        DoorCheck.next(() -> DoorCheck.open(Urgency.NORMAL));
        try (TestLane second = first.crash()) {
            second.settle();
            awaitLook(second, 1);
            respond(second);

            assertThat(outcomes(second)).containsExactly("k1 ok ");
            assertThat(second.outbox()).isEmpty();
        }
    }

    @Test
    void inQuietHoursAnUrgentCheckTellsWhatPressesAndNoModelIsAsked() {
        DoorCheck.next(() -> DoorCheck.open(Urgency.HIGH));
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            ObjectNode quiet = Json.object().put("enabled", true);
            quiet.putObject("activeHours").put("from", "20:00").put("to", "22:00");
            lane.read(SCHEDULES, quiet);
            lane.read(TOPICS.agentSignals(), signal());

            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);

            assertThat(outcomes(lane)).containsExactly("k1 notified ");
            assertThat(lane.written(ATTENTION))
                    .extracting(attention -> attention.path("title").asString())
                    .containsExactly("the back door is open");
            assertThat(lane.thinking()).isEmpty();
        }
    }

    @Test
    void aTickLooksWithTheChecksThatItNamesEvenIfTheyHaveJustLooked() {
        DoorCheck.next(List::of);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            assertThat(outcomes(lane)).containsExactly("k1 ok ");
            lane.read(TOPICS.agentSignals(), signal());

            lane.read(TICKS, tick("k2", "door"));
            awaitLook(lane, 2);

            assertThat(lane.written(OUTCOMES)).singleElement().satisfies(outcome -> {
                assertThat(outcome.path("status").asString()).isEqualTo("ok");
                assertThat(outcome.path("checks")).hasSize(1);
                assertThat(outcome.at("/checks/0/name").asString()).isEqualTo("door");
            });
            assertThat(lane.thinking()).as("signals are not raised").isEmpty();

            lane.read(TICKS, tick("k3", "signals"));

            assertThat(lane.thinking()).containsExactly("heartbeat-k3");
            assertThat(DoorCheck.LOOKS).hasValue(2);
        }
    }

    @Test
    void aTickThatNamesNoneLooksAtNothing() {
        DoorCheck.next(List::of);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(TOPICS.agentSignals(), signal());
            ObjectNode tick = Json.object().put("tickId", "k1");
            tick.putArray("checks");

            lane.read(TICKS, tick);

            assertThat(outcomes(lane)).containsExactly("k1 skipped no_findings");
            assertThat(DoorCheck.LOOKS).hasValue(0);
        }
    }

    @Test
    void whoNamesACheckWhoseBreakerIsOpenDoesNotCloseIt() {
        DoorCheck.next(() -> {
            throw new IllegalStateException("no answer");
        });
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            for (int i = 1; i <= 3; i++) {
                lane.read(TICKS, tick("k" + i, "door"));
                awaitLook(lane, i);
                assertThat(outcomes(lane)).hasSize(1);
            }

            lane.read(TICKS, tick("k4", "door"));

            assertThat(outcomes(lane)).containsExactly("k4 skipped no_findings");
            assertThat(DoorCheck.LOOKS).hasValue(3);
        }
    }

    @Test
    void onlyTheChecksOfAScheduleLookAndAsOftenAsItSays() {
        DoorCheck.next(List::of);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(SCHEDULES, schedule("door", "PT1M"));
            lane.read(TOPICS.agentSignals(), signal());
            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            assertThat(outcomes(lane)).as("signals are not raised").containsExactly("k1 ok ");

            lane.advance(Duration.ofMinutes(1));
            lane.read(TICKS, tick("k2"));
            awaitLook(lane, 2);
            assertThat(outcomes(lane)).as("its own interval is longer").containsExactly("k2 ok ");

            lane.read(TICKS, tick("k3"));
            assertThat(outcomes(lane)).as("it has just looked").containsExactly("k3 skipped no_findings");

            lane.read(TICKS, tick("k4", "signals"));
            assertThat(lane.thinking()).as("a tick may say otherwise").containsExactly("heartbeat-k4");
        }
    }

    @Test
    void aCheckThatALaterWorkerNoLongerHasIsPassedOver() {
        TestLane first = TestLane.heartbeat(stateDir, DOOR);
        first.read(SCHEDULES, schedule("door", "PT1M"));
        first.close();
        TestLane.Setup later =
                TestLane.Setup.of(Lane.HEARTBEAT, "heartbeat.checks=signals").on(first.log());
        try (TestLane second = TestLane.owner(later, stateDir)) {
            second.read(TOPICS.agentSignals(), signal());
            second.read(TICKS, tick("k1"));
            assertThat(outcomes(second)).containsExactly("k1 skipped no_findings");

            second.read(TICKS, tick("k2", "door"));
            assertThat(second.deadLetters(TOPICS.heartbeatDlq()))
                    .singleElement()
                    .asString()
                    .contains("there are: signals");
        }
    }

    @Test
    void whoDiesWhileNamedChecksLookLeavesTheSameToTheNext() {
        CountDownLatch never = new CountDownLatch(1);
        DoorCheck.next(() -> {
            never.await();
            return List.of();
        });
        TestLane first = TestLane.heartbeat(stateDir, DOOR);
        first.read(TOPICS.agentSignals(), signal());
        first.read(TICKS, tick("k1", "door"));
        await().until(() -> DoorCheck.LOOKS.get() == 1);
        DoorCheck.next(() -> DoorCheck.open(Urgency.NORMAL));
        try (TestLane second = first.crash()) {
            second.settle();
            awaitLook(second, 1);

            assertThat(second.log().bodies(FindingsRaised.class))
                    .singleElement()
                    .satisfies(raised -> assertThat(raised.findings())
                            .extracting(Finding::check)
                            .containsExactly("door"));
            assertThat(second.kept("signals", "s\0ada\0"))
                    .as("the signal waits")
                    .hasSize(1);
        }
    }

    @Test
    void aRunThatFailedIsFoundOnce() throws InterruptedException {
        try (TestLane chat = TestLane.chat(stateDir);
                TestLane lane = TestLane.owner(
                        TestLane.Setup.of(Lane.HEARTBEAT, "heartbeat.checks=failures")
                                .on(chat.log()),
                        stateDir)) {
            ObjectNode request = Json.object().put("threadId", "t1").put("runId", "r1");
            request.putArray("messages")
                    .addObject()
                    .put("id", "m1")
                    .put("role", "user")
                    .put("content", "hello");
            chat.read(TOPICS.chatRequests(), request);
            chat.fail(ErrorCode.MODEL_REJECTED);
            lane.settle();

            lane.read(TICKS, tick("k1"));
            assertThat(lane.thinking()).containsExactly("heartbeat-k1");
            respond(lane);
            assertThat(outcomes(lane)).containsExactly("k1 ok ");
            lane.read(TICKS, tick("k2"));

            assertThat(outcomes(lane)).containsExactly("k2 skipped no_findings");
        }
    }

    @Test
    void aCheckWhoseFindingsAreNoiseLooksLessOften() {
        DoorCheck.next(ChecksLaneTest::tenDoors);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR, "heartbeat.tuner=on")) {
            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            dismissAll(lane);
            lane.advance(Duration.ofMinutes(5));

            lane.read(TICKS, tick("k2"));
            awaitLook(lane, 2);

            assertThat(lane.log().bodies(FindingsRaised.class).getLast().tuned())
                    .containsExactly(new CheckTuning("door", 412_500L, 300_000L));
            lane.advance(Duration.ofMinutes(5));
            lane.read(TICKS, tick("k3"));
            lane.advance(Duration.ofMinutes(2));
            lane.read(TICKS, tick("k4"));
            awaitLook(lane, 3);
            assertThat(outcomes(lane)).containsExactly("k1 ok ", "k2 ok ", "k3 skipped no_findings", "k4 ok ");
        }
    }

    @Test
    void whereTheTunerIsOffACheckLooksAsOftenAsItIsConfigured() {
        DoorCheck.next(ChecksLaneTest::tenDoors);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            dismissAll(lane);
            for (int i = 2; i <= 3; i++) {
                lane.advance(Duration.ofMinutes(5));
                lane.read(TICKS, tick("k" + i));
                awaitLook(lane, i);
            }

            assertThat(lane.log().bodies(FindingsRaised.class))
                    .extracting(FindingsRaised::tuned)
                    .containsOnlyNulls();
        }
    }

    @Test
    void theOperatorSaysHowOftenACheckLooks() {
        DoorCheck.next(List::of);
        try (TestLane lane = TestLane.heartbeat(stateDir, DOOR)) {
            lane.read(
                    TOPICS.agentSignals(),
                    Json.object()
                            .put("type", "tuning")
                            .put("check", "door")
                            .put("every", "PT10M")
                            .put("pinned", true));
            assertThat(lane.log().bodies(CheckTuned.class)).singleElement().satisfies(tuned -> {
                assertThat(tuned.everyMs()).isEqualTo(600_000);
                assertThat(tuned.pinned()).isTrue();
                assertThat(tuned.requestOffset()).isNotNull();
            });
            assertThat(lane.outbox()).isEmpty();

            lane.read(TICKS, tick("k1"));
            awaitLook(lane, 1);
            lane.advance(Duration.ofMinutes(6));
            lane.read(TICKS, tick("k2"));
            lane.read(
                    TOPICS.agentSignals(),
                    Json.object().put("type", "tuning").put("check", "door").putNull("every"));
            lane.read(TICKS, tick("k3"));
            awaitLook(lane, 2);

            assertThat(outcomes(lane)).containsExactly("k1 ok ", "k2 skipped no_findings", "k3 ok ");
        }
    }

    private static List<Found> tenDoors() {
        return IntStream.range(0, 10)
                .mapToObj(i -> new Found("door" + i, "house", "door " + i + " is open", Urgency.LOW, false, null))
                .toList();
    }

    private static void dismissAll(TestLane lane) {
        lane.log()
                .bodies(FindingsRaised.class)
                .getLast()
                .findings()
                .forEach(finding -> lane.read(
                        TOPICS.agentSignals(),
                        Json.object()
                                .put("type", "reaction")
                                .put("fingerprint", finding.fingerprint())
                                .put("action", "dismiss")));
    }

    /** The looks are made on threads of their own; the lane takes what they found within a second of its time. */
    private static void awaitLook(TestLane lane, int looks) {
        await().until(() -> {
            lane.advance(Duration.ofMillis(100));
            return lane.log().bodies(FindingsRaised.class).size() >= looks;
        });
    }

    private static void respond(TestLane lane) throws InterruptedException {
        ObjectNode decisions = Json.object();
        decisions
                .putArray("decisions")
                .addObject()
                .put(
                        "fingerprint",
                        lane.log()
                                .bodies(FindingsRaised.class)
                                .getLast()
                                .findings()
                                .getFirst()
                                .fingerprint())
                .put("action", "acknowledge");
        lane.answer("tool_use", new Content.ToolUse("c1", "heartbeat_respond", decisions.toString()));
        lane.callTool();
    }

    private static List<String> outcomes(TestLane lane) {
        return lane.written(OUTCOMES).stream()
                .map(outcome -> outcome.path("tickId").asString("") + " "
                        + outcome.path("status").asString("") + " "
                        + outcome.path("skipReason").asString(""))
                .toList();
    }

    private static JsonNode tick(String tickId) {
        return Json.object().put("tickId", tickId).put("reason", "interval");
    }

    /** That names a check. */
    private static JsonNode tick(String tickId, String check) {
        ObjectNode tick = Json.object().put("tickId", tickId);
        tick.putArray("checks").add(check);
        return tick;
    }

    /** That has one check. */
    private static JsonNode schedule(String check, String every) {
        ObjectNode schedule = Json.object().put("enabled", true);
        schedule.putArray("checks").addObject().put("name", check).put("every", every);
        return schedule;
    }

    private static ObjectNode signal() {
        return Json.object().put("signalId", "s1").put("source", "mail").put("summary", "a mail");
    }
}
