package dev.noesis.llm.netty;

import dev.noesis.llm.netty.ConnectionPool.Waiter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for a connection: first come, first served, and before all of them those who want one that was never used.
 *
 * <p><b>Threading.</b> The pool's lock guards it.
 */
final class WaitQueue {
    /**
     * @param fresh whether only a connection that was never used will do
     * @param since when the wait began, by the pool's ticker
     */
    record Waiting(Waiter waiter, boolean fresh, long since) {}

    private final Deque<Waiting> queue = new ArrayDeque<>();

    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Waits behind all others. */
    void add(Waiter waiter, long now) {
        queue.addLast(new Waiting(waiter, false, now));
    }

    /** Waits before all others. */
    void addFresh(Waiter waiter, long now) {
        queue.addFirst(new Waiting(waiter, true, now));
    }

    /** The one to be served next; null where nobody waits. */
    @Nullable
    Waiting peek() {
        return queue.peekFirst();
    }

    /** Takes the one to be served next out of the queue. */
    @Nullable
    Waiting poll() {
        return queue.pollFirst();
    }

    /** Takes that one out; null if it is not there. */
    @Nullable
    Waiting remove(Waiter waiter) {
        for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
            Waiting waiting = each.next();
            if (waiting.waiter() == waiter) {
                each.remove();
                return waiting;
            }
        }
        return null;
    }

    /** Takes all out. */
    List<Waiting> clear() {
        List<Waiting> all = List.copyOf(queue);
        queue.clear();
        return all;
    }
}
