package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DelayedAppendsTest {
    private final Timers timers = new Timers("test-timers");
    private final DelayedAppends delayed = new DelayedAppends(timers);
    private final Tenure one = new Tenure(0, "c1", 1);
    private final Tenure two = new Tenure(0, "c2", 2);

    @AfterEach
    void close() {
        timers.close();
    }

    @Test
    void anAppendThatFallsDueWhileItIsBeingNotedLeavesNothingBehind() {
        AtomicInteger appended = new AtomicInteger();
        for (int i = 0; i < 20_000; i++) {
            delayed.in(0, one, "effect" + i, appended::incrementAndGet);
        }

        await().until(() -> appended.get() == 20_000);
        assertThat(delayed.size()).isZero();
    }

    @Test
    void theLaterOfOneEffectTakesThePlaceOfTheEarlier() {
        List<String> appended = new CopyOnWriteArrayList<>();
        delayed.in(30, one, "effect", () -> appended.add("one"));
        delayed.in(60, two, "effect", () -> appended.add("two"));
        delayed.release(one);

        await().until(() -> delayed.size() == 0);
        assertThat(appended).containsExactly("two");
    }

    @Test
    void whatIsTakenBackOrReleasedOrClearedIsNotAppended() {
        List<String> appended = new ArrayList<>();
        delayed.in(600_000, one, "a", () -> appended.add("a"));
        delayed.in(600_000, one, "b", () -> appended.add("b"));
        delayed.in(600_000, two, "c", () -> appended.add("c"));
        delayed.cancel("a");
        assertThat(delayed.size()).isEqualTo(2);
        delayed.release(one);
        assertThat(delayed.size()).isEqualTo(1);
        delayed.clear();

        assertThat(delayed.size()).isZero();
        assertThat(appended).isEmpty();
    }

    @Test
    void whatComesAfterTheTimersWereClosedIsNotKept() {
        timers.close();
        delayed.in(1, one, "a", () -> {});

        assertThat(delayed.size()).isZero();
    }
}
