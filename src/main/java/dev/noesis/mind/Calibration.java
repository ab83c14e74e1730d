package dev.noesis.mind;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Review;
import dev.noesis.model.MemoryWrite.Verdict;
import java.util.List;

/**
 * How well an agent knows how sure it may be of its decisions.
 *
 * @param reviewed how many of its decisions are
 * @param brierScore the mean square of the distance between confidence and outcome, over those: from 0, it always knew, to 1, it
 *     was always sure and wrong; always saying 0.5 gives 0.25 where no decision turns out in part. 0 where none is reviewed
 */
public record Calibration(int reviewed, double brierScore) {
    /** Of fewer, the score says nothing. */
    private static final int TELLING = 5;

    public static Calibration of(List<Decision> decisions) {
        int reviewed = 0;
        double sum = 0;
        for (Decision decision : decisions) {
            Review review = decision.review();
            if (review != null) {
                double distance = decision.confidence() - outcome(review.verdict());
                sum += distance * distance;
                reviewed++;
            }
        }
        return new Calibration(reviewed, reviewed == 0 ? 0 : sum / reviewed);
    }

    /** Whether enough decisions are reviewed for the score to say something. */
    public boolean isTelling() {
        return reviewed >= TELLING;
    }

    private static double outcome(Verdict verdict) {
        return switch (verdict) {
            case SUCCESS -> 1;
            case PARTIAL -> 0.5;
            case FAILURE -> 0;
        };
    }
}
