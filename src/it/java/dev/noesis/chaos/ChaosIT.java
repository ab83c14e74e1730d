package dev.noesis.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A piece of the chaos run: one broker, two workers. It asserts safety, and that all is answered in the end, never how soon. */
@Timeout(900)
class ChaosIT {
    /** A seed that failed stays here. */
    @ParameterizedTest
    @ValueSource(longs = 1)
    void whateverHappensEachRunIsAnsweredOnceAndTheContractsAreKept(long seed) throws Exception {
        Path dir = Chaos.empty(Path.of("target", "chaos", "it-" + seed));
        Shape shape = Shape.piece(seed, dir);

        Report report = new ChaosRun(shape, Schedule.draw(shape, Kinds.OF_A_PIECE), System.out).run();

        Chaos.write(report, dir);
        assertThat(report.violations()).as("see %s", dir).isEmpty();
        assertThat(report.failures()).as("see %s", dir).isEmpty();
        assertThat(report.drained()).isTrue();
    }
}
