package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.Gate.Skip;
import dev.noesis.heartbeat.Gate.Verdict;
import dev.noesis.heartbeat.Gate.View;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {
    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, nullValues = "passes", textBlock = """
            seen,  age, stale after, busy,  anything to do, cooling, verdict
            false, 0,   1000,        false, true,          false,   passes
            false, 1000, 1000,       false, true,          false,   passes
            false, -500, 1000,       false, true,          false,   passes
            false, 1001, 1000,       false, true,          false,   STALE
            false, 0,   1000,        true,  true,          false,   BUSY
            false, 0,   1000,        false, false,          false,   NO_FINDINGS
            true,  0,   1000,        false, true,          false,   DUPLICATE
            true,  1001, 1000,       true,  false,          false,   DUPLICATE
            false, 1001, 1000,       true,  false,          false,   STALE
            false, 0,   1000,        true,  false,          false,   BUSY
            false, 0,   1000,        false, true,          true,    COOLDOWN
            false, 0,   1000,        false, false,          true,    NO_FINDINGS
            false, 1001, 1000,       false, true,          true,    STALE
            """)
    void aTickPassesOrIsRefusedForTheFirstReasonThatHolds(
            boolean seen, long age, long staleAfter, boolean busy, boolean anythingToDo, boolean cooling, Skip reason) {
        Verdict verdict = Gate.judge(new View(seen, age, staleAfter, busy, anythingToDo, cooling));

        assertThat(verdict).isEqualTo(reason == null ? new Verdict.Pass() : new Verdict.Refuse(reason));
    }
}
