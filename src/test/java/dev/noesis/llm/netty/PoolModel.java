package dev.noesis.llm.netty;

import dev.noesis.llm.LlmFailure.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConnectionPool} should do, written down as plainly as it goes: no locks, no channels, one clock that the test
 * sets. Connections and waiters are objects without a life of their own; what becomes of them stands in their fields.
 */
final class PoolModel {
    /** A connection, from the right to open it to its end. */
    static final class Conn {
        final int number;
        final long expires;
        long idleSince;
        boolean tied;
        boolean closed;

        Conn(int number, long expires) {
            this.number = number;
            this.expires = expires;
        }
    }

    /** Who asked, and what was answered: a connection, new or used, or a refusal; nothing yet where all are null. */
    static final class Wait {
        final boolean fresh;

        @Nullable
        Conn opens;

        @Nullable
        Conn reuses;

        @Nullable
        Kind refused;

        Wait(boolean fresh) {
            this.fresh = fresh;
        }

        boolean answered() {
            return opens != null || reuses != null || refused != null;
        }
    }

    private final int most;
    private final int mostWaiters;
    private final long idleLimit;
    private final long life;
    private final RandomGenerator jitter;

    final Set<Conn> permits = new HashSet<>();
    final Deque<Conn> idle = new ArrayDeque<>();
    final Deque<Wait> waiting = new ArrayDeque<>();
    boolean shut;

    private long now;
    private long sweepAt = Long.MAX_VALUE;
    private int numbers;

    PoolModel(PoolLimits limits, RandomGenerator jitter) {
        this.most = limits.connections();
        this.mostWaiters = limits.waiters();
        this.idleLimit = limits.idle().toNanos();
        this.life = limits.life().toNanos();
        this.jitter = jitter;
    }

    Wait acquire() {
        Wait wait = new Wait(false);
        if (shut) {
            wait.refused = Kind.CLIENT_CLOSED;
            return wait;
        }
        while (!idle.isEmpty()) {
            Conn newest = idle.removeFirst();
            if (now < newest.expires && now < newest.idleSince + idleLimit) {
                wait.reuses = newest;
                return wait;
            }
            gone(newest);
        }
        if (permits.size() < most) {
            wait.opens = open();
        } else if (waiting.size() >= mostWaiters) {
            wait.refused = Kind.ACQUIRE_QUEUE_FULL;
        } else {
            waiting.addLast(wait);
        }
        return wait;
    }

    Wait acquireFresh() {
        Wait wait = new Wait(true);
        if (shut) {
            wait.refused = Kind.CLIENT_CLOSED;
            return wait;
        }
        if (permits.size() == most && !idle.isEmpty()) {
            gone(idle.removeLast());
        }
        if (permits.size() < most) {
            wait.opens = open();
        } else {
            waiting.addFirst(wait);
        }
        return wait;
    }

    boolean abandon(Wait wait) {
        return waiting.remove(wait);
    }

    void tie(Conn conn) {
        conn.tied = true;
        if (shut) {
            close(conn);
        }
    }

    /** The connection, or the right to open it, is no more. */
    void close(Conn conn) {
        conn.closed = true;
        if (permits.remove(conn)) {
            idle.remove(conn);
            Wait next = waiting.pollFirst();
            if (next != null) {
                next.opens = open();
            }
        }
    }

    void release(Conn conn) {
        if (conn.closed || idle.contains(conn)) {
            return;
        }
        Wait next = waiting.peekFirst();
        if (shut || now >= conn.expires || (next != null && next.fresh)) {
            close(conn);
        } else if (next != null) {
            waiting.removeFirst().reuses = conn;
        } else {
            conn.idleSince = now;
            idle.addFirst(conn);
            sweepAt = Math.min(sweepAt, now + idleLimit);
        }
    }

    void pass(long nanos) {
        now += nanos;
        if (now < sweepAt) {
            return;
        }
        for (Iterator<Conn> each = idle.iterator(); each.hasNext(); ) {
            Conn conn = each.next();
            if (now >= conn.expires || now >= conn.idleSince + idleLimit) {
                each.remove();
                gone(conn);
            }
        }
        sweepAt = idle.isEmpty() ? Long.MAX_VALUE : idle.getLast().idleSince + idleLimit;
    }

    void shutDown() {
        shut = true;
        List<Wait> refused = new ArrayList<>(waiting);
        waiting.clear();
        idle.clear();
        refused.forEach(wait -> wait.refused = Kind.CLIENT_CLOSED);
        for (Conn conn : List.copyOf(permits)) {
            if (conn.tied) {
                close(conn);
            }
        }
    }

    private void gone(Conn conn) {
        permits.remove(conn);
        conn.closed = true;
    }

    private Conn open() {
        double factor = 1 + 0.2 * (2 * jitter.nextDouble() - 1);
        Conn conn = new Conn(numbers++, now + (long) (life * factor));
        permits.add(conn);
        return conn;
    }
}
