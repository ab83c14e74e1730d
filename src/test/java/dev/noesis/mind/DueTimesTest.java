package dev.noesis.mind;

import static dev.noesis.mind.Schedules.between;
import static dev.noesis.mind.Schedules.cron;
import static dev.noesis.mind.Schedules.disabled;
import static dev.noesis.mind.Schedules.every;
import static dev.noesis.mind.Schedules.in;
import static dev.noesis.mind.Schedules.spread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.Cron;
import dev.noesis.model.Schedule.Every;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When ticks are due, on days that have 23, 24 and 25 hours. Berlin's clock is put forward on 2026-03-29, and back on 2026-10-25. */
class DueTimesTest {
    private static final String BERLIN = "Europe/Berlin";

    // ---- intervals

    @Test
    void anIntervalGoesOnWhateverTheClockDoes() {
        assertThat(due(in(BERLIN, every("PT40M")), "2026-03-29T00:00:00Z", 3))
                .containsExactly("2026-03-29T00:40:00Z", "2026-03-29T01:20:00Z", "2026-03-29T02:00:00Z");
    }

    @Test
    void aTimeIsNotBehindItself() {
        assertThat(due(every("PT1H"), "2026-03-01T10:00:00Z", 1)).containsExactly("2026-03-01T11:00:00Z");
        assertThat(due(every("PT1H"), "2026-03-01T09:59:59.999Z", 1)).containsExactly("2026-03-01T10:00:00Z");
    }

    @Test
    void agentsOfOneIntervalAreSpreadOverItAndEachKeepsItsPlace() {
        long from = Instant.parse("2026-03-01T10:00:00Z").toEpochMilli();
        Integer[] inMinute = new Integer[30];
        Arrays.fill(inMinute, 0);
        for (int i = 0; i < 9_000; i++) {
            String agent = "agent" + i;
            long first = DueTimes.next(spread("PT30M"), agent, from);
            inMinute[(int) Duration.ofMillis(first - from - 1).toMinutes()]++;
            assertThat(DueTimes.next(spread("PT30M"), agent, first)).isEqualTo(first + 1_800_000);
        }
        assertThat(inMinute).allSatisfy(agents -> assertThat(agents).isBetween(200, 400));
    }

    @Test
    void jitterPutsOffAnAgentAlwaysByTheSame() {
        Schedule jittered =
                Schedules.of(new Cron("0 9 * * *", Duration.ofMinutes(10).toMillis()));
        List<String> due = due(jittered, "2026-03-01T10:00:00Z", 3);

        assertThat(due)
                .allSatisfy(time -> assertThat(
                                Instant.parse(time).atZone(ZoneId.of("UTC")).toLocalTime())
                        .isBetween(LocalTime.of(9, 0), LocalTime.of(9, 9, 59)));
        assertThat(due.stream().map(time -> time.substring(10)).distinct()).hasSize(1);
    }

    // ---- active hours

    @Test
    void anIntervalBeginsAnewWithTheActiveHoursAndEndsWithThem() {
        assertThat(due(between("08:00", "10:00", every("PT50M")), "2026-03-01T07:00:00Z", 4))
                .containsExactly(
                        "2026-03-01T08:00:00Z", "2026-03-01T08:50:00Z", "2026-03-01T09:40:00Z", "2026-03-02T08:00:00Z");
    }

    @Test
    void activeHoursMayGoOverMidnight() {
        assertThat(due(between("22:00", "02:00", every("PT90M")), "2026-03-01T01:00:00Z", 4))
                .containsExactly(
                        // the night before, from 22:00 on
                        "2026-03-01T22:00:00Z", "2026-03-01T23:30:00Z", "2026-03-02T01:00:00Z", "2026-03-02T22:00:00Z");
    }

    @Test
    void activeHoursGoByTheAgentsClock() {
        assertThat(due(in(BERLIN, between("08:00", "20:00", every("PT24H"))), "2026-03-28T00:00:00Z", 2))
                .containsExactly("2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z");
    }

    @Test
    void activeHoursThatTheClockPassesOverAreNoneOnThatDay() {
        assertThat(due(in(BERLIN, between("02:10", "02:50", every("PT30M"))), "2026-03-28T01:30:00Z", 2))
                .containsExactly("2026-03-28T01:40:00Z", "2026-03-30T00:10:00Z");
    }

