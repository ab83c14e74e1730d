package dev.noesis.run.explore;

import dev.noesis.model.Lane;
import dev.noesis.run.explore.Moves.Move;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Goes through every state that can be reached within some bounds, those that are reached soonest first, so that a violation
 * is found by the shortest way. States are told apart by 64 bits of hash.
 */
final class Explorer {
    /**
     * What was found.
     *
     * @param violation null for none
     * @param trace what happened before, one line each
     */
    record Result(
            Violation violation, List<String> trace, long states, long transitions, int deepest, String summary) {}

    private record Waiting(World world, int state) {}

    private final Bounds bounds;
    private final Fault fault;
    private final Set<Law> broken;
    private final Fingerprints known = new Fingerprints();
    private Moves moves;

    Explorer(Bounds bounds) {
        this(bounds, Fault.NONE, Set.of());
    }

    /** @param broken laws that are not looked at */
    Explorer(Bounds bounds, Fault fault, Set<Law> broken) {
        this.bounds = bounds;
        this.fault = fault;
        this.broken = broken;
    }

    Result explore() {
        long began = cpu();
        moves = new Moves(bounds, fault, broken);
        Deque<Waiting> waiting = new ArrayDeque<>();
        World first = moves.first();
        waiting.add(new Waiting(first, known.add(first.fingerprint(), -1, 0)));
        long transitions = 0;
        while (!waiting.isEmpty()) {
            Waiting next = waiting.remove();
            List<Move> possible = moves.of(next.world());
            for (int i = 0; i < possible.size(); i++) {
                transitions++;
                try {
                    World after = moves.after(next.world(), possible.get(i));
                    int state = known.add(after.fingerprint(), next.state(), i);
                    if (state >= 0) {
                        moves.check(after);
                        waiting.add(new Waiting(after, state));
                    }
                } catch (Violation e) {
                    List<String> trace = trace(next.state());
                    trace.add(moves.describe(possible.get(i)));
                    return result(e, trace, transitions, began);
                }
            }
        }
        return result(null, List.of(), transitions, began);
    }

    private Result result(Violation violation, List<String> trace, long transitions, long began) {
        Duration time = Duration.ofNanos(cpu() - began);
        Tasks chat = moves.tasks(Lane.CHAT);
        Tasks heartbeat = moves.tasks(Lane.HEARTBEAT);
        String summary = String.format(
                "%,d states, %,d transitions, %d deep, %.1f s of CPU; chat: %,d states, %,d reactions, %,d steps; heartbeat: %,d, %,d, %,d",
                known.size(),
                transitions,
                known.deepest(),
                time.toMillis() / 1e3,
                chat.states(),
                chat.reactions(),
                chat.steps(),
                heartbeat.states(),
                heartbeat.reactions(),
                heartbeat.steps());
        return new Result(violation, trace, known.size(), transitions, known.deepest(), summary);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Does it all again from the start, for a state knows of its way only where it came from. */
    private List<String> trace(int state) {
        List<Integer> choices = known.way(state);
        List<String> trace = new ArrayList<>();
        World world = moves.first();
        for (int choice : choices) {
            Move move = moves.of(world).get(choice);
            trace.add(moves.describe(move));
            world = moves.after(world, move);
        }
        return trace;
    }
}
