package dev.noesis.cli;

import dev.noesis.serde.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A record of {@code heartbeat.outcomes} in words: a line for the tick, and one for each of its findings. Pure. */
final class OutcomeLines {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private OutcomeLines() {}

    /**
     * With when it was, and when the next tick is due.
     *
     * @param timestamp of the record, epoch milliseconds
     */
    static List<String> of(long timestamp, byte @Nullable [] value, ZoneId zone) {
        JsonNode outcome;
        try {
            outcome = value == null ? Json.object() : Json.tree(value);
        } catch (JacksonException e) {
            outcome = Json.object();
        }
        String line = time(Instant.ofEpochMilli(timestamp), zone) + "  " + tick(outcome)
                + nextDue(outcome.path("nextDueAt").asString(""), zone);
        return Stream.concat(Stream.of(line), findings(outcome)).toList();
    }

    /** Status, reason, run and tokens. */
    static String tick(JsonNode outcome) {
        var line = new StringBuilder(outcome.path("status").asString("?"));
        String reason = reason(outcome);
        if (!reason.isEmpty()) {
            line.append(" (").append(reason).append(')');
        }
        String runId = outcome.path("runId").asString("");
        if (!runId.isEmpty()) {
            line.append(" · run ").append(runId);
        }
        JsonNode usage = outcome.path("usage");
        if (usage.isObject()) {
            line.append(" · %d tokens in, %d out"
                    .formatted(
                            usage.path("inputTokens").asLong(0),
                            usage.path("outputTokens").asLong(0)));
        }
        return line.toString();
    }

    /** Fingerprint, urgency and decision of each. */
    static Stream<String> findings(JsonNode outcome) {
        return outcome.path("findings")
                .valueStream()
                .map(finding -> "  finding " + finding.path("fingerprint").asString("?")
                        + " · " + finding.path("urgency").asString("?")
                        + " · " + finding.path("decision").asString("undecided"));
    }

    /** Why it was skipped, or how it failed. */
    private static String reason(JsonNode outcome) {
        return MindLine.shortened(
                outcome.path("skipReason").asString(outcome.path("message").asString("")));
    }

    private static String nextDue(String instant, ZoneId zone) {
        try {
            return instant.isEmpty() ? "" : " · next due " + time(Instant.parse(instant), zone);
        } catch (DateTimeException e) {
            return "";
        }
    }

    private static String time(Instant at, ZoneId zone) {
        return TIME.format(at.atZone(zone));
    }
}
