package dev.noesis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Schedules;
import dev.noesis.mind.TestLog;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.Schedule;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the commands say of an agent's schedule; it is 2027-01-15, 08:00 in UTC. */
class HeartbeatCommandsTest {
    private static final Writer HEARTBEAT = Writer.heartbeat("h1");

    private final TestLog log = new TestLog();

    @Test
    void theStatusShowsWhenTheNextTickIsDueAndWhatIsLeftOfTheDay() {
        Schedule schedule = Schedules.budget(
                50_000, Schedules.in("Europe/Berlin", Schedules.between("10:00", "20:00", Schedules.every("PT30M"))));
        log.appendAll(HEARTBEAT.barrier(), HEARTBEAT.scheduled(schedule, 0L));
        log.append(HEARTBEAT.opened("heartbeat-k1", "heartbeat-k1", "look"));
        log.append(HEARTBEAT.asked("heartbeat-k1", 0, new Attempt(0, 0), "c"));

        assertThat(status().lines())
                .containsExactly(
                        "schedule    every PT30M, Europe/Berlin, from 10:00 to 20:00, misfire skip",
                        "next due    2027-01-15T09:00:00Z",
                        "spent today 15 tokens of 50,000",
                        "under way   heartbeat-k1");
    }

    @Test
    void theStatusOfAnAgentThatIsLeftAloneSaysSo() {
        log.appendAll(HEARTBEAT.barrier(), HEARTBEAT.scheduled(Schedules.disabled(Schedules.cron("0 9 * * *")), 0L));

        assertThat(status().lines())
                .containsExactly(
                        "schedule    disabled, cron 0 9 * * *, UTC, misfire skip",
                        "next due    never",
                        "spent today 0 tokens");
    }

    @Test
    void theStatusOfAnAgentWithoutAScheduleSaysSo() {
        assertThat(status().lines()).containsExactly("no schedule; ticks come from outside only");
    }

    @ParameterizedTest
    @CsvSource({"30m, PT30M", "1h30m, PT1H30M", "90s, PT90S", "1d, P1D", "1d12h, P1DT12H", "PT45M, PT45M"})
    void anIntervalIsReadAsPeopleWriteIt(String text, Duration interval) {
        assertThat(new HeartbeatScheduleCommand.Interval().convert(text)).isEqualTo(interval);
    }

    private String status() {
        StringWriter out = new StringWriter();
        HeartbeatStatusCommand.show(log.cognition(), TestLog.ADA, log.clock(), new PrintWriter(out, true));
        return out.toString();
    }
}
