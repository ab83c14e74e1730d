package dev.noesis.llm.netty;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.netty.WaitQueue.Waiting;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the books of a client's connections, all to one origin: how many there may be, which lie idle, who waits.
 *
 * <p>A connection has a {@link Permit} from before it is opened until it is closed. The permit is tied to the channel's close
 * future, and so comes back exactly once, whoever closes the channel and however. Of the idle connections the one used last
 * is taken first, so that those beyond the need grow old and are closed. A connection has a limited life, jittered by ±20 % so
 * that those opened together do not end together. Who finds none waits in a queue of limited length, first come first served.
 *
 * <p><b>Threading.</b> All methods from any thread. A lock guards the books; no channel is closed and nobody is called back
 * under it. A {@link Waiter} is called on whichever thread brought the grant, possibly within {@link #acquire}.
 */
final class ConnectionPool {
    /** Who wants a connection. Exactly one of the two is called, unless it {@linkplain #abandon abandons} its wait before. */
    interface Waiter {
        /** The waiter has to use the grant, or to give it back. */
        void granted(Grant grant);

        void refused(LlmFailure failure);
    }

    /** What a waiter gets. */
    sealed interface Grant {
        /** An open connection, idle until now; given back by {@link ConnectionPool#release} or by closing it. */
        record Reuse(Channel channel) implements Grant {}

        /** The right to open a connection; given back by {@link Permit#release} if it is not used. */
        record Open(Permit permit) implements Grant {}
    }

    /** A snapshot of the books. */
    record Books(int open, int idle, int waiting) {}

    private static final AttributeKey<Permit> PERMIT = AttributeKey.valueOf(ConnectionPool.class, "PERMIT");
    private static final double LIFE_JITTER = 0.2;

    private final int maxConnections;
    private final int maxWaiters;
    private final long idleNanos;
    private final long lifeNanos;
    private final EventExecutor sweeper;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final LongConsumer waited;

    private final Object lock = new Object();
    private final Set<Permit> permits = new HashSet<>();
    /** The one used last comes first. */
    private final Deque<Permit> idle = new ArrayDeque<>();

    private final WaitQueue waiting = new WaitQueue();
    private boolean sweeping;
    private boolean closed;

    /**
     * @param sweeper runs the task that closes connections which lay idle too long
     * @param waited told of each wait, granted or not, how many nanoseconds it was
     */
    ConnectionPool(
            PoolLimits limits, EventExecutor sweeper, Ticker ticker, RandomGenerator random, LongConsumer waited) {
        this.maxConnections = limits.connections();
        this.maxWaiters = limits.waiters();
        this.idleNanos = limits.idle().toNanos();
        this.lifeNanos = limits.life().toNanos();
        this.sweeper = sweeper;
        this.ticker = ticker;
        this.random = random;
        this.waited = waited;
    }

    /** The right to one connection. */
    final class Permit {
        private final long expires;
        private @Nullable Channel channel;
        private boolean lent = true;
        private long idleSince;

        private Permit(long expires) {
            this.expires = expires;
        }

        /** The permit is used for that channel, and comes back when it is closed. */
        void tie(Channel opened) {
            boolean late;
            synchronized (lock) {
                channel = opened;
                late = closed;
            }
            opened.attr(PERMIT).set(this);
            opened.closeFuture().addListener(closing -> release());
            if (late) {
                opened.close();
            }
        }

        /** Gives the permit back; a second time changes nothing. */
        void release() {
            ConnectionPool.this.release(this);
        }

        private boolean usable(long now) {
            return channel().isActive() && now - expires < 0;
        }

        private Channel channel() {
            return Objects.requireNonNull(channel, "the permit is not tied");
        }
    }

    /** Asks for a connection, an idle one rather than a new one. */
    void acquire(Waiter waiter) {
        List<Channel> stale = new ArrayList<>();
        Grant grant = null;
        LlmFailure refusal = null;
        synchronized (lock) {
            if (closed) {
                refusal = closedFailure();
            } else {
                grant = grant(stale);
                if (grant == null && waiting.size() >= maxWaiters) {
                    refusal = LlmFailure.of(
                            Kind.ACQUIRE_QUEUE_FULL,
                            "all " + maxConnections + " connections are in use and " + maxWaiters
                                    + " calls wait for one");
                } else if (grant == null) {
                    waiting.add(waiter, ticker.nanoTime());
                }
            }
        }
        stale.forEach(Channel::close);
        if (refusal != null) {
            waiter.refused(refusal);
        } else if (grant != null) {
            waited.accept(0);
            waiter.granted(grant);
        }
    }

    /**
     * Asks for a connection that was never used, before all others who wait: the one that the waiter had before was dead
     * when it got it. If there are as many as there may be, the oldest idle one is closed for it.
     */
    void acquireFresh(Waiter waiter) {
        Channel oldest = null;
        Grant grant = null;
        boolean refused = false;
        synchronized (lock) {
            if (closed) {
                refused = true;
            } else {
                if (permits.size() >= maxConnections && !idle.isEmpty()) {
                    oldest = discard(idle.removeLast());
                }
                if (permits.size() < maxConnections) {
                    grant = new Grant.Open(newPermit());
                } else {
                    waiting.addFresh(waiter, ticker.nanoTime());
                }
            }
        }
        if (oldest != null) {
            oldest.close();
        }
        if (refused) {
            waiter.refused(closedFailure());
        } else if (grant != null) {
            waited.accept(0);
            waiter.granted(grant);
        }
    }

    /** Stops waiting; false if the waiter is not in the queue (any more): its grant is on the way, then. */
    boolean abandon(Waiter waiter) {
        Waiting abandoned;
        synchronized (lock) {
            abandoned = waiting.remove(waiter);
        }
        if (abandoned == null) {
            return false;
        }
        over(abandoned);
        return true;
    }

    /**
     * Gives an open connection back for others to use. One that lies idle already stays as it is: were it taken for a second
     * one, two calls would be given the same.
     */
    void release(Channel channel) {
        Permit permit = channel.attr(PERMIT).get();
        Waiting next = null;
        boolean keep;
        synchronized (lock) {
            long now = ticker.nanoTime();
            if (permits.contains(permit) && !permit.lent) {
                return;
            }
            keep = !closed && permits.contains(permit) && permit.usable(now);
            Waiting first = waiting.peek();
            if (keep && first != null) {
                // who wants a fresh one gets this one's permit
                keep = !first.fresh();
                next = keep ? waiting.poll() : null;
            } else if (keep) {
                permit.idleSince = now;
                permit.lent = false;
                idle.addFirst(permit);
                sweepLater(idleNanos);
            }
        }
        if (!keep) {
            channel.close();
        } else if (next != null) {
            over(next);
            next.waiter().granted(new Grant.Reuse(channel));
        }
    }

    private void release(Permit permit) {
        Waiting next;
        Grant grant = null;
        synchronized (lock) {
            if (!permits.remove(permit)) {
                return;
            }
            idle.remove(permit);
            next = waiting.poll();
            if (next != null) {
                grant = new Grant.Open(newPermit());
            }
        }
        if (next != null && grant != null) {
            over(next);
            next.waiter().granted(grant);
        }
    }

    /** Refuses all who wait, closes all connections, also those in use, and grants nothing any more. */
    void close() {
        List<Waiting> refused;
        List<Channel> channels = new ArrayList<>();
        synchronized (lock) {
            closed = true;
            refused = waiting.clear();
            idle.clear();
            for (Permit permit : permits) {
                if (permit.channel != null) {
                    channels.add(permit.channel);
                }
            }
        }
        for (Waiting each : refused) {
            over(each);
            each.waiter().refused(closedFailure());
        }
        channels.forEach(Channel::close);
    }

    Books books() {
        synchronized (lock) {
            return new Books(permits.size(), idle.size(), waiting.size());
        }
    }

    private @Nullable Grant grant(List<Channel> stale) {
        long now = ticker.nanoTime();
        for (Permit permit = idle.pollFirst(); permit != null; permit = idle.pollFirst()) {
            if (permit.usable(now) && now - permit.idleSince < idleNanos) {
                permit.lent = true;
                return new Grant.Reuse(permit.channel());
            }
            stale.add(discard(permit));
        }
        return permits.size() < maxConnections ? new Grant.Open(newPermit()) : null;
    }

    /** Takes an idle connection off the books at once, so that its place need not wait for its close; the caller closes it. */
    private Channel discard(Permit permit) {
        permits.remove(permit);
        return permit.channel();
    }

    private Permit newPermit() {
        double jitter = 1 + LIFE_JITTER * (2 * random.nextDouble() - 1);
        Permit permit = new Permit(ticker.nanoTime() + (long) (lifeNanos * jitter));
        permits.add(permit);
        return permit;
    }

    private void sweepLater(long nanos) {
        if (!sweeping) {
            sweeping = true;
            sweeper.schedule(this::sweep, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Closes what lay idle too long, and comes again when the next is due. */
    private void sweep() {
        List<Channel> old = new ArrayList<>();
        synchronized (lock) {
            sweeping = false;
            long now = ticker.nanoTime();
            for (Permit permit : List.copyOf(idle)) {
                if (!permit.usable(now) || now - permit.idleSince >= idleNanos) {
                    idle.remove(permit);
                    old.add(discard(permit));
                }
            }
            Permit oldest = idle.peekLast();
            if (oldest != null) {
                sweepLater(idleNanos - (now - oldest.idleSince));
            }
        }
        old.forEach(Channel::close);
    }

    private void over(Waiting wait) {
        waited.accept(ticker.nanoTime() - wait.since());
    }

    private static LlmFailure closedFailure() {
        return LlmFailure.of(Kind.CLIENT_CLOSED, "the model client is closed");
    }
}
