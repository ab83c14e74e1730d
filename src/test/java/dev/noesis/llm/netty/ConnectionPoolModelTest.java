package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.netty.ConnectionPool.Books;
import dev.noesis.llm.netty.ConnectionPool.Grant;
import dev.noesis.llm.netty.ConnectionPool.Permit;
import dev.noesis.llm.netty.PoolModel.Conn;
import dev.noesis.llm.netty.PoolModel.Wait;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The pool against its {@link PoolModel}, in random sequences of all that can happen to it. After each step the two agree about
 * every waiter, every connection and the books. {@code -Dnoesis.seed=N} begins with the sequence that a failure names.
 */
class ConnectionPoolModelTest {
    private static final long SEED = Long.getLong("noesis.seed", System.nanoTime());
    private static final int SEQUENCES = 3_000;
    private static final int STEPS = 80;

    @Test
    void thePoolDoesWhatItsModelDoesWhateverHappens() {
        Counts counts = new Counts();
        for (int i = 0; i < SEQUENCES; i++) {
            new Sequence(SEED + i, Fault.NONE, counts).run();
        }

        System.out.printf("%d sequences from seed %d: %s%n", SEQUENCES, SEED, counts);
        assertThat(counts.all()).as("each thing happened, seed %d", SEED).allMatch(count -> count > 100);
    }

    /** A test that cannot fail shows nothing: each of these faults is one that a pool may have. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void theModelFindsAFault(Fault fault) {
        int i = 0;
        while (i < 300 && !isFound(SEED + i, fault)) {
            i++;
        }

        assertThat(i).as("sequences until %s is found, seed %d", fault, SEED).isLessThan(300);
    }

    private static boolean isFound(long seed, Fault fault) {
        try {
            new Sequence(seed, fault, new Counts()).run();
            return false;
        } catch (AssertionError found) {
            return true;
        }
    }

    /** What is done wrong in place of what should be. */
    enum Fault {
        NONE,
        /** A connection is given back and its permit, too, although it lives on. */
        PERMIT_GIVEN_BACK_TWICE,
        /** A connection that is given back is not. */
        RELEASE_FORGOTTEN,
        /** A permit is given back, and those who wait are not told. */
        WAITER_FORGOTTEN,
        /** A connection that was closed is not taken off the books. */
        CLOSE_FORGOTTEN
    }

    /** How often what happened. */
    private static final class Counts {
        private long opened;
        private long reused;
        private long queueFull;
        private long refusedByShutdown;
        private long servedLater;
        private long abandoned;
        private long closedByTime;

        Stream<Long> all() {
            return Stream.of(opened, reused, queueFull, refusedByShutdown, servedLater, abandoned, closedByTime);
        }

        @Override
        public String toString() {
            return "%d opened, %d reused, %d refused by the queue, %d by shutdown, %d served after a wait, %d abandoned, %d closed by time"
                    .formatted(opened, reused, queueFull, refusedByShutdown, servedLater, abandoned, closedByTime);
        }
    }

    /** One sequence: what the model says and what the pool does, side by side. */
    private static final class Sequence {
        private final long seed;
        private final Fault fault;
        private final Counts counts;
        private final Random random;
        private final MockTicker ticker = Ticker.newMockTicker();
        private final EmbeddedChannel sweeper =
                EmbeddedChannel.builder().ticker(ticker).build();
        private final PoolModel model;
        private final ConnectionPool pool;

        private final Map<Wait, Waiter> waiters = new HashMap<>();
        private final Map<Conn, Permit> permits = new HashMap<>();
        private final Map<Conn, Channel> channels = new HashMap<>();
        private final List<String> trace = new ArrayList<>();

        Sequence(long seed, Fault fault, Counts counts) {
            this.seed = seed;
            this.fault = fault;
            this.counts = counts;
            this.random = new Random(seed);
            PoolLimits limits = new PoolLimits(
                    1 + random.nextInt(4), random.nextInt(4), Duration.ofSeconds(30), Duration.ofMinutes(10));
            this.model = new PoolModel(limits, new Random(seed));
            this.pool = new ConnectionPool(limits, sweeper.eventLoop(), ticker, new Random(seed), nanos -> {});
        }

