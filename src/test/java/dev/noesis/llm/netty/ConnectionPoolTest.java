package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.netty.ConnectionPool.Books;
import dev.noesis.llm.netty.ConnectionPool.Grant;
import dev.noesis.llm.netty.ConnectionPool.Permit;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionPoolTest {
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration LIFE = Duration.ofMinutes(10);

    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel sweeper =
            EmbeddedChannel.builder().ticker(ticker).build();
    private final List<EmbeddedChannel> opened = new ArrayList<>();
    private final List<Long> waits = new ArrayList<>();
    private final ConnectionPool pool = pool(3, 2, new Random(1));

    @AfterEach
    void close() {
        opened.forEach(EmbeddedChannel::finishAndReleaseAll);
        sweeper.finishAndReleaseAll();
    }

    @Test
    void theOneUsedLastIsTakenFirst() {
        Channel a = open(acquire());
        Channel b = open(acquire());
        Channel c = open(acquire());
        pool.release(b);
        pool.release(a);
        pool.release(c);

        assertThat(acquire().reused()).isSameAs(c);
        assertThat(acquire().reused()).isSameAs(a);
        assertThat(acquire().reused()).isSameAs(b);
    }

    @Test
    void asManyWaitAsMayAndTheNextIsRefused() {
        open(acquire());
        open(acquire());
        open(acquire());
        FakeWaiter first = acquire();
        FakeWaiter second = acquire();
        FakeWaiter third = acquire();

        assertThat(first.answered()).isFalse();
        assertThat(second.answered()).isFalse();
        assertThat(refusal(third).kind()).isEqualTo(Kind.ACQUIRE_QUEUE_FULL);
        assertThat(pool.books()).isEqualTo(new Books(3, 0, 2));
    }

    @Test
    void whoWaitsIsServedInOrder() {
        Channel a = open(acquire());
        Channel b = open(acquire());
        open(acquire());
        FakeWaiter first = acquire();
        FakeWaiter second = acquire();

        pool.release(a);
        assertThat(first.reused()).isSameAs(a);
        assertThat(second.answered()).isFalse();
        b.close();
        assertThat(second.permit()).isNotNull();
        assertThat(pool.books()).isEqualTo(new Books(3, 0, 0));
    }

    @Test
    void whoStoppedWaitingIsNotServed() {
        Channel a = open(acquire());
        open(acquire());
        open(acquire());
        FakeWaiter first = acquire();
        FakeWaiter second = acquire();

        assertThat(pool.abandon(first)).isTrue();
        assertThat(pool.abandon(first)).isFalse();
        pool.release(a);
        assertThat(first.answered()).isFalse();
        assertThat(second.reused()).isSameAs(a);
        assertThat(pool.abandon(second)).isFalse();
    }

    @Test
    void aPermitComesBackOnceHoweverOftenItIsGivenBack() {
        FakeWaiter waiter = acquire();
        Channel channel = open(waiter);
        open(acquire());
        assertThat(pool.books().open()).isEqualTo(2);

        channel.close();
        channel.close();
        waiter.permit().release();
        pool.release(channel);
        assertThat(pool.books()).isEqualTo(new Books(1, 0, 0));
    }

    @Test
    void aPermitThatWasNotUsedComesBack() {
        acquire().permit().release();
        assertThat(pool.books()).isEqualTo(new Books(0, 0, 0));
    }

    @Test
    void anIdleConnectionThatIsClosedLeavesTheBooks() {
        Channel a = open(acquire());
        pool.release(a);
        assertThat(pool.books()).isEqualTo(new Books(1, 1, 0));
        a.close();
        assertThat(pool.books()).isEqualTo(new Books(0, 0, 0));
        assertThat(acquire().permit()).isNotNull();
    }

    @Test
    void whatLiesIdleTooLongIsClosedAndWhatIsUsedIsNot() {
        Channel a = open(acquire());
        Channel b = open(acquire());
        pool.release(a);
        pass(Duration.ofSeconds(20));
        pool.release(b);
        pass(Duration.ofSeconds(11));

        assertThat(a.isOpen()).isFalse();
        assertThat(b.isOpen()).isTrue();
        assertThat(acquire().reused()).isSameAs(b);
        pass(Duration.ofSeconds(100));
        assertThat(b.isOpen()).isTrue();
        pool.release(b);
        pass(Duration.ofSeconds(31));
        assertThat(b.isOpen()).isFalse();
        assertThat(pool.books()).isEqualTo(new Books(0, 0, 0));
    }

    @Test
    void noConnectionIsUsedBeyondItsLife() {
        Channel a = open(acquire());
        pass(Duration.ofSeconds(721));
        pool.release(a);
        assertThat(a.isOpen()).isFalse();
        assertThat(acquire().permit()).isNotNull();
    }

    @Test
    void livesAreJittered() {
        long seed = System.nanoTime();
        ConnectionPool many = pool(1_000, 0, new Random(seed));
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            FakeWaiter waiter = new FakeWaiter();
            many.acquire(waiter);
            channels.add(open(waiter));
        }
        pass(Duration.ofSeconds(479));
        channels.forEach(many::release);
        assertThat(channels).as("seed %d", seed).allMatch(Channel::isOpen);
        List<FakeWaiter> takers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            FakeWaiter waiter = new FakeWaiter();
            many.acquire(waiter);
            takers.add(waiter);
        }
        assertThat(takers).allMatch(t -> t.reusedOrNull() != null);
        pass(Duration.ofSeconds(121));
        channels.forEach(many::release);
        assertThat(channels.stream().filter(Channel::isOpen).count())
                .as("seed %d", seed)
                .isBetween(400L, 600L);
        pass(Duration.ofSeconds(29));
        many.close();
    }

    @Test
    void aStaleConnectionsPlaceIsFreeAtOnceEvenWhereNobodyMayWait() {
        ConnectionPool strict = pool(1, 0, new Random(1));
        FakeWaiter first = new FakeWaiter();
        strict.acquire(first);
        Channel a = open(first);
        strict.release(a);
        ticker.advance(31, TimeUnit.SECONDS); // and the sweeper has not come yet
        FakeWaiter second = new FakeWaiter();
        strict.acquire(second);

        assertThat(second.permit()).isNotNull();
        assertThat(a.isOpen()).isFalse();
        assertThat(strict.books()).isEqualTo(new Books(1, 0, 0));
    }

    @Test
    void whoWantsAFreshOneGetsNoIdleOne() {
        Channel a = open(acquire());
        Channel b = open(acquire());
        Channel c = open(acquire());
        pool.release(a);
        pool.release(b);

        FakeWaiter fresh = new FakeWaiter();
        pool.acquireFresh(fresh);
        assertThat(fresh.permit()).isNotNull();
        assertThat(a.isOpen()).as("the oldest idle one").isFalse();
        assertThat(b.isOpen()).isTrue();
        assertThat(c.isOpen()).isTrue();
        assertThat(pool.books()).isEqualTo(new Books(3, 1, 0));
    }

    @Test
    void whoWantsAFreshOneIsServedBeforeAllOthersAndBeyondTheQueuesBound() {
        Channel a = open(acquire());
        Channel b = open(acquire());
        open(acquire());
        FakeWaiter first = acquire();
        FakeWaiter second = acquire();
        FakeWaiter fresh = new FakeWaiter();
        pool.acquireFresh(fresh);

        pool.release(a);
        assertThat(a.isOpen()).isFalse();
        assertThat(fresh.permit()).isNotNull();
        assertThat(first.answered()).isFalse();
        pool.release(b);
        assertThat(first.reused()).isSameAs(b);
        assertThat(second.answered()).isFalse();
    }

    @Test
    void closingRefusesWhoWaitsAndClosesAll() {
        Channel a = open(acquire());
        Channel b = open(acquire());
        FakeWaiter late = acquire();
        FakeWaiter waiter = acquire();
        pool.release(a);
        assertThat(waiter.reused()).isSameAs(a);
        FakeWaiter second = acquire();
        pool.close();

        assertThat(refusal(second).kind()).isEqualTo(Kind.CLIENT_CLOSED);
        assertThat(refusal(acquire()).kind()).isEqualTo(Kind.CLIENT_CLOSED);
        assertThat(a.isOpen()).isFalse();
        assertThat(b.isOpen()).isFalse();
        assertThat(open(late).isOpen()).as("opened too late").isFalse();
        assertThat(pool.books()).isEqualTo(new Books(0, 0, 0));
    }

    @Test
    void aConnectionThatIsGivenBackTwiceIsNotGivenToTwo() {
        Channel a = open(acquire());
        pool.release(a);
        pool.release(a);
        assertThat(pool.books()).isEqualTo(new Books(1, 1, 0));

        assertThat(acquire().reused()).isSameAs(a);
        assertThat(acquire().reusedOrNull()).isNull();
    }

    @Test
    void eachWaitIsMeasuredHoweverItEnds() {
        Channel a = open(acquire());
        open(acquire());
        open(acquire());
        FakeWaiter served = acquire();
        FakeWaiter impatient = acquire();
        pass(Duration.ofSeconds(2));
        pool.release(a);
        assertThat(served.reused()).isSameAs(a);
        pass(Duration.ofSeconds(3));
        pool.abandon(impatient);
        acquire();
        pass(Duration.ofSeconds(4));
        pool.close();

        assertThat(waits).containsExactly(0L, 0L, 0L, 2_000_000_000L, 5_000_000_000L, 4_000_000_000L);
    }

    private ConnectionPool pool(int connections, int waiters, Random random) {
        return new ConnectionPool(
                new PoolLimits(connections, waiters, IDLE, LIFE), sweeper.eventLoop(), ticker, random, waits::add);
    }

    private FakeWaiter acquire() {
        FakeWaiter waiter = new FakeWaiter();
        pool.acquire(waiter);
        return waiter;
    }

    private Channel open(FakeWaiter waiter) {
        Channel channel = embedded();
        waiter.permit().tie(channel);
        return channel;
    }

    private EmbeddedChannel embedded() {
        EmbeddedChannel channel = new EmbeddedChannel();
        opened.add(channel);
        return channel;
    }

    private void pass(Duration time) {
        ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
        sweeper.runScheduledPendingTasks();
        sweeper.runPendingTasks();
    }

    private static LlmFailure refusal(FakeWaiter waiter) {
        return Objects.requireNonNull(waiter.refusal);
    }

    private static final class FakeWaiter implements ConnectionPool.Waiter {
        private @Nullable Grant grant;
        private @Nullable LlmFailure refusal;

        @Override
        public void granted(Grant granted) {
            assertThat(answered()).isFalse();
            grant = granted;
        }

        @Override
        public void refused(LlmFailure failure) {
            assertThat(answered()).isFalse();
            refusal = failure;
        }

        boolean answered() {
            return grant != null || refusal != null;
        }

        Permit permit() {
            return ((Grant.Open) Objects.requireNonNull(grant)).permit();
        }

        Channel reused() {
            return ((Grant.Reuse) Objects.requireNonNull(grant)).channel();
        }

        @Nullable
        Channel reusedOrNull() {
            return grant instanceof Grant.Reuse(Channel channel) ? channel : null;
        }
    }
}
