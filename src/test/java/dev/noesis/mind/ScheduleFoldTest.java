package dev.noesis.mind;

import static dev.noesis.mind.Schedules.every;
import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.CheckPlan;
import dev.noesis.serde.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of schedules, and of what heartbeats are charged. */
class ScheduleFoldTest {
    private static final Writer CHAT = Writer.chat("c1");
    private static final Writer HEARTBEAT = Writer.heartbeat("h1");
    private static final Schedule HOURLY = every("PT1H");
    private static final Schedule DAILY = every("PT24H");
    private static final long HOUR = 3_600_000;

    private final TestLog log = new TestLog();

    @BeforeEach
    void bothLanesOwnThePartition() {
        log.appendAll(CHAT.barrier(), HEARTBEAT.barrier());
    }

    @Test
    void theLastScheduleWins() {
        assertThat(log.append(HEARTBEAT.scheduled(HOURLY, 3L))).isEqualTo(new Folded.Scheduled(HOURLY));
        assertThat(log.append(HEARTBEAT.scheduled(DAILY, 4L))).isEqualTo(new Folded.Scheduled(DAILY));
        assertThat(schedule()).isEqualTo(DAILY);

        assertThat(log.append(HEARTBEAT.scheduled(null, 5L))).isEqualTo(new Folded.Scheduled(null));
        assertThat(schedule()).isNull();
    }

    @Test
    void aRecordThatIsReadAgainBringsNothingBack() {
        log.appendAll(HEARTBEAT.scheduled(HOURLY, 3L), HEARTBEAT.scheduled(null, 4L));

        assertThat(log.append(HEARTBEAT.scheduled(HOURLY, 3L))).isInstanceOf(Folded.Ignored.class);
        assertThat(schedule()).isNull();
    }

    @Test
    void aScheduleThatNoRecordAskedForTakesThePlaceOfOneThatARecordDid() {
        log.appendAll(HEARTBEAT.scheduled(HOURLY, 3L), HEARTBEAT.scheduled(DAILY, null));
        assertThat(schedule()).isEqualTo(DAILY);

        assertThat(log.append(HEARTBEAT.scheduled(HOURLY, 3L))).isInstanceOf(Folded.Ignored.class);
        log.append(HEARTBEAT.scheduled(HOURLY, 4L));
        assertThat(schedule()).isEqualTo(HOURLY);
    }

    @Test
    void onlyTheOwnerOfThePartitionSetsASchedule() {
        assertThat(log.append(Writer.heartbeat("h0").scheduled(HOURLY, 3L))).isEqualTo(new Folded.Stale());
        assertThat(schedule()).isNull();
    }

    @Test
    void aDeletionTakesTheScheduleBackAndWhatWasDecidedBeforeItDoesNotBringItBack() {
        log.appendAll(HEARTBEAT.scheduled(HOURLY, 3L), CHAT.deleted(9));
        assertThat(schedule()).isNull();

        assertThat(log.append(HEARTBEAT.scheduled(HOURLY, 3L))).isInstanceOf(Folded.Ignored.class);
        assertThat(log.append(HEARTBEAT.scheduledOn(2, DAILY, 4L)))
                .isEqualTo(new Folded.Ignored("the agent was deleted since"));
        assertThat(log.append(HEARTBEAT.scheduledOn(5, DAILY, 4L)))
                .as("the same record, read again by one who knows of the deletion")
                .isInstanceOf(Folded.Ignored.class);
        assertThat(schedule()).isNull();

        log.append(HEARTBEAT.scheduledOn(5, DAILY, 5L));
        assertThat(schedule()).isEqualTo(DAILY);
    }

    @Test
    void whatHeartbeatsAreChargedCountsFromAnyMidnightOn() {
        long began = log.clock();
        beat("k1");
        log.pass(10 * HOUR);
        beat("k2");

        assertThat(log.cognition().spentSince(ADA, began - HOUR)).isEqualTo(30);
        assertThat(log.cognition().spentSince(ADA, began + 5 * HOUR)).isEqualTo(15);
        assertThat(log.cognition().spentSince(ADA, log.clock() + HOUR)).isZero();
        assertThat(log.cognition().spentSince("bob", 0)).isZero();
    }

    @Test
    void whatChatIsChargedIsNoHeartbeats() {
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(CHAT.answered("r1", 0, new Attempt(0, 0), "hi"));

        assertThat(log.cognition().spentSince(ADA, 0)).isZero();
    }

    @Test
    void chargesOfTheDayBeforeYesterdayAreForgotten() {
        beat("k1");
        log.pass(27 * HOUR);
        beat("k2");

        assertThat(log.cognition().spentSince(ADA, 0)).isEqualTo(15);
    }

    @Test
    void aCallThatWasPaidForARunThatNobodyKnowsIsCharged() {
        log.append(HEARTBEAT.answered("heartbeat-k9", 0, new Attempt(0, 0), "hi"));

        assertThat(log.cognition().spentSince(ADA, 0)).isEqualTo(15);
    }

    @Test
    void whatIsWrittenOfAScheduleIsReadAgain() {
        Schedule all = Schedules.budget(
                5, Schedules.madeUpFor(Schedules.between("22:00", "06:30", Schedules.cron("*/5 * * * *"))));
        all = Schedules.looking(all, new CheckPlan("signals", null), new CheckPlan("failures", 600_000L));
        MindEvent event = HEARTBEAT.scheduled(all, 3L);

        assertThat(Json.read(Json.write(event), MindEvent.class)).isEqualTo(event);
    }

    @Test
    void onlyAScheduleThatNamesChecksNeedsTheVersionThatKnowsThem() {
        assertThat(since(HOURLY)).isEqualTo(2);
        assertThat(since(null)).isEqualTo(2);
        assertThat(since(Schedules.looking(HOURLY))).isEqualTo(3);
        assertThat(since(Schedules.looking(HOURLY, new CheckPlan("failures", 600_000L))))
                .isEqualTo(3);
    }

    @Test
    void aScheduleOfABuildThatKnewOfNoChecksIsRead() {
        MindEvent event = HEARTBEAT.scheduled(HOURLY, 3L);
        ObjectNode json = (ObjectNode) Json.tree(Json.write(event));

        assertThat(json.at("/body/schedule").propertyNames())
                .as("as version 2 wrote it")
                .containsExactly("enabled", "rhythm", "timezone", "misfire");
        log.append(Json.read(Json.write(json), MindEvent.class));
        assertThat(schedule()).isEqualTo(HOURLY);
        assertThat(schedule().checks()).isNull();
    }

    private static int since(Schedule schedule) {
        return new MindEvent.ScheduleSet(schedule, 3L, null).since();
    }

    private void beat(String tickId) {
        String run = "heartbeat-" + tickId;
        log.append(HEARTBEAT.opened(run, run, "look"));
        log.append(HEARTBEAT.answered(run, 0, new Attempt(1, log.entries().size()), "done"));
    }

    private Schedule schedule() {
        return log.cognition().schedule(ADA);
    }
}
