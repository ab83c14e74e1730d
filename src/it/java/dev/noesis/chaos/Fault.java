package dev.noesis.chaos;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Something that goes wrong, and is put right again. Its fields say whom it strikes and how long; all else is its kind. */
interface Fault {
    /** What cannot be struck by two faults at a time. */
    String BROKERS = "brokers";

    String MODEL = "model";

    /** That worker as something that cannot be struck by two faults at a time. */
    static String worker(int index) {
        return "worker-" + index;
    }

    /** The name under which the report counts it. */
    String kind();

    /** Whom it strikes, and how. */
    String what();

    /** What it has to itself while it goes on. */
    Set<String> needs();

    /** About how long it goes on. */
    Duration length();

    /** Why it cannot be done on this machine; null where it can. */
    default @Nullable String impossible(Cluster cluster) {
        return null;
    }

    /** Whose answers are waited for, to know how long the recovery took; partitions. */
    default Set<Integer> concerned(Cluster cluster) throws Exception {
        return cluster.allPartitions();
    }

    /** Does it, and puts it right again: when this returns, what it struck is as before, or about to be. */
    void inject(Scene scene) throws Exception;
}
