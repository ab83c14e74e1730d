package dev.noesis.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue that serves agents in turn: each {@link #poll} takes the oldest item of the agent that was served longest ago, so
 * that an agent with thousands of items does not keep another's only one waiting. An agent that holds as many as it may is
 * passed over until it gives one back.
 *
 * <p><b>Threading.</b> None of its own: callers guard it.
 */
final class FairQueue<T> {
    private final int perAgent;
    /** Agents that have items and may be served, in the order of their turns. */
    private final LinkedHashMap<String, Deque<T>> ready = new LinkedHashMap<>();
    /** Agents that have items and hold as many as they may. */
    private final Map<String, Deque<T>> blocked = new HashMap<>();

    private final Map<String, Integer> held = new HashMap<>();
    private int size;

    /** @param perAgent how many items of one agent may be held at a time, ≥ 1 */
    FairQueue(int perAgent) {
        this.perAgent = perAgent;
    }

    void offer(String agent, T item) {
        Map<String, Deque<T>> side = holds(agent) < perAgent ? ready : blocked;
        side.computeIfAbsent(agent, _ -> new ArrayDeque<>()).add(item);
        size++;
    }

    /** Takes the next item; its agent holds it until {@link #release}. Null if there is none to be had now. */
    @Nullable T poll() {
        Iterator<Map.Entry<String, Deque<T>>> turns = ready.entrySet().iterator();
        if (!turns.hasNext()) {
            return null;
        }
        Map.Entry<String, Deque<T>> turn = turns.next();
        String agent = turn.getKey();
        Deque<T> items = turn.getValue();
        turns.remove();
        T item = items.remove();
        size--;
        int holds = held.merge(agent, 1, Integer::sum);
        if (!items.isEmpty()) {
            (holds < perAgent ? ready : blocked).put(agent, items);
        }
        return item;
    }

    /** The agent takes one without having queued for it. */
    void hold(String agent) {
        if (held.merge(agent, 1, Integer::sum) >= perAgent) {
            Deque<T> items = ready.remove(agent);
            if (items != null) {
                blocked.put(agent, items);
            }
        }
    }

    /** The agent gives one back. */
    void release(String agent) {
        held.computeIfPresent(agent, (_, holds) -> holds > 1 ? holds - 1 : null);
        Deque<T> items = holds(agent) < perAgent ? blocked.remove(agent) : null;
        if (items != null) {
            ready.put(agent, items);
        }
    }

    /** Takes out the waiting items of that agent which match. */
    void removeIf(String agent, Predicate<T> matches) {
        for (Map<String, Deque<T>> side : java.util.List.of(ready, blocked)) {
            Deque<T> items = side.get(agent);
            if (items != null) {
                int before = items.size();
                items.removeIf(matches);
                size -= before - items.size();
                if (items.isEmpty()) {
                    side.remove(agent);
                }
            }
        }
    }

    /** How many wait. */
    int size() {
        return size;
    }

    private int holds(String agent) {
        return held.getOrDefault(agent, 0);
    }
}
