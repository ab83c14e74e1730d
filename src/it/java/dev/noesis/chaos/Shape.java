package dev.noesis.chaos;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a chaos run is made of.
 *
 * @param seed of the load and of the schedule
 * @param length how long faults happen
 * @param brokers 1, or 3 of which 2 are always in sync
 * @param runsPerSecond requests of chat in a second, about
 * @param drain how long what was asked may take to be answered once no more happens
 * @param dir where logs, data and the report are left; emptied first
 * @param rootTools whether namespaces and file systems of the machine may be used, which takes root
 */
record Shape(
        long seed,
        Duration length,
        int brokers,
        int workers,
        int partitions,
        int agents,
        double runsPerSecond,
        Duration drain,
        Path dir,
        boolean rootTools) {

    /** The whole of it. */
    static Shape whole(long seed, Duration length, Path dir) {
        return new Shape(seed, length, 3, 3, 6, 60, 6, Duration.ofMinutes(3), dir, true);
    }

    /** A piece that needs nothing of the machine but two cores. */
    static Shape piece(long seed, Path dir) {
        return new Shape(seed, Duration.ofSeconds(45), 1, 2, 4, 24, 6, Duration.ofMinutes(5), dir, false);
    }
}
