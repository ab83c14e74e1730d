package dev.noesis.heartbeat.checks;

import dev.noesis.config.CheckConfig;
import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What has gathered in an agent's memory: decisions that nobody reviewed within a week, the oldest first, and more than ten
 * facts that were doubtful when they were learned, and are over a month old. Pure.
 */
public final class HealthCheck implements Check {
    private static final Duration REVIEWED_WITHIN = Duration.ofDays(7);
    private static final Duration STALE_AFTER = Duration.ofDays(30);
    private static final double DOUBTFUL_BELOW = 0.5;
    private static final int TOLERATED_FACTS = 10;
    private static final int MAX_QUOTED = 300;

    @Override
    public String name() {
        return CheckConfig.HEALTH;
    }

    @Override
    public Duration every() {
        return Duration.ofHours(1);
    }

    @Override
    public boolean blocks() {
        return false;
    }

    @Override
    public List<Found> look(View view) {
        List<Found> found = new ArrayList<>();
        long stale =
                view.facts().stream().filter(fact -> isStale(fact, view.now())).count();
        if (stale > TOLERATED_FACTS) {
            found.add(staleFacts(stale));
        }
        Stream<Decision> unreviewed = view.decisions().stream()
                .filter(decision -> decision.review() == null)
                .filter(decision -> view.now() - decision.decidedAt() >= REVIEWED_WITHIN.toMillis())
                .sorted(Comparator.comparingLong(Decision::decidedAt));
        // the rest has its turn when these are reviewed
        unreviewed
                .limit(Looks.MAX_FOUND - found.size())
                .map(HealthCheck::unreviewed)
                .forEach(found::add);
        return found;
    }

    private static boolean isStale(Fact fact, long now) {
        return fact.confidence() < DOUBTFUL_BELOW && now - fact.learnedAt() > STALE_AFTER.toMillis();
    }

    /** It is one finding, however many they are. Nothing is to be done about it at once. */
    private static Found staleFacts(long count) {
        return new Found(
                "stale-facts",
                "facts",
                count + " facts are older than " + STALE_AFTER.toDays()
                        + " days and were doubtful when they were learned",
                Urgency.LOW,
                false,
                Json.object().put("count", count).toString());
    }

    private static Found unreviewed(Decision decision) {
        return new Found(
                decision.decisionId(),
                "decisions",
                "Nobody has reviewed for " + REVIEWED_WITHIN.toDays() + " days how this decision turned out: "
                        + Looks.first(decision.what(), MAX_QUOTED),
                Urgency.LOW,
                true,
                Json.object().put("decisionId", decision.decisionId()).toString());
    }
}
