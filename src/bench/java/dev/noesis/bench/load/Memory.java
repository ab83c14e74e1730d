package dev.noesis.bench.load;

import java.util.List;

/**
 * What the processes of a subject hold.
 *
 * @param rss resident bytes
 * @param heap bytes used after a collection
 */
record Memory(long rss, long heap) {
    /** The resident memory first: a collection changes it. */
    static Memory of(List<Child> processes) {
        long rss = processes.stream().mapToLong(Child::rss).sum();
        return new Memory(rss, processes.stream().mapToLong(Child::heapAfterGc).sum());
    }
}
