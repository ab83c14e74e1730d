package dev.noesis.mind;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Review;
import dev.noesis.model.MemoryWrite.ReviewDecision;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fold of an agent's decisions: made in one run, reviewed in another, and forgotten when there are too many.
 *
 * <p>They stand in the order in which they were made. Beside them stands where each id is, which of them are reviewed, and how
 * many there are, so that no write looks through all of them.
 */
final class DecisionFold {
    private final MindStore store;

    DecisionFold(MindStore store) {
        this.store = store;
    }

    /** @param key of a decision */
    private record Place(String key) {}

    private record Count(int kept) {}

    /**
     * Keeps it, unless its id is known. Where there are as many as may be, the oldest reviewed one goes, else the oldest; where
     * all of them came with this same event, the new one.
     */
    void keep(String agent, Decision decision, long offset, int index) {
        String id = Keys.decisionOf(agent, decision.decisionId());
        if (store.get(id, Place.class) != null) {
            return;
        }
        Count count = store.get(Keys.decisionCount(agent), Count.class);
        int others = count == null ? 0 : count.kept();
        if (others == Cognition.MAX_DECISIONS) {
            String oldest = oldest(agent);
            if (oldest == null) {
                return;
            }
            forget(agent, oldest);
            others--;
        }
        String key = Keys.decision(agent, offset, index);
        store.put(key, decision);
        store.put(id, new Place(key));
        store.put(Keys.decisionCount(agent), new Count(others + 1));
    }

    /** The last review counts. */
    void review(String agent, ReviewDecision review, long now) {
        Place place = store.get(Keys.decisionOf(agent, review.decisionId()), Place.class);
        if (place == null) {
            return;
        }
        Decision decision = decision(place.key());
        store.put(place.key(), decision.reviewed(new Review(review.verdict(), review.text(), now)));
        store.put(Keys.reviewed(agent, place.key()), place);
    }

    private @Nullable String oldest(String agent) {
        @Nullable Place[] reviewed = {null};
        store.scan(Keys.reviewed(agent), (mark, _) -> {
            reviewed[0] = store.get(mark, Place.class);
            return reviewed[0] == null;
        });
        if (reviewed[0] != null) {
            return reviewed[0].key();
        }
        @Nullable String[] oldest = {null};
        store.scan(Keys.decisions(agent), (key, _) -> {
            // What this same event has forgotten is still seen here.
            oldest[0] = store.get(key, Decision.class) == null ? null : key;
            return oldest[0] == null;
        });
        return oldest[0];
    }

    private void forget(String agent, String key) {
        store.delete(Keys.decisionOf(agent, decision(key).decisionId()));
        store.delete(Keys.reviewed(agent, key));
        store.delete(key);
    }

    private Decision decision(String key) {
        return Objects.requireNonNull(store.get(key, Decision.class), "a decision stands where it is said to");
    }
}
