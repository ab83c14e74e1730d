package dev.noesis.mind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckReport.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a check may look again, as it fares. */
class CheckupTest {
    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();

    private CheckEntry check;
    private long now = 1_000_000;
    private int ticks;

    @Test
    void aCheckLooksAtMostSoOften() {
        assertThat(Checkup.isDue(null, EVERY, now)).isTrue();
        look(Status.OK);

        assertThat(isDueAfter(5 * MINUTE - 1)).isFalse();
        assertThat(isDueAfter(1)).isTrue();
    }

    @Test
    void aBreakerOpensAfterThreeFailuresAndIsNotOpenForEver() {
        look(Status.FAILED);
        look(Status.TIMED_OUT);
        assertThat(check.openUntil()).isNull();
        look(Status.FAILED);

        assertThat(isDueAfter(10 * MINUTE - 1)).isFalse();
        assertThat(isDueAfter(1)).as("half open").isTrue();
        look(Status.OK);
        assertThat(check.openUntil()).isNull();
        assertThat(check.failures()).isZero();
        assertThat(check.okAt()).isEqualTo(now);
    }

    @Test
    void aBreakerThatFailsWhenItIsHalfOpenStaysOpenForLongerUpToALimit() {
        long longest = 0;
        for (int i = 0; i < 40; i++) {
            look(Status.FAILED);
            longest = check.openUntil() == null ? 0 : check.openUntil() - now;
        }
        assertThat(longest).isEqualTo(Duration.ofHours(4).toMillis());
    }

    @Test
    void oneSuccessAmongFailuresKeepsItClosed() {
        for (int i = 0; i < 10; i++) {
            look(i % 3 == 2 ? Status.OK : Status.FAILED);
            assertThat(check.openUntil()).isNull();
        }
    }

    @Test
    void aTickThatIsToldTwiceCountsOnce() {
        look(Status.FAILED);

        assertThat(Checkup.looked(check, report(Status.FAILED), "tick" + ticks, 0, now + 1))
                .isSameAs(check);
    }

    @Test
    void muchThatLiesAboutIsToldOnceInTwelveHours() {
        look(Status.OK, 4);
        assertThat(check.accumulatedBy()).isNull();
        look(Status.OK, 5);
        assertThat(check.accumulatedBy()).isEqualTo("tick2");
        now += Duration.ofHours(12).toMillis() - 1;
        look(Status.OK, 6);
        assertThat(check.accumulatedBy()).isEqualTo("tick2");
        now += 1;
        look(Status.OK, 6);
        assertThat(check.accumulatedBy()).isEqualTo("tick4");
    }

    private boolean isDueAfter(long ms) {
        now += ms;
        return Checkup.isDue(check, EVERY, now);
    }

    private void look(Status status) {
        look(status, 0);
    }

    private void look(Status status, long many) {
        check = Checkup.looked(check, report(status), "tick" + ++ticks, many, now);
    }

    private CheckReport report(Status status) {
        return new CheckReport("disk", status, 0, 3, now, true, status == Status.OK ? null : "no answer");
    }
}
