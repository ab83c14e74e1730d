package dev.noesis.mind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Checkpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds what lanes say of themselves in a log against a fold of that log. */
public final class Checkpoints {
    private Checkpoints() {}

    /** There are checkpoints, and each is what a fold from the beginning comes to. */
    public static void hold(List<TestLog.Entry> log) {
        Fold anew = new Fold(new MapEntries(), Fold.Position.START);
        Map<Long, Fold.Position> positions = new HashMap<>();
        int checked = 0;
        for (TestLog.Entry entry : log) {
            Fold.Result result = entry.foldInto(anew);
            positions.put(entry.offset(), anew.position());
            if (result instanceof Fold.Result.Event(String _, MindEvent event, Folded _)
                    && event.body() instanceof Checkpoint(long offset, String logHash, String storeHash, int version)) {
                Fold.Position then = positions.get(offset);
                assertThat(logHash)
                        .as("log up to %d", offset)
                        .isEqualTo(then.logHash().hex());
                assertThat(storeHash)
                        .as("%s's store at %d", event.lane(), offset)
                        .isEqualTo(then.storeHash().hex());
                assertThat(version).isEqualTo(then.foldVersion());
                checked++;
            }
        }
        assertThat(checked).isPositive();
    }
}
