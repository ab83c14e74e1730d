package dev.noesis.run.explore;

import dev.noesis.run.SteppedLane;
import dev.noesis.run.SteppedLane.Act;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A state that a task can be in: its store and what it remembers. It knows one way to get there, for tasks cannot be copied:
 * whoever wants one in this state makes it anew from the last start.
 */
final class LaneState {
    /** What a task is given: a record of the log, an input, time, or its end. */
    record Step(Kind kind, long offset, int what, int appendedAt, int now) {
        enum Kind {
            LOG,
            INPUT,
            TIMER,
            CLOSE
        }
    }

    /** What a step leads to. */
    record Reaction(LaneState to, List<Act> acts) {}

    final int id;
    /** Null for a start. */
    final LaneState before;
    /** That led here from {@link #before}; null for a start. */
    final Step step;
    /** Of the task. */
    final String name;

    final Image image;
    final View view;
    final boolean isScheduled;
    /** Of a start: what it did. */
    final List<Act> started;
    /** When a start was. */
    final int startedAt;

    final Map<Step, Reaction> reactions = new HashMap<>(4);
    /** A task in this state, if one is at hand. */
    SteppedLane alive;

    LaneState(
            int id,
            LaneState before,
            Step step,
            String name,
            Image image,
            View view,
            boolean isScheduled,
            List<Act> started,
            int startedAt) {
        this.id = id;
        this.before = before;
        this.step = step;
        this.name = name;
        this.image = image;
        this.view = view;
        this.isScheduled = isScheduled;
        this.started = started;
        this.startedAt = startedAt;
    }
}