    @Test
    void timesOfCronOutsideOfActiveHoursAreNone() {
        assertThat(due(between("08:00", "10:00", cron("*/40 * * * *")), "2026-03-01T08:30:00Z", 4))
                .containsExactly(
                        "2026-03-01T08:40:00Z", "2026-03-01T09:00:00Z", "2026-03-01T09:40:00Z", "2026-03-02T08:00:00Z");
        assertThat(due(between("08:00", "10:00", cron("0 12 * * *")), "2026-03-01T08:30:00Z", 1))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = """
            from,  to,    at,                   quiet
            08:00, 20:00, 2026-07-01T05:59:59Z, true
            08:00, 20:00, 2026-07-01T06:00:00Z, false
            08:00, 20:00, 2026-07-01T17:59:59Z, false
            08:00, 20:00, 2026-07-01T18:00:00Z, true
            22:00, 06:00, 2026-07-01T03:59:59Z, false
            22:00, 06:00, 2026-07-01T04:00:00Z, true
            22:00, 06:00, 2026-07-01T20:00:00Z, false
            """)
    void itIsQuietOutsideOfActiveHours(String from, String to, Instant at, boolean quiet) {
        assertThat(DueTimes.isQuiet(in(BERLIN, between(from, to, every("PT1H"))), at.toEpochMilli()))
                .isEqualTo(quiet);
    }

    // ---- cron

