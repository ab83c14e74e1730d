package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.heartbeat.Fields.WrongException;
import dev.noesis.heartbeat.HeartbeatInput.ScheduleChange;
import dev.noesis.heartbeat.HeartbeatInput.Signal;
import dev.noesis.heartbeat.HeartbeatInput.Tick;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.AgentId;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.ScheduledTick;
import dev.noesis.serde.ClientJson;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads ticks, signals and schedules. What they carry beyond the fields of the contract is ignored. Pure. */
final class HeartbeatInputReader {
    private static final int MAX_SUMMARY = 4_000;
    private static final int MAX_SOURCE = 200;

    /** Of JSON as UTF-8: the findings of a tick stand in one record, all of them. */
    private static final int MAX_DATA_BYTES = 64 * 1024;

    private static final long MAX_DEADLINE_MS = 24L * 60 * 60 * 1000;

    private static final Set<String> REASONS = Set.of("interval", "cron", "wake", "retry");
    private static final Set<String> URGENCIES = Set.of("low", "normal", "high");

    private HeartbeatInputReader() {}

    private interface Body {
        HeartbeatInput read(Fields fields) throws WrongException;
    }

    static HeartbeatInput tick(@Nullable String agent, byte @Nullable [] value, long appendedAt) {
        return read(agent, value, fields -> {
            String tickId = fields.id("tickId");
            if (ScheduledTick.isReserved(tickId)) {
                throw new WrongException("tickId begins as only the scheduler's own do");
            }
            checkChecks(fields.body().path("checks"));
            String reason = fields.text("reason", "wake");
            if (!REASONS.contains(reason)) {
                throw new WrongException("reason is interval, cron, wake or retry");
            }
            return new Tick(
                    tickId,
                    fields.time("scheduledAt", appendedAt),
                    reason,
                    fields.whole("deadlineMs", 1, MAX_DEADLINE_MS));
        });
    }

    static HeartbeatInput signal(@Nullable String agent, byte @Nullable [] value) {
        return read(agent, value, fields -> {
            String summary = fields.text("summary", "");
            if (summary.isBlank()) {
                throw new WrongException("summary is required, a text that is not blank");
            }
            if (summary.length() > MAX_SUMMARY) {
                throw new WrongException("summary is longer than " + MAX_SUMMARY + " characters");
            }
            String source = fields.text("source", "unknown");
            if (source.length() > MAX_SOURCE) {
                throw new WrongException("source is longer than " + MAX_SOURCE + " characters");
            }
            fields.time("occurredAt", 0);
            return new Signal(
                    fields.id("signalId"),
                    source,
                    summary,
                    urgency(fields),
                    fields.truth("needsAction", false),
                    data(fields.body().path("data")));
        });
    }

    /**
     * A record without a value takes the schedule back.
     *
     * @param models that a schedule may name
     */
    static HeartbeatInput schedule(
            @Nullable String agent, byte @Nullable [] value, long appendedAt, Set<String> models) {
        if (value == null) {
            String wrongKey = AgentId.check(agent);
            return wrongKey == null ? new ScheduleChange(null) : new Unreadable(wrongKey);
        }
        return read(
                agent,
                value,
                fields ->
                        new ScheduleChange(new ScheduleReader(models).read(fields, String.valueOf(agent), appendedAt)));
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
            if (!Fields.isAbsent(body.path("agentId"))
                    && !body.path("agentId").asString("").equals(agent)) {
                return new Unreadable("agentId is not the record's key");
            }
            return reader.read(new Fields(body));
        } catch (ClientJson.UnreadableException e) {
            return new Unreadable(e.reason());
        } catch (WrongException e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    /** There is one check in this release: to ask for another and be given that one would be no answer. */
    private static void checkChecks(JsonNode node) throws WrongException {
        if (Fields.isAbsent(node)) {
            return;
        }
        if (!node.isArray()) {
            throw new WrongException("checks is an array");
        }
        for (JsonNode check : node) {
            if (!check.isString() || !check.asString().equals(Signals.CHECK)) {
                throw new WrongException("checks may name '" + Signals.CHECK + "' only, the one check of this release");
            }
        }
    }

    private static Urgency urgency(Fields fields) throws WrongException {
        String urgency = fields.text("urgency", Urgency.NORMAL.id());
        if (!URGENCIES.contains(urgency)) {
            throw new WrongException("urgency is low, normal or high");
        }
        return Urgency.of(urgency);
    }

    private static @Nullable String data(JsonNode node) throws WrongException {
        String json = Fields.isAbsent(node) ? null : node.toString();
        if (json != null && json.getBytes(UTF_8).length > MAX_DATA_BYTES) {
            throw new WrongException("data is larger than " + MAX_DATA_BYTES + " bytes");
        }
        return json;
    }
}
