package dev.noesis.run.explore;

/**
 * How far an exploration goes.
 *
 * @param script the inputs
 * @param window how many records a task may have read since it committed
 * @param crashes how many, of whichever lane; those that died may go on with what they were told to do
 * @param handovers how many tasks end on purpose, each with a successor
 * @param duplicates how many records are written twice
 * @param failures how many model calls fail, for good or for now
 * @param expiries how many appends whose time has not come are made
 * @param minutes how much time passes
 * @param zombies whether a task that was given up goes on reading
 * @param beats whether the heartbeat lane works, with a front and crashes of its own; else it folds the log and no more
 */
record Bounds(
        Script script,
        int window,
        int crashes,
        int handovers,
        int duplicates,
        int failures,
        int expiries,
        int minutes,
        boolean zombies,
        boolean beats) {

    static Bounds of(Script script) {
        return new Bounds(script, 3, 0, 0, 0, 0, 0, 0, false, false);
    }

    Bounds window(int records) {
        return new Bounds(script, records, crashes, handovers, duplicates, failures, expiries, minutes, zombies, beats);
    }

    Bounds crashes(int most) {
        return new Bounds(script, window, most, handovers, duplicates, failures, expiries, minutes, zombies, beats);
    }

    /** The calls that are left to finish are not made again before a minute has passed. */
    Bounds handovers(int most) {
        return new Bounds(script, window, crashes, most, duplicates, failures, expiries, 1, zombies, beats);
    }

    Bounds duplicates(int most) {
        return new Bounds(script, window, crashes, handovers, most, failures, expiries, minutes, zombies, beats);
    }

    Bounds failures(int most) {
        return new Bounds(script, window, crashes, handovers, duplicates, most, expiries, minutes, zombies, beats);
    }

    Bounds expiries(int most) {
        return new Bounds(script, window, crashes, handovers, duplicates, failures, most, minutes, zombies, beats);
    }

    Bounds withZombies() {
        return new Bounds(script, window, crashes, handovers, duplicates, failures, expiries, minutes, true, beats);
    }

    Bounds withBeats() {
        return new Bounds(script, window, crashes, handovers, duplicates, failures, expiries, minutes, zombies, true);
    }
}
