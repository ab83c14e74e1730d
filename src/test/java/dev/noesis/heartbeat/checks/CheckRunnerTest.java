package dev.noesis.heartbeat.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import dev.noesis.model.CheckReport.Status;
import dev.noesis.model.Finding.Urgency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CheckRunnerTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Found FOUND = new Found("a", "s", "s", Urgency.NORMAL, true, null);

    private final Semaphore room = new Semaphore(2);
    private final AtomicInteger woken = new AtomicInteger();
    private final CheckRunner runner = new CheckRunner(room, woken::incrementAndGet);

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger interrupted = new AtomicInteger();

    @AfterEach
    void stop() {
        release.countDown();
        runner.close();
    }

    @Test
    void aLookIsMadeElsewhereAndDrainedOnce() {
        AtomicBoolean virtual = new AtomicBoolean();
        runner.launch(
                "k",
                new TestCheck(_ -> {
                    virtual.set(Thread.currentThread().isVirtual());
                    return List.of(FOUND);
                }),
                Views.EMPTY);

        List<Looked> looked = drained(1);

        assertThat(looked)
                .extracting(Looked::key, Looked::check, Looked::status, Looked::found)
                .containsExactly(tuple("k", "test", Status.OK, List.of(FOUND)));
        assertThat(virtual).isTrue();
        assertThat(runner.drain()).isEmpty();
        assertThat(runner.underWay()).isZero();
        await().untilAsserted(() -> assertThat(woken).hasValue(1));
    }

    @Test
    void whatACheckThrowsIsALookThatFailed() {
        runner.launch("k", TestCheck.failing(new CheckException("no answer")), Views.EMPTY);
        runner.launch(
                "e",
                new TestCheck(_ -> {
                    throw new StackOverflowError();
                }),
                Views.EMPTY);

        assertThat(drained(2))
                .extracting(Looked::key, Looked::status, Looked::message)
                .containsExactlyInAnyOrder(
                        tuple("k", Status.FAILED, "no answer"), tuple("e", Status.FAILED, "StackOverflowError"));
    }

    @Test
    void aLookThatTakesTooLongIsInterruptedAndHasFailed() {
        runner.launch("k", held("slow", SHORT), Views.EMPTY);

        List<Looked> looked = drained(1);

        assertThat(looked)
                .extracting(Looked::status, Looked::tookMs, Looked::message)
                .containsExactly(tuple(Status.TIMED_OUT, 50L, "it did not look within 50 ms"));
        await().until(() -> interrupted.get() == 1);
        await().until(() -> room.availablePermits() == 2);
    }

    @Test
    void noMoreLooksAreUnderWayThanThereIsRoom() {
        for (int i = 0; i < 5; i++) {
            runner.launch("k" + i, held("held", LONG), Views.EMPTY);
        }

        await().until(() -> begun.get() == 2 && room.getQueueLength() == 3);
        release.countDown();

        assertThat(drained(5)).allMatch(Looked::isOk);
        assertThat(begun).hasValue(5);
    }

    @Test
    void theTimeOfALookCountsFromItsBeginning() {
        Check first = held("first", LONG);
        runner.launch("a", first, Views.EMPTY);
        runner.launch("b", first, Views.EMPTY);
        await().until(() -> begun.get() == 2);

        long asked = System.nanoTime();
        runner.launch("late", new TestCheck("late", SHORT, _ -> List.of()), Views.EMPTY);
        await().until(() -> System.nanoTime() - asked > SHORT.multipliedBy(3).toNanos());
        assertThat(runner.drain()).isEmpty();
        release.countDown();

        assertThat(drained(3)).filteredOn(looked -> looked.key().equals("late")).allMatch(Looked::isOk);
    }

    @Test
    void ofACancelledLookNothingIsHeard() {
        runner.launch("k", held("held", LONG), Views.EMPTY);
        await().until(() -> begun.get() == 1);

        runner.cancel("k");
        runner.cancel("nobody");

        await().until(() -> interrupted.get() == 1 && room.availablePermits() == 2);
        assertThat(runner.underWay()).isZero();
        assertThat(runner.drain()).isEmpty();
        assertThat(woken).hasValue(0);
    }

    @Test
    void aLookIsCancelledBeforeItBegins() {
        runner.launch("a", held("held", LONG), Views.EMPTY);
        runner.launch("b", held("held", LONG), Views.EMPTY);
        await().until(() -> begun.get() == 2);
        runner.launch("c", held("held", LONG), Views.EMPTY);
        await().until(() -> room.getQueueLength() == 1);

        runner.cancel("c");

        await().until(() -> room.getQueueLength() == 0);
        release.countDown();
        assertThat(drained(2)).extracting(Looked::key).containsExactlyInAnyOrder("a", "b");
        assertThat(begun).hasValue(2);
    }

    @Test
    void aLookThatIsOverIsCancelledUntilItIsDrained() {
        runner.launch("k", TestCheck.finding(FOUND), Views.EMPTY);
        await().until(() -> woken.get() == 1);

        runner.cancel("k");

        assertThat(runner.drain()).isEmpty();
    }

    @Test
    void aKeyHasOneLook() {
        runner.launch("k", held("former", LONG), Views.EMPTY);
        await().until(() -> begun.get() == 1);

        runner.launch("k", TestCheck.finding(FOUND), Views.EMPTY);

        assertThat(drained(1)).extracting(Looked::check).containsExactly("test");
        await().until(() -> interrupted.get() == 1);
    }

    @Test
    void aCheckThatIgnoresItsEndHoldsUpNoOtherAndStandsAloneInTheEnd() {
        Check deaf = deaf("deaf");
        for (int i = 0; i < CheckRunner.MAX_STUCK; i++) {
            runner.launch("k" + i, deaf, Views.EMPTY);
            assertThat(drained(1)).extracting(Looked::status).containsExactly(Status.TIMED_OUT);
            await().until(() -> room.availablePermits() == 2);
        }

        runner.launch("more", deaf, Views.EMPTY);
        runner.launch("other", TestCheck.finding(FOUND), Views.EMPTY);

        assertThat(drained(2))
                .extracting(Looked::key, Looked::status)
                .containsExactlyInAnyOrder(tuple("more", Status.FAILED), tuple("other", Status.OK));
        assertThat(begun).hasValue(CheckRunner.MAX_STUCK);

        release.countDown();
        await().until(() -> {
            runner.launch("again", deaf, Views.EMPTY);
            return drained(1).getFirst().isOk();
        });
    }

    @Test
    void closingEndsAllLooksAndTakesNoMore() {
        for (int i = 0; i < 4; i++) {
            runner.launch("k" + i, held("held", LONG), Views.EMPTY);
        }
        await().until(() -> begun.get() == 2);

        runner.close();
        runner.launch("late", TestCheck.finding(FOUND), Views.EMPTY);

        assertThat(interrupted).hasValue(2);
        assertThat(runner.underWay()).isZero();
        assertThat(runner.drain()).isEmpty();
        await().until(() -> room.availablePermits() == 2);
        assertThat(begun).hasValue(2);
    }

    @Test
    void closingWaitsForACheckThatIgnoresItForASecondOnly() {
        runner.launch("k", new TestCheck("deaf", LONG, deaf("deaf")::look), Views.EMPTY);
        await().until(() -> begun.get() == 1);

        long began = System.nanoTime();
        runner.close();

        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
        runner.close();
    }

    /** Looks until it is released or interrupted. */
    private Check held(String name, Duration timeout) {
        return new TestCheck(name, timeout, _ -> {
            begun.incrementAndGet();
            try {
                release.await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
                throw e;
            }
            return List.of();
        });
    }

    /** Looks until it is released, whoever interrupts it. */
    private Check deaf(String name) {
        return new TestCheck(name, SHORT, _ -> {
            begun.incrementAndGet();
            while (release.getCount() > 0) {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    // on purpose
                }
            }
            return List.of();
        });
    }

    private List<Looked> drained(int count) {
        List<Looked> looked = new ArrayList<>();
        await().until(() -> {
            looked.addAll(runner.drain());
            return looked.size() >= count;
        });
        assertThat(looked).hasSize(count);
        return looked;
    }
}