    @ParameterizedTest
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            expression       | after                | due
            30 2 * * *       | 2026-03-28T00:00:00Z | 2026-03-28T01:30:00Z, 2026-03-29T01:00:00Z, 2026-03-30T00:30:00Z
            0 3 * * *        | 2026-03-28T03:00:00Z | 2026-03-29T01:00:00Z, 2026-03-30T01:00:00Z
            */15 * * * *     | 2026-03-29T00:40:00Z | 2026-03-29T00:45:00Z, 2026-03-29T01:00:00Z, 2026-03-29T01:15:00Z
            5,10,50 2 * * *  | 2026-03-29T00:00:00Z | 2026-03-29T01:00:00Z, 2026-03-30T00:05:00Z
            30 2 * * *       | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z
            0 2 * * *        | 2026-10-24T12:00:00Z | 2026-10-25T00:00:00Z, 2026-10-26T01:00:00Z
            0 3 * * *        | 2026-10-24T12:00:00Z | 2026-10-25T02:00:00Z
            */30 * * * *     | 2026-10-24T23:45:00Z | 2026-10-25T00:00:00Z, 2026-10-25T00:30:00Z, 2026-10-25T01:00:00Z, 2026-10-25T01:30:00Z, 2026-10-25T02:00:00Z
            0 9 * * MON-FRI  | 2026-11-20T12:00:00Z | 2026-11-23T08:00:00Z, 2026-11-24T08:00:00Z
            0 9 13 * FRI     | 2026-11-07T00:00:00Z | 2026-11-13T08:00:00Z, 2026-11-20T08:00:00Z
            0 9 1 * FRI      | 2026-11-28T00:00:00Z | 2026-12-01T08:00:00Z, 2026-12-04T08:00:00Z
            0 9 * * 0        | 2026-11-20T12:00:00Z | 2026-11-22T08:00:00Z
            0 9 * * 7        | 2026-11-20T12:00:00Z | 2026-11-22T08:00:00Z
            0 0 29 2 *       | 2026-11-20T12:00:00Z | 2028-02-28T23:00:00Z
            """)
    void cronGoesByTheAgentsClock(String expression, Instant after, String due) {
        List<String> expected = List.of(due.split(", "));

        assertThat(due(in(BERLIN, cron(expression)), after.toString(), expected.size()))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void aDayThatDoesNotComeIsNeverDue() {
        assertThat(due(cron("0 0 30 2 *"), "2026-11-20T12:00:00Z", 1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "@daily", "a b c d e", "0 0 L * *"})
    void whatIsNoExpressionOfFiveFieldsIsToldAndNeverDue(String expression) {
        assertThat(DueTimes.checkCron(expression)).isNotBlank();
        assertThat(due(cron(expression), "2026-11-20T12:00:00Z", 1)).isEmpty();
    }

    /** Held against a walk over all minutes, in zones that put their clocks forward and back, by an hour and by half of one. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void cronIsDueWhenAWalkOverAllMinutesSaysSo(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 30; i++) {
            CronWalk walk = CronWalk.draw(random);
            long at = walk.from();
            for (long expected : walk.due()) {
                assertThat(DueTimes.next(walk.schedule(), "ada", at))
                        .as("%s behind %s", walk, Instant.ofEpochMilli(at))
                        .isEqualTo(expected);
                at = expected;
            }
        }
    }

    // ---- what holds for all

    @Test
    void nothingIsDueByAScheduleThatIsDisabledOrHasNoRhythm() {
        assertThat(due(disabled(every("PT1H")), "2026-11-20T12:00:00Z", 1)).isEmpty();
        assertThat(due(Schedules.of(null), "2026-11-20T12:00:00Z", 1)).isEmpty();
    }

    @Test
    void aZoneThatThisMachineDoesNotKnowCountsAsUtc() {
        assertThat(due(in("Mars/Olympus", cron("0 9 * * *")), "2026-11-20T12:00:00Z", 1))
                .containsExactly("2026-11-21T09:00:00Z");
    }

    /** Whoever asks at whatever time in between is told the same time: two schedulers make one tick. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void allWhoAskBetweenTwoDueTimesAreToldTheSame(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            Schedule schedule = any(random);
            String agent = "agent" + random.nextInt(1_000);
            long start = Instant.parse("2026-03-27T00:00:00Z").toEpochMilli() + random.nextInt(86_400_000);
            Long due = DueTimes.next(schedule, agent, start);
            for (int n = 0; n < 20 && due != null; n++) {
                Long next = DueTimes.next(schedule, agent, due);
                assertThat(next).as("%s of %s", schedule, agent).isNotNull().isGreaterThan(due);
                long between = due + (long) (random.nextDouble() * (next - due));
                assertThat(DueTimes.next(schedule, agent, between))
                        .as("%s of %s behind %s", schedule, agent, Instant.ofEpochMilli(between))
                        .isEqualTo(next);
                assertThat(DueTimes.isQuiet(schedule, next)).isFalse();
                due = next;
            }
        }
    }

    @Test
    void theDayBeginsAtTheAgentsMidnight() {
        Schedule berlin = in(BERLIN, every("PT1H"));
        Schedule beirut = in("Asia/Beirut", every("PT1H"));

        assertThat(midnight(berlin, "2026-03-29T12:00:00Z")).isEqualTo("2026-03-28T23:00:00Z");
        assertThat(midnight(berlin, "2026-10-25T22:59:59Z")).isEqualTo("2026-10-24T22:00:00Z");
        assertThat(midnight(beirut, "2026-03-29T12:00:00Z"))
                .as("midnight itself is passed over")
                .isEqualTo("2026-03-28T22:00:00Z");
    }

    private static Schedule any(Random random) {
        List<String> zones = List.of("UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
        long every = 60_000L * (1 + random.nextInt(1_440));
        Schedule schedule = random.nextInt(3) == 0
                ? cron(List.of("*/7 * * * *", "30 2 * * *", "0 9-17 * * *").get(random.nextInt(3)))
                : Schedules.of(new Every(every, random.nextBoolean() ? every : 60_000L * random.nextInt(60)));
        Schedule there = in(zones.get(random.nextInt(zones.size())), schedule);
        int from = random.nextInt(1_440);
        return random.nextBoolean()
                ? there
                : between(time(from), time((from + 1 + random.nextInt(1_438)) % 1_440), there);
    }

    private static String time(int minute) {
        return LocalTime.ofSecondOfDay(minute * 60L).toString();
    }

    private static String midnight(Schedule schedule, String at) {
        return Instant.ofEpochMilli(
                        DueTimes.midnight(schedule, Instant.parse(at).toEpochMilli()))
                .toString();
    }

    /** The first due times behind that one. */
    private static List<String> due(Schedule schedule, String after, int count) {
        List<String> due = new ArrayList<>();
        Long at = Instant.parse(after).toEpochMilli();
        while (due.size() < count) {
            at = DueTimes.next(schedule, "ada", at);
            if (at == null) {
                break;
            }
            due.add(Instant.ofEpochMilli(at).toString());
        }
        return due;
    }
}
