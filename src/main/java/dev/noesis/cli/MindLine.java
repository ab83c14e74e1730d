package dev.noesis.cli;

import dev.noesis.serde.Json;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** One record of {@code mind.log} as one line. Any type of event will do, known or not. */
final class MindLine {
    private static final int MOST_SHOWN = 100;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS");

    /** Fields in which an event's gist may stand, the most telling first. */
    private static final List<String> TELLING = List.of(
            "text", "statement", "summary", "message", "content", "name", "toolName", "outcome", "reason", "code");

    private MindLine() {}

    /**
     * Offset, time, type, lane, run and the event's gist.
     *
     * @param timestamp of the record, for an event that does not say when it was
     */
    static String of(long offset, long timestamp, byte @Nullable [] value, ZoneId zone) {
        JsonNode event;
        try {
            event = value == null ? Json.object() : Json.tree(value);
        } catch (JacksonException e) {
            event = Json.object();
        }
        long at = event.path("at").asLong(timestamp);
        return "%6d  %s  %-16s %-9s %-10s %s"
                .formatted(
                        offset,
                        TIME.format(Instant.ofEpochMilli(at).atZone(zone)),
                        event.path("type").asString("(unreadable)"),
                        event.path("lane").asString("-"),
                        shortId(event.path("runId").asString("-")),
                        gist(event))
                .stripTrailing();
    }

    private static String shortId(String id) {
        return id.length() <= 10 ? id : id.substring(0, 8) + "…";
    }

    private static String gist(JsonNode event) {
        JsonNode body = event.path("body");
        for (String field : TELLING) {
            JsonNode found = body.findValue(field);
            if (found != null && found.isString() && !found.asString().isBlank()) {
                return shortened(found.asString());
            }
        }
        return body.isMissingNode() || body.isEmpty() ? "" : shortened(body.toString());
    }

    /** In one line of at most 100 characters, without control characters. */
    static String shortened(String text) {
        String line = text.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .strip();
        return line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN - 1) + "…";
    }
}
