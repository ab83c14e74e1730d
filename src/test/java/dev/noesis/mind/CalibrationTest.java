package dev.noesis.mind;

import static dev.noesis.mind.Decisions.kept;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.model.MemoryWrite.Verdict;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
    @ParameterizedTest
    @CsvSource({
        "1,    SUCCESS, 0",
        "0,    SUCCESS, 1",
        "0.7,  SUCCESS, 0.09",
        "0.5,  PARTIAL, 0",
        "1,    PARTIAL, 0.25",
        "0,    FAILURE, 0",
        "1,    FAILURE, 1",
        "0.25, FAILURE, 0.0625"
    })
    void aDecisionScoresTheSquareOfItsDistanceFromTheOutcome(double confidence, Verdict verdict, double score) {
        assertThat(Calibration.of(List.of(kept("d", confidence, verdict))).brierScore())
                .isCloseTo(score, within(1e-12));
    }

    @Test
    void theScoreIsTheMeanOverWhatIsReviewed() {
        Calibration calibration = Calibration.of(
                List.of(kept("a", 1, Verdict.SUCCESS), kept("b", 1, Verdict.FAILURE), kept("c", 0.3, null)));

        assertThat(calibration).isEqualTo(new Calibration(2, 0.5));
    }

    @Test
    void ofNothingThereIsNoScore() {
        assertThat(Calibration.of(List.of())).isEqualTo(new Calibration(0, 0));
        assertThat(Calibration.of(List.of(kept("a", 1, null)))).isEqualTo(new Calibration(0, 0));
    }

    @Test
    void fiveReviewsSaySomething() {
        Decision reviewed = kept("d", 0.5, Verdict.SUCCESS);

        assertThat(Calibration.of(Collections.nCopies(4, reviewed)).isTelling()).isFalse();
        assertThat(Calibration.of(Collections.nCopies(5, reviewed)).isTelling()).isTrue();
    }
}
