package dev.noesis.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
    private final RateLimit limit = new RateLimit(2, 1_000);

    private int takenAt(long now) {
        int taken = 0;
        for (; limit.isOpen(now); taken++) {
            limit.take();
        }
        return taken;
    }

    @Test
    void asManyAsASecondGivesMayComeAtOnceAndNoMore() {
        assertThat(takenAt(1_000)).isEqualTo(2);
        assertThat(takenAt(1_499)).isZero();
        assertThat(takenAt(1_500)).isEqualTo(1);
    }

    @Test
    void aLongRestGivesNoMoreThanASecondDoes() {
        assertThat(takenAt(3_600_000)).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackGivesNothing() {
        assertThat(takenAt(1_000)).isEqualTo(2);
        assertThat(takenAt(0)).isZero();
        assertThat(takenAt(500)).isEqualTo(1);
    }
}
