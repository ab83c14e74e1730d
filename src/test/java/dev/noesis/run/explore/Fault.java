package dev.noesis.run.explore;

import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import java.util.NavigableMap;
import org.apache.kafka.common.utils.Bytes;

/** Something that is wrong with the world, which the exploration must find. Each method as it stands here is right. */
abstract class Fault {
    static final Fault NONE = new Fault() {};

    /** What arrives in the log of what its writer meant. */
    MindEvent arrives(MindEvent truth, LogNode log) {
        return truth;
    }

    /** Changes the task's store after it has folded that record. */
    void distort(NavigableMap<Bytes, byte[]> entries, Records.Rec folded) {
        // it is as the task left it
    }

    /** @param n counts the run's calls under that barrier */
    Attempt attempt(long barrier, long n) {
        return new Attempt(barrier, n);
    }

    /** Whether a task owns its partition as soon as it has started. */
    boolean ownsEarly() {
        return false;
    }
}
