package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.Gate.Skip;
import dev.noesis.heartbeat.Gate.Verdict;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {
    /** Stale is more than 60 s old. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "pass",
            value = {
                "false,      0, false, true,  pass",
                "false,  60000, false, true,  pass",
                "false, -99999, false, true,  pass",
                "false,  60001, false, true,  STALE",
                "false,      0, true,  true,  BUSY",
                "false,      0, false, false, NO_FINDINGS",
                "true,       0, false, true,  DUPLICATE",
                "true,   60001, true,  false, DUPLICATE",
                "false,  60001, true,  false, STALE",
                "false,      0, true,  false, BUSY"
            })
    void theFirstReasonCounts(boolean seen, long age, boolean busy, boolean anythingToDo, Skip reason) {
        assertThat(Gate.judge(new Gate.View(seen, age, 60_000, busy, anythingToDo)))
                .isEqualTo(reason == null ? new Verdict.Pass() : new Verdict.Refuse(reason));
    }

    @Test
    void reasonsHaveTheNamesOfTheContract() {
        assertThat(Arrays.stream(Skip.values()).map(Skip::id))
                .containsExactlyInAnyOrder("duplicate", "stale", "busy", "no_findings");
    }
}
