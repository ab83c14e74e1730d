package dev.noesis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of mutated records of every input topic: no exception leaves a lane, every record has the answer that its
 * contract documents, and a good record after each batch is served. {@code -Dfuzz.seed} and {@code -Dfuzz.records} vary it.
 */
class InputFuzzTest {
    private static final int BATCH = 50;

    /** After so many batches a lane begins anew, so that what it remembers stays small. */
    private static final int BATCHES_OF_A_LANE = 20;

    private final long seed = Long.getLong("fuzz.seed", 20_261_122L);
    private final int records = Integer.getInteger("fuzz.records", 100_000);
    private final Tally tally = new Tally();

    @TempDir
    private Path stateDir;

    @Test
    void everyRequestHasItsAnswer() {
        RandomGenerator random = random();
        for (int done = 0; done < records / 2; ) {
            try (ChatFuzz chat = new ChatFuzz(random, stateDir, tally)) {
                for (int i = 0; i < BATCHES_OF_A_LANE && done < records / 2; i++, done += BATCH) {
                    chat.batch(BATCH);
                }
            }
        }
        System.out.println("seed " + seed + ": " + tally);
        assertThat(tally.of("chat accepted")).isPositive();
        assertThat(tally.of("chat dead")).isPositive();
    }

    @Test
    void everyTickSignalAndScheduleHasItsAnswer() {
        RandomGenerator random = random();
        int share = records * 7 / 20;
        for (int done = 0; done < share; ) {
            try (HeartbeatFuzz heartbeat = new HeartbeatFuzz(random, stateDir, tally)) {
                for (int i = 0; i < BATCHES_OF_A_LANE && done < share; i++, done += BATCH) {
                    heartbeat.batch(BATCH);
                }
            }
        }
        System.out.println("seed " + seed + ": " + tally);
        assertThat(tally.of("tick raised")).isPositive();
        assertThat(tally.of("signal kept")).isPositive();
        assertThat(tally.of("signal reacted")).isPositive();
        assertThat(tally.of("signal dead")).isPositive();
        assertThat(tally.of("schedule set")).isPositive();
        assertThat(tally.of("schedule dead")).isPositive();
    }

    @Test
    void everyRecordOfTheLogIsFoldedOrPassedOverByBothLanesAlike() {
        LogFuzz log = new LogFuzz(random(), stateDir, tally);
        for (int done = 0; done < records * 3 / 20; done += 2 * BATCH) {
            log.batch(2 * BATCH);
        }
        System.out.println("seed " + seed + ": " + tally);
        assertThat(tally.of("log Poison")).isPositive();
        assertThat(tally.of("log Event")).isPositive();
    }

    private RandomGenerator random() {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }
}
