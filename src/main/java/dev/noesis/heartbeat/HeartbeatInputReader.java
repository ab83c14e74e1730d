package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.heartbeat.HeartbeatInput.Signal;
import dev.noesis.heartbeat.HeartbeatInput.Tick;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.AgentId;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.serde.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads ticks and signals. Pure. */
final class HeartbeatInputReader {
    private static final int MAX_SUMMARY = 4_000;
    private static final int MAX_SOURCE = 200;

    /** Of JSON as UTF-8: the findings of a tick stand in one record, all of them. */
    private static final int MAX_DATA_BYTES = 64 * 1024;

    private static final long MAX_DEADLINE_MS = 24L * 60 * 60 * 1000;

    private HeartbeatInputReader() {}

    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    private interface Body {
        HeartbeatInput read(JsonNode body) throws Wrong;
    }

    static HeartbeatInput tick(@Nullable String agent, byte @Nullable [] value, long appendedAt) {
        return read(agent, value, body -> {
            String tickId = id(body, "tickId");
            String reason = body.path("reason").isString() ? body.path("reason").asString() : "wake";
            return new Tick(tickId, time(body.path("scheduledAt"), appendedAt), reason, deadline(body));
        });
    }

    static HeartbeatInput signal(@Nullable String agent, byte @Nullable [] value) {
        return read(agent, value, body -> {
            String summary =
                    body.path("summary").isString() ? body.path("summary").asString() : "";
            if (summary.isBlank()) {
                throw new Wrong("summary is required, a text");
            }
            if (summary.length() > MAX_SUMMARY) {
                throw new Wrong("summary is longer than " + MAX_SUMMARY + " characters");
            }
            JsonNode data = body.path("data");
            String json = data.isMissingNode() || data.isNull() ? null : data.toString();
            if (json != null && json.getBytes(UTF_8).length > MAX_DATA_BYTES) {
                throw new Wrong("data is larger than " + MAX_DATA_BYTES + " bytes");
            }
            String source = body.path("source").isString() ? body.path("source").asString() : "unknown";
            if (source.length() > MAX_SOURCE) {
                throw new Wrong("source is longer than " + MAX_SOURCE + " characters");
            }
            return new Signal(
                    id(body, "signalId"),
                    source,
                    summary,
                    urgency(body.path("urgency")),
                    body.path("needsAction").asBoolean(false),
                    json);
        });
    }

    private static HeartbeatInput read(@Nullable String agent, byte @Nullable [] value, Body reader) {
        String wrongKey = AgentId.check(agent);
        if (wrongKey != null) {
            return new Unreadable(wrongKey);
        }
        if (value == null || value.length == 0) {
            return new Unreadable("the record has no value");
        }
        try {
            JsonNode body = Json.tree(value);
            return body.isObject() ? reader.read(body) : new Unreadable("the value is not a JSON object");
        } catch (JacksonException e) {
            return new Unreadable("the value is not JSON: " + e.getOriginalMessage());
        } catch (Wrong e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    private static String id(JsonNode body, String field) throws Wrong {
        String id = body.path(field).isString() ? body.path(field).asString() : null;
        String wrong = AgentId.checkPart(field, id);
        if (id == null || wrong != null) {
            throw new Wrong(String.valueOf(wrong));
        }
        return id;
    }

    private static long time(JsonNode node, long otherwise) throws Wrong {
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.asLong();
        }
        try {
            return Instant.parse(node.asString("")).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new Wrong("scheduledAt is an ISO 8601 instant or epoch milliseconds");
        }
    }

    private static @Nullable Long deadline(JsonNode body) throws Wrong {
        JsonNode node = body.path("deadlineMs");
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isIntegralNumber()
                || !node.canConvertToLong()
                || node.asLong() < 1
                || node.asLong() > MAX_DEADLINE_MS) {
            throw new Wrong("deadlineMs is a whole number from 1 to " + MAX_DEADLINE_MS);
        }
        return node.asLong();
    }

    private static Urgency urgency(JsonNode node) throws Wrong {
        if (node.isMissingNode() || node.isNull()) {
            return Urgency.NORMAL;
        }
        try {
            return Urgency.of(node.asString(""));
        } catch (IllegalArgumentException e) {
            throw new Wrong("urgency is low, normal or high");
        }
    }
}
