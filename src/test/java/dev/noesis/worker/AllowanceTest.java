package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    // a nano clock may have any value, and pass from the largest to the least
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofMinutes(30).toNanos());
    private final Allowance allowance = new Allowance(3, Duration.ofHours(1), now::get);

    @Test
    void soManyInARowAndNoMore() {
        assertThat(allowance.tryAcquire()).isTrue();
        assertThat(allowance.tryAcquire()).isTrue();
        assertThat(allowance.tryAcquire()).isTrue();
        assertThat(allowance.tryAcquire()).isFalse();
    }

    @Test
    void eachComesBackWhenItsTimeHasPassed() {
        assertThat(allowance.tryAcquire()).isTrue();
        pass(Duration.ofMinutes(40));
        assertThat(allowance.tryAcquire()).isTrue();
        assertThat(allowance.tryAcquire()).isTrue();
        assertThat(allowance.tryAcquire()).isFalse();

        pass(Duration.ofMinutes(20));

        assertThat(allowance.tryAcquire()).isTrue();
        assertThat(allowance.tryAcquire()).isFalse();
    }

    @Test
    void nowAndThenIsAllowedForEver() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(allowance.tryAcquire()).isTrue();
            pass(Duration.ofMinutes(20));
        }
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
