package dev.noesis.heartbeat.checks;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Fact;
import dev.noesis.mind.Memory.Failure;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a check may look at: an agent as it was when the tick came. It does not change.
 *
 * @param now when the tick came, epoch milliseconds
 * @param zone of the agent's schedule; UTC where it has none
 * @param lastLookedAt when this check last looked at this agent and succeeded, epoch milliseconds; null for never
 * @param facts the newest 200, newest first
 * @param decisions the newest 200, newest first
 * @param failures runs of the agent that failed within the last 7 days, the newest 20, newest first
 */
public record View(
        String agent,
        long now,
        ZoneId zone,
        @Nullable Long lastLookedAt,
        List<Fact> facts,
        List<Decision> decisions,
        List<Failure> failures) {
    public View {
        facts = List.copyOf(facts);
        decisions = List.copyOf(decisions);
        failures = List.copyOf(failures);
    }
}
