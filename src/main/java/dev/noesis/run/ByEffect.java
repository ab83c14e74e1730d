package dev.noesis.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls, by the key of their effect. There are two of one effect where a tenure that ended left its call to finish, and the
 * next has it waiting.
 *
 * <p><b>Threading.</b> None of its own: callers guard it.
 */
final class ByEffect<C> {
    private final Map<String, List<C>> calls = new HashMap<>();

    void add(String effectKey, C call) {
        calls.computeIfAbsent(effectKey, _ -> new ArrayList<>(1)).add(call);
    }

    void remove(String effectKey, C call) {
        calls.computeIfPresent(effectKey, (_, same) -> {
            same.remove(call);
            return same.isEmpty() ? null : same;
        });
    }

    /** A copy: calls may be removed while it is read. */
    List<C> of(String effectKey) {
        return List.copyOf(calls.getOrDefault(effectKey, List.of()));
    }

    /** A copy, in no order. */
    List<C> all() {
        return calls.values().stream().flatMap(List::stream).toList();
    }

    int size() {
        return calls.values().stream().mapToInt(List::size).sum();
    }
}
