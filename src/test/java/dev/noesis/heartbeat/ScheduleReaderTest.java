package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.HeartbeatInput.ScheduleChange;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.ActiveHours;
import dev.noesis.model.Schedule.CheckPlan;
import dev.noesis.model.Schedule.Cron;
import dev.noesis.model.Schedule.Every;
import dev.noesis.model.Schedule.Misfire;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleReaderTest {
    private static final long NOW = Instant.parse("2026-11-22T09:30:00Z").toEpochMilli();
    private static final ScheduleReader READER =
            new ScheduleReader(Set.of("small", "large"), new CheckNames(List.of("signals", "failures")));

    @Test
    void anIntervalIsSpreadOverItselfAndTheRestHasDefaults() {
        assertThat(read("{\"enabled\":true,\"every\":\"PT30M\",\"more\":1}"))
                .isEqualTo(new ScheduleChange(new Schedule(
                        true, new Every(1_800_000, 1_800_000), "UTC", null, Misfire.SKIP, null, null, null)));
    }

    @Test
    void cronIsNotSpreadUnlessSomebodySaysSo() {
        assertThat(read("{\"enabled\":true,\"cron\":\"0 9 * * MON-FRI\"}"))
                .isEqualTo(new ScheduleChange(new Schedule(
                        true, new Cron("0 9 * * MON-FRI", 0), "UTC", null, Misfire.SKIP, null, null, null)));
    }

    @Test
    void aScheduleWithAllItsFields() {
        assertThat(read("{\"enabled\":true,\"every\":\"P1DT0S\",\"timezone\":\"Europe/Berlin\","
                        + "\"activeHours\":{\"from\":\"22:00\",\"to\":\"06:30\"},\"jitter\":\"PT2M\","
                        + "\"checks\":[{\"name\":\"signals\",\"params\":{}},{\"name\":\"failures\",\"every\":\"PT10M\"}],"
                        + "\"budget\":{\"tokensPerDay\":50},"
                        + "\"misfire\":\"fireOnce\",\"model\":\"large\"}"))
                .isEqualTo(new ScheduleChange(new Schedule(
                        true,
                        new Every(86_400_000, 120_000),
                        "Europe/Berlin",
                        new ActiveHours(LocalTime.of(22, 0), LocalTime.of(6, 30)),
                        Misfire.FIRE_ONCE,
                        50L,
                        "large",
                        List.of(new CheckPlan("signals", null), new CheckPlan("failures", 600_000L)))));
    }

    @Test
    void noValueTakesTheScheduleBack() {
        assertThat(HeartbeatInputReader.schedule("ada", null, NOW, READER)).isEqualTo(new ScheduleChange(null));
        assertThat(HeartbeatInputReader.schedule("~chat", null, NOW, READER)).isInstanceOf(Unreadable.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                     | enabled
            {"enabled":null}                                       | enabled
            {"enabled":"yes"}                                      | enabled
            {"enabled":true,"every":30}                            | every
            {"enabled":true,"every":"30m"}                         | every
            {"enabled":true,"every":"P"}                           | every
            {"enabled":true,"every":"PT"}                          | every
            {"enabled":true,"every":"PT0.5H"}                      | every
            {"enabled":true,"every":"PT-5M"}                       | every
            {"enabled":true,"every":"PT59S"}                       | every
            {"enabled":true,"every":"P367D"}                       | every
            {"enabled":true,"every":"P1M"}                         | every
            {"enabled":true,"every":"PT30M","cron":"0 9 * * *"}    | exclude
            {"enabled":true,"every":"PT30M","jitter":"PT25H"}      | jitter
            {"enabled":true,"cron":""}                             | cron
            {"enabled":true,"cron":7}                              | cron
            {"enabled":true,"cron":"0 0 9 * * *"}                  | five fields
            {"enabled":true,"cron":"0 25 * * *"}                   | cron
            {"enabled":true,"cron":"0 0 30 2 *"}                   | nothing is ever due
            {"enabled":true,"cron":"0 3 * * *","activeHours":{"from":"08:00","to":"20:00"}} | nothing is ever due
            {"enabled":true,"every":"PT1H","timezone":"Berlin"}    | timezone
            {"enabled":true,"every":"PT1H","timezone":"+01:00"}    | timezone
            {"enabled":true,"every":"PT1H","activeHours":[]}       | activeHours
            {"enabled":true,"every":"PT1H","activeHours":{"from":"8:00","to":"20:00"}} | activeHours.from
            {"enabled":true,"every":"PT1H","activeHours":{"from":"08:00"}} | activeHours.to
            {"enabled":true,"every":"PT1H","activeHours":{"from":"08:00","to":"08:00"}} | different times
            {"enabled":true,"every":"PT25H","activeHours":{"from":"08:00","to":"20:00"}} | at most PT24H
            {"enabled":true,"every":"PT1H","misfire":"fireAll"}    | misfire
            {"enabled":true,"every":"PT1H","budget":50}            | budget
            {"enabled":true,"every":"PT1H","budget":{}}            | tokensPerDay
            {"enabled":true,"every":"PT1H","budget":{"tokensPerDay":-1}} | tokensPerDay
            {"enabled":true,"every":"PT1H","model":"huge"}         | model
            {"enabled":true,"every":"PT1H","checks":"signals"}     | checks
            {"enabled":true,"every":"PT1H","checks":["signals"]}   | array of objects
            {"enabled":true,"every":"PT1H","checks":[{"name":7}]}  | checks: name is a text
            {"enabled":true,"every":"PT1H","checks":[{"every":"PT2H"}]} | there are: signals, failures
            {"enabled":true,"every":"PT1H","checks":[{"name":"mail"}]} | there are: signals, failures
            {"enabled":true,"every":"PT1H","checks":[{"name":"failures"},{"name":"failures","every":"PT2H"}]} | twice
            {"enabled":true,"every":"PT1H","checks":[{"name":"failures","every":"PT0S"}]} | checks: every
            {"enabled":true,"every":"PT1H","checks":[{"name":"failures","every":"P31D"}]} | checks: every
            {"enabled":true,"every":"PT1H","checks":[{"name":"failures","params":{"days":3}}]} | params are not supported
            {"enabled":true,"every":"PT1H","checks":[{"name":"signals","every":"PT2H"}]} | signals has no every
            {"enabled":true,"agentId":"bob"}                       | agentId
            """)
    void aScheduleThatBreaksTheContractIsRefusedWithTheField(String json, String named) {
        assertThat(read(json))
                .isInstanceOfSatisfying(
                        Unreadable.class,
                        unreadable -> assertThat(unreadable.reason()).contains(named));
    }

    private static HeartbeatInput read(String json) {
        return HeartbeatInputReader.schedule("ada", json.getBytes(UTF_8), NOW, READER);
    }
}
