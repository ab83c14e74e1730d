package dev.noesis.run.explore;

import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import java.util.NavigableMap;
import org.apache.kafka.common.utils.Bytes;

/** Something that is wrong with the world, which the exploration must find. Each method as it stands here is right. */
abstract class Fault {
    static final Fault NONE = new Fault() {};

    /** What arrives in the log, behind what stands there, of what its writer meant; null for nothing. */
    MindEvent arrives(MindEvent truth, LogNode log) {
        return truth;
    }

    /** Changes the task's store after it has folded that record. */
    void distort(NavigableMap<Bytes, byte[]> entries, Records.Rec folded) {
        // it is as the task left it
    }

    /** @param n counts the calls of the run under that barrier */
    Attempt attempt(long barrier, long n) {
        return new Attempt(barrier, n);
    }

    /** Whether a task takes its partition for its own as soon as it has started, before what others wrote. */
    boolean ownsEarly() {
        return false;
    }

    /** Whether a task makes the calls in its outbox as soon as it has started. */
    boolean callsEarly() {
        return false;
    }
}
