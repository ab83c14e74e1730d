package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.heartbeat.HeartbeatInput.Signal;
import dev.noesis.heartbeat.HeartbeatInput.Tick;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.AgentId;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.serde.ClientJson;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads ticks and signals. What they carry beyond the fields of the contract is ignored. Pure. */
final class HeartbeatInputReader {
    private static final int MAX_SUMMARY = 4_000;
    private static final int MAX_SOURCE = 200;

    /** Of JSON as UTF-8: the findings of a tick stand in one record, all of them. */
    private static final int MAX_DATA_BYTES = 64 * 1024;

    private static final long MAX_DEADLINE_MS = 24L * 60 * 60 * 1000;

    /** 9999-12-31T23:59:59.999Z: the last that ISO 8601 writes with four digits. */
    private static final long MAX_EPOCH_MS = 253_402_300_799_999L;

    private static final Set<String> REASONS = Set.of("interval", "cron", "wake", "retry");
    private static final Set<String> URGENCIES = Set.of("low", "normal", "high");

    /** What {@link Instant#parse} takes is more than the contract does: other offsets, and years of ten digits. */
    private static final Pattern INSTANT =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z");

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
            checkChecks(body.path("checks"));
            String reason = text(body, "reason", "wake");
            if (!REASONS.contains(reason)) {
                throw new Wrong("reason is interval, cron, wake or retry");
            }
            return new Tick(tickId, time(body, "scheduledAt", appendedAt), reason, deadline(body.path("deadlineMs")));
        });
    }

    static HeartbeatInput signal(@Nullable String agent, byte @Nullable [] value) {
        return read(agent, value, body -> {
            String summary = text(body, "summary", "");
            if (summary.isBlank()) {
                throw new Wrong("summary is required, a text that is not blank");
            }
            if (summary.length() > MAX_SUMMARY) {
                throw new Wrong("summary is longer than " + MAX_SUMMARY + " characters");
            }
            String source = text(body, "source", "unknown");
            if (source.length() > MAX_SOURCE) {
                throw new Wrong("source is longer than " + MAX_SOURCE + " characters");
            }
            time(body, "occurredAt", 0);
            return new Signal(
                    id(body, "signalId"), source, summary, urgency(body), needsAction(body), data(body.path("data")));
        });
    }

    private static HeartbeatInput read(@Nullable String agent, byte @Nullable [] value, Body reader) {
        String wrongKey = AgentId.check(agent);
        if (wrongKey != null) {
            return new Unreadable(wrongKey);
        }
        try {
            JsonNode body = ClientJson.object(value);
            if (!ClientJson.isUnicode(body)) {
                return new Unreadable("a text holds half of a surrogate pair, and is not Unicode");
            }
            if (!isAbsent(body.path("agentId"))
                    && !body.path("agentId").asString("").equals(agent)) {
                return new Unreadable("agentId is not the record's key");
            }
            return reader.read(body);
        } catch (ClientJson.UnreadableException e) {
            return new Unreadable(e.reason());
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

    private static String text(JsonNode body, String field, String otherwise) throws Wrong {
        JsonNode node = body.path(field);
        if (isAbsent(node)) {
            return otherwise;
        }
        if (!node.isString()) {
            throw new Wrong(field + " is a text");
        }
        return node.asString();
    }

    /** There is one check in this release: to ask for another and be given that one would be no answer. */
    private static void checkChecks(JsonNode node) throws Wrong {
        if (isAbsent(node)) {
            return;
        }
        if (!node.isArray()) {
            throw new Wrong("checks is an array");
        }
        for (JsonNode check : node) {
            if (!check.isString() || !check.asString().equals(Signals.CHECK)) {
                throw new Wrong("checks may name '" + Signals.CHECK + "' only, the one check of this release");
            }
        }
    }

    private static long time(JsonNode body, String field, long otherwise) throws Wrong {
        JsonNode node = body.path(field);
        if (isAbsent(node)) {
            return otherwise;
        }
        if (isWhole(node, 0, MAX_EPOCH_MS)) {
            return node.asLong();
        }
        try {
            if (node.isString() && INSTANT.matcher(node.asString()).matches()) {
                return Instant.parse(node.asString()).toEpochMilli();
            }
        } catch (DateTimeParseException e) {
            // Sunday the 99th
        }
        throw new Wrong(field + " is an ISO 8601 instant in UTC or epoch milliseconds");
    }

    private static @Nullable Long deadline(JsonNode node) throws Wrong {
        if (isAbsent(node)) {
            return null;
        }
        if (!isWhole(node, 1, MAX_DEADLINE_MS)) {
            throw new Wrong("deadlineMs is a whole number from 1 to " + MAX_DEADLINE_MS);
        }
        return node.asLong();
    }

    private static Urgency urgency(JsonNode body) throws Wrong {
        String urgency = text(body, "urgency", Urgency.NORMAL.id());
        if (!URGENCIES.contains(urgency)) {
            throw new Wrong("urgency is low, normal or high");
        }
        return Urgency.of(urgency);
    }

    private static boolean needsAction(JsonNode body) throws Wrong {
        JsonNode node = body.path("needsAction");
        if (!isAbsent(node) && !node.isBoolean()) {
            throw new Wrong("needsAction is true or false");
        }
        return node.isBoolean() && node.asBoolean();
    }

    private static @Nullable String data(JsonNode node) throws Wrong {
        String json = isAbsent(node) ? null : node.toString();
        if (json != null && json.getBytes(UTF_8).length > MAX_DATA_BYTES) {
            throw new Wrong("data is larger than " + MAX_DATA_BYTES + " bytes");
        }
        return json;
    }

    private static boolean isWhole(JsonNode node, long min, long max) {
        return node.isNumber()
                && node.canConvertToExactIntegral()
                && node.canConvertToLong()
                && node.asLong() >= min
                && node.asLong() <= max;
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
