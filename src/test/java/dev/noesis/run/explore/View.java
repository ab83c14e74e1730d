package dev.noesis.run.explore;

import dev.noesis.mind.Digest;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Run;
import dev.noesis.serde.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the laws look at of a store: the runs that cognition knows, what it has learned, and the outbox.
 *
 * @param runs by id
 * @param facts how many were learned
 * @param outbox the keys of effects that are not known to be done
 * @param folded offset of the last record of the log that was folded; -1 before the first
 * @param storeHash of cognition, as the fold has it
 */
record View(Map<String, Run> runs, int facts, Set<String> outbox, long folded, Digest storeHash) {
    private static final String RUN = "mind\1a\0" + Script.AGENT + "\0r\0";
    private static final String FACT = "mind\1a\0" + Script.AGENT + "\0f\0";
    private static final String OUTBOX = "outbox\1";

    /** Equal entries are read once. */
    static final class Reader {
        private final Map<Image.Key, Run> runs = new HashMap<>();

        View read(Image image) {
            Map<String, Run> known = new TreeMap<>();
            Set<String> outbox = new TreeSet<>();
            int[] facts = {0};
            Fold.Position[] at = {Fold.Position.START};
            image.forEach((key, value) -> {
                if (key.startsWith(RUN)) {
                    known.put(
                            key.substring(RUN.length()),
                            runs.computeIfAbsent(Image.Key.of(value), _ -> Json.read(value, Run.class)));
                } else if (key.startsWith(FACT)) {
                    facts[0]++;
                } else if (key.startsWith(OUTBOX)) {
                    outbox.add(key.substring(OUTBOX.length()));
                } else if (key.equals("position\1fold")) {
                    at[0] = Json.read(value, Fold.Position.class);
                }
            });
            return new View(known, facts[0], outbox, at[0].offset(), at[0].storeHash());
        }
    }
}
