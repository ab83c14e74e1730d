package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.Tuning;
import dev.noesis.model.CheckTuning;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often a check looks after a cycle. As it is configured here, that is each 400 ms, of 100 to 1,600: a step has 150. */
class TunerTest {
    private static final long CONFIGURED = 400;

    @ParameterizedTest(name = "{4}")
    @CsvSource(nullValues = "-", textBlock = """
            # useful, noise, every, before, what, next, taken back to
             9, 10,    -,   -, nine and a half outcomes are too few,                     none,    -
             8, 12,    -,   -, sixty percent of noise are not too much,                     -,    -
             7, 13,    -,   -, more are,                                                  550,  400
             7, 13,  550, 400, they are so again,                                         700,  550
             7, 13, 1500,   -, it does not look less often than a quarter as often,      1600, 1500
             7, 13, 1600,   -, and then that is how often it looks,                      1600,    -
            16,  4,  550,   -, eighty percent of use are not enough,                      550,    -
            17,  3,  550,   -, more are,                                                    -,  550
            17,  3,    -,   -, also where nothing was tuned before,                       250,  400
            17,  3,  250, 400, they are so again,                                         100,  250
            17,  3,  100, 250, it does not look more often than four times as often,      100,    -
             4, 16,  100, 250, up to eighty percent of noise a change is not taken back,  250,  100
             3, 17,  100, 250, above it is,                                               250,    -
             3, 17,  250, 400, also to what is configured,                                  -,    -
             3, 17,  550, 700, whatever it was,                                           700,    -
             3, 17,  550, 400, and what looks less often already does so still more,      700,  550
             3, 17,  250,   -, where nothing was changed there is nothing to take back,     -,  250
             0, 20,   10,   -, what the operator set is brought into the range,           160,   10
             9, 11, 9000,   -, from above as well,                                       1600, 9000
            """)
    void aCycleEnds(int useful, int noise, Long every, Long before, String what, String next, Long takenBackTo) {
        CheckTuning tuning = Tuner.next("disk", new Tuning(useful, noise, every, before, false), CONFIGURED);

        if ("none".equals(next)) {
            assertThat(tuning).isNull();
        } else {
            Long expected = next == null || Long.parseLong(next) == CONFIGURED ? null : Long.valueOf(next);
            assertThat(tuning).isEqualTo(new CheckTuning("disk", expected, takenBackTo));
        }
    }

    @Test
    void whatIsPinnedIsLeftAlone() {
        assertThat(Tuner.next("disk", new Tuning(0, 100, 550L, 400L, true), CONFIGURED))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 1_000, 2_592_000_000L, Long.MAX_VALUE / 4, Long.MAX_VALUE})
    void anIntervalStaysWithinItsRangeWhateverHumansSay(long configured) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tuning tuning = Tuning.NONE;
        for (int i = 0; i < 1_000; i++) {
            int noise = random.nextInt(21);
            CheckTuning next = Tuner.next(
                    "disk", new Tuning(20 - noise, noise, tuning.everyMs(), tuning.beforeMs(), false), configured);

            assertThat(next).as("seed %d", seed).isNotNull();
            long every = next.everyMs() == null ? configured : next.everyMs();
            assertThat(every).as("seed %d", seed).isGreaterThanOrEqualTo(configured / 4);
            assertThat(every / 4).as("seed %d", seed).isLessThanOrEqualTo(configured);
            tuning = new Tuning(0, 0, next.everyMs(), next.beforeMs(), false);
        }
    }
}
