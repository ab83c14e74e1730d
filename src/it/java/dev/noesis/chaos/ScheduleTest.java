package dev.noesis.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is drawn before a run begins. */
class ScheduleTest {
    private static final Duration LENGTH = Duration.ofMinutes(5);

    @Test
    void theSameSeedDrawsTheSameFaultsAtTheSameTimes() {
        assertThat(drawn(7)).isEqualTo(drawn(7)).isNotEqualTo(drawn(8));
    }

    @Test
    void everyKindComesWithinFiveMinutes() {
        Schedule schedule = Schedule.draw(shape(3), Kinds.ALL);

        assertThat(schedule.planned()).hasSizeGreaterThan(Kinds.ALL.size());
        assertThat(schedule.planned())
                .allSatisfy(planned -> assertThat(planned.at()).isLessThan(LENGTH));
    }

    private static String drawn(long seed) {
        return Schedule.draw(shape(seed), Kinds.ALL).planned().stream()
                .map(planned -> planned.at() + " " + planned.fault().kind() + " "
                        + planned.fault().what())
                .toList()
                .toString();
    }

    private static Shape shape(long seed) {
        return Shape.whole(seed, LENGTH, Path.of("nowhere"));
    }
}