        void run() {
            int shutDownAt = random.nextInt(2 * STEPS);
            for (int i = 0; i < STEPS; i++) {
                if (i == shutDownAt) {
                    trace.add("shut down");
                    counts.refusedByShutdown += model.waiting.size();
                    model.shutDown();
                    pool.close();
                } else {
                    step();
                }
                compare();
            }
            endOfAll();
        }

        private void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4 -> acquire();
                case 5 -> acquireFresh();
                case 6, 7, 8, 9 -> any(this::isGranted).ifPresent(this::connect);
                case 10 -> any(this::isGranted).ifPresent(this::giveUpConnecting);
                case 11, 12, 13 -> any(this::isLent).ifPresent(conn -> release(conn, "release"));
                case 14 -> any(this::isLent).ifPresent(conn -> close(conn, "cancel"));
                case 15 ->
                    any(conn -> conn.tied && !conn.closed).ifPresent(conn -> close(conn, "remote close or reset"));
                case 16 ->
                    model.waiting.stream()
                            .skip(random.nextInt(1 + model.waiting.size()))
                            .findFirst()
                            .ifPresent(this::abandon);
                case 17 ->
                    any(conn -> conn.closed || model.idle.contains(conn))
                            .filter(channels::containsKey)
                            .ifPresent(conn -> release(conn, "release once more"));
                case 18 -> pass(Duration.ofMillis(1 + random.nextInt(31_000)));
                default -> pass(Duration.ofSeconds(random.nextInt(8) == 0 ? 480 + random.nextInt(300) : 1));
            }
        }

        private boolean isGranted(Conn conn) {
            return !conn.tied && !conn.closed;
        }

        private boolean isLent(Conn conn) {
            return conn.tied && !conn.closed && !model.idle.contains(conn);
        }

        /** Any one of that kind, in an order that is the same each time. */
        private Optional<Conn> any(Predicate<Conn> kind) {
            List<Conn> all = permits.keySet().stream()
                    .filter(kind)
                    .sorted((a, b) -> Integer.compare(a.number, b.number))
                    .toList();
            return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
        }

        private void acquire() {
            trace.add("acquire");
            Waiter waiter = new Waiter();
            waiters.put(model.acquire(), waiter);
            pool.acquire(waiter);
        }

        private void acquireFresh() {
            trace.add("acquire fresh");
            Waiter waiter = new Waiter();
            waiters.put(model.acquireFresh(), waiter);
            pool.acquireFresh(waiter);
        }

        private void abandon(Wait wait) {
            trace.add("time out or cancel while waiting");
            counts.abandoned++;
            boolean expected = model.abandon(wait);
            check(pool.abandon(waiter(wait)) == expected, "abandon says " + !expected);
        }

        private void connect(Conn conn) {
            trace.add("connect " + conn.number);
            EmbeddedChannel channel = new EmbeddedChannel();
            channels.put(conn, channel);
            if (fault != Fault.CLOSE_FORGOTTEN) {
                model.tie(conn);
                permit(conn).tie(channel);
            } else {
                model.tie(conn);
            }
        }

        private void giveUpConnecting(Conn conn) {
            trace.add("connect failed " + conn.number);
            model.close(conn);
            if (fault == Fault.WAITER_FORGOTTEN) {
                waiters.values().forEach(pool::abandon);
            }
            permit(conn).release();
            permit(conn).release();
        }

        private void release(Conn conn, String what) {
            trace.add(what + " " + conn.number);
            model.release(conn);
            if (fault != Fault.RELEASE_FORGOTTEN) {
                pool.release(channel(conn));
            }
            if (fault == Fault.PERMIT_GIVEN_BACK_TWICE) {
                permit(conn).release();
            }
        }

        private void close(Conn conn, String what) {
            trace.add(what + " " + conn.number);
            model.close(conn);
            channel(conn).close();
        }

        private void pass(Duration time) {
            trace.add("pass " + time);
            int before = model.permits.size();
            model.pass(time.toNanos());
            counts.closedByTime += before - model.permits.size();
            ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
            sweeper.runScheduledPendingTasks();
        }

        /** Whatever is left is given back: nothing may remain. */
        private void endOfAll() {
            trace.add("the end");
            List.copyOf(model.waiting).forEach(this::abandon);
            any(this::isGranted).ifPresent(this::giveUpConnecting);
            compare();
            for (Conn conn : List.copyOf(permits.keySet())) {
                if (isGranted(conn)) {
                    giveUpConnecting(conn);
                } else if (isLent(conn)) {
                    release(conn, "release");
                }
                compare();
            }
            pass(Duration.ofMinutes(20));
            compare();
            check(pool.books().equals(new Books(0, 0, 0)), "left: " + pool.books());
            check(channels.values().stream().noneMatch(Channel::isOpen), "a channel is left open");
            sweeper.finishAndReleaseAll();
        }

        private void compare() {
            // a waiter that is answered says which permit stands for the model's connection
            waiters.forEach((wait, waiter) -> {
                if (wait.opens != null && waiter.grant instanceof Grant.Open(Permit permit)) {
                    Permit known = permits.putIfAbsent(wait.opens, permit);
                    check(known == null || known == permit, "two permits for " + wait.opens.number);
                }
            });
            waiters.forEach((wait, waiter) -> check(agree(wait, waiter), "answered otherwise: " + waiter));
            waiters.entrySet().removeIf(each -> {
                Wait wait = each.getKey();
                count(wait);
                return wait.answered();
            });
            channels.forEach((conn, channel) ->
                    check(channel.isOpen() != conn.closed, conn.number + (conn.closed ? " is open" : " is closed")));
            Books books = new Books(model.permits.size(), model.idle.size(), model.waiting.size());
            check(pool.books().equals(books), "the pool has " + pool.books() + ", the model " + books);
        }

        private boolean agree(Wait wait, Waiter waiter) {
            if (wait.reuses != null) {
                return waiter.grant instanceof Grant.Reuse(Channel channel) && channel == channels.get(wait.reuses);
            }
            return wait.opens != null
                    ? waiter.grant instanceof Grant.Open
                    : waiter.grant == null && (waiter.refusal == null ? null : waiter.refusal.kind()) == wait.refused;
        }

        private void count(Wait wait) {
            if (wait.answered() && trace.getLast().startsWith("acquire")) {
                counts.opened += wait.opens == null ? 0 : 1;
                counts.reused += wait.reuses == null ? 0 : 1;
                counts.queueFull += wait.refused == LlmFailure.Kind.ACQUIRE_QUEUE_FULL ? 1 : 0;
            } else if (wait.answered() && wait.refused == null) {
                counts.servedLater++;
            }
        }

        private void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new AssertionError(otherwise + "; replay with -Dnoesis.seed=" + seed + "; steps: " + trace);
            }
        }

        private Waiter waiter(Wait wait) {
            return Objects.requireNonNull(waiters.get(wait));
        }

        private Permit permit(Conn conn) {
            return Objects.requireNonNull(permits.get(conn));
        }

        private Channel channel(Conn conn) {
            return Objects.requireNonNull(channels.get(conn));
        }

        /** Hears one answer; a second is a fault. */
        private final class Waiter implements ConnectionPool.Waiter {
            private @Nullable Grant grant;
            private @Nullable LlmFailure refusal;

            @Override
            public void granted(Grant granted) {
                check(grant == null && refusal == null, "a second answer: " + granted);
                grant = granted;
            }

            @Override
            public void refused(LlmFailure failure) {
                check(grant == null && refusal == null, "a second answer: " + failure);
                refusal = failure;
            }

            @Override
            public String toString() {
                return grant + " / " + refusal;
            }
        }
    }
}
