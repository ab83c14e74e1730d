package dev.noesis.worker;

import dev.noesis.model.Lane;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** What a lane tells about itself. Any thread may ask, and none waits. */
interface LaneHealth {
    Lane lane();

    /** Kafka Streams' word for what it is doing. */
    String state();

    /** Whether it decides, for each of its partitions. */
    boolean isReady();

    /** The assigned partitions whose barrier is not folded yet. */
    SortedSet<Integer> notReady();

    /** Why it cannot go on; null where it can. */
    @Nullable
    String failure();
}
