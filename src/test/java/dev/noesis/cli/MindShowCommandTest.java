package dev.noesis.cli;

import static dev.noesis.mind.Decisions.kept;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Calibration;
import dev.noesis.model.MemoryWrite.Verdict;
import org.junit.jupiter.api.Test;

class MindShowCommandTest {
    @Test
    void aDecisionIsOneLineWithItsOutcome() {
        assertThat(MindShowCommand.line(kept("d-1", 0.7, null)))
                .isEqualTo("d-1  open  do d-1  (errands, medium stakes, model, 0.7)");
        assertThat(MindShowCommand.line(kept("d-1", 0.7, Verdict.PARTIAL)))
                .isEqualTo("d-1  partial  do d-1  (errands, medium stakes, model, 0.7)  → it was a partial");
        assertThat(MindShowCommand.line(kept("x\ny", 1, null))).contains("do x y");
    }

    @Test
    void theScoreIsShownWhereItSaysSomething() {
        assertThat(MindShowCommand.calibration(new Calibration(4, 0.1))).isEmpty();
        assertThat(MindShowCommand.calibration(new Calibration(5, 0.1234)))
                .isEqualTo(" (Brier score 0.12 over 5 reviewed)");
    }
}
