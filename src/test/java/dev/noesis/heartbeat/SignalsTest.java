package dev.noesis.heartbeat;

import static dev.noesis.heartbeat.CrashableHeartbeat.SIGNALS;
import static dev.noesis.heartbeat.CrashableHeartbeat.TICKS;
import static dev.noesis.heartbeat.CrashableHeartbeat.signal;
import static dev.noesis.heartbeat.CrashableHeartbeat.tick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.run.CrashableLane;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals that share a name, that are large, and ticks that ask for more time than there is. */
class SignalsTest {
    private static final int RECORD = 8 << 20;

    private final CrashableLane lane = CrashableHeartbeat.task().startAndOwn();

    /** Two systems may give their signals the same ids. */
    @Test
    void signalsOfTwoSourcesAreTwoSignals() {
        lane.input(SIGNALS, "ada", signal("1", "mail", "a mail", ""));
        lane.input(SIGNALS, "ada", signal("1", "build", "a failed job", ""));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(prompt()).contains("a mail", "a failed job");
    }

    @Test
    void aSignalThatIsCorrectedBeforeItIsRaisedIsOneSignal() {
        lane.input(SIGNALS, "ada", signal("1", "mail", "a mail", ""));
        lane.input(SIGNALS, "ada", signal("1", "mail", "a letter", ""));
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(prompt()).contains("a letter").doesNotContain("a mail");
    }

    /** All findings of a tick stand in one record, and again in the message that their run begins with. */
    @ParameterizedTest
    @ValueSource(strings = {"€", "\\\"", "\\\\", "\\u0000", "x"})
    void theFindingsOfATickFitARecordWhateverItsSignalsHold(String piece) {
        for (int i = 0; i < 60; i++) {
            String source = piece.repeat(i % 2 == 0 ? 100 : 100_000);
            String data = piece.repeat((i % 4 == 0 ? 64_000 : 20_000) / piece.length());
            lane.input(SIGNALS, "ada", signal("s" + i, source, piece.repeat(3_000), data));
        }
        lane.input(TICKS, "ada", tick("k1"));
        lane.run();

        assertThat(lane.effects().called).hasSize(1);
        assertThat(lane.largestEntry()).isLessThan(RECORD);
        assertThat(lane.log())
                .allSatisfy(entry -> assertThat(entry.value().length).isLessThan(RECORD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "31536000000000", "86400001"})
    void aDeadlineBeyondAllMeasureIsRefused(String deadlineMs) {
        lane.input(SIGNALS, "ada", signal("1", "mail", "a mail", ""));
        lane.input(TICKS, "ada", "{\"tickId\":\"k1\",\"deadlineMs\":" + deadlineMs + "}");
        lane.run();

        assertThat(lane.outputs(HeartbeatTopology.DLQ_SINK))
                .singleElement()
                .satisfies(dead -> assertThat(dead.header("noesis_error")).contains("deadlineMs"));
        assertThat(lane.effects().called).isEmpty();
    }

    private String prompt() {
        return lane.effects()
                .called
                .getFirst()
                .call()
                .request()
                .messages()
                .getFirst()
                .text();
    }
}
