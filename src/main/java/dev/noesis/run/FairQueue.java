package dev.noesis.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A queue that serves agents in turn: each {@link #poll} takes the oldest item of the agent that was served longest ago, so
 * that an agent with thousands of items does not keep another's only one waiting. An agent that holds as many as it may is
 * passed over until it gives one back.
 *
 * <p><b>Threading.</b> None of its own: callers guard it.
 */
public final class FairQueue<T> {
    private final int perAgent;
    /** Agents that have items and may be served, in the order of their turns. */
    private final LinkedHashMap<String, Deque<T>> ready = new LinkedHashMap<>();
    /** Agents that have items and hold as many as they may. */
    private final Map<String, Deque<T>> blocked = new HashMap<>();

    private final Map<String, Integer> held = new HashMap<>();
    private final ToIntFunction<String> heldBefore;
    private int size;

    /**
     * @param perAgent how many items of one agent may be held at a time, ≥ 1
     * @param heldBefore how many an agent holds that this queue has not heard of yet
     */
    public FairQueue(int perAgent, ToIntFunction<String> heldBefore) {
        this.perAgent = perAgent;
        this.heldBefore = heldBefore;
    }

    public void offer(String agent, T item) {
        Map<String, Deque<T>> side = holds(agent) < perAgent ? ready : blocked;
        side.computeIfAbsent(agent, _ -> new ArrayDeque<>()).add(item);
        size++;
    }

    /** Takes the next item; its agent holds it until {@link #release}. Null if there is none to be had now. */
    public @Nullable T poll() {
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
        int holds = holdOneMore(agent);
        if (!items.isEmpty()) {
            (holds < perAgent ? ready : blocked).put(agent, items);
        }
        return item;
    }

    /** The agent takes one without having queued for it. */
    public void hold(String agent) {
        if (holdOneMore(agent) >= perAgent) {
            Deque<T> items = ready.remove(agent);
            if (items != null) {
                blocked.put(agent, items);
            }
        }
    }

    /** The agent gives one back. */
    public void release(String agent) {
        held.computeIfPresent(agent, (_, holds) -> holds > 1 ? holds - 1 : null);
        Deque<T> items = holds(agent) < perAgent ? blocked.remove(agent) : null;
        if (items != null) {
            ready.put(agent, items);
        }
    }

    /** Takes out the waiting items of that agent which match. */
    public void removeIf(String agent, Predicate<T> matches) {
        for (Map<String, Deque<T>> side : List.of(ready, blocked)) {
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
    public int size() {
        return size;
    }

    private int holds(String agent) {
        Integer known = held.get(agent);
        if (known != null) {
            return known;
        }
        int before = heldBefore.applyAsInt(agent);
        if (before > 0) {
            held.put(agent, before);
        }
        return before;
    }

    private int holdOneMore(String agent) {
        int holds = holds(agent) + 1;
        held.put(agent, holds);
        return holds;
    }
}
