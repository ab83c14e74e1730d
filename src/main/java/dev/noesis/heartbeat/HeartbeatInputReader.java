package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.heartbeat.Fields.WrongException;
import dev.noesis.heartbeat.HeartbeatInput.Reaction;
import dev.noesis.heartbeat.HeartbeatInput.ScheduleChange;
import dev.noesis.heartbeat.HeartbeatInput.Signal;
import dev.noesis.heartbeat.HeartbeatInput.Tick;
import dev.noesis.heartbeat.HeartbeatInput.Tuning;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.AgentId;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.ScheduledTick;
import dev.noesis.serde.ClientJson;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads ticks, signals, reactions, tunings and schedules. What they carry beyond the fields of the contract is ignored. Pure. */
final class HeartbeatInputReader {
    private static final int MAX_SUMMARY = 4_000;
    private static final int MAX_SOURCE = 200;
    private static final int MAX_NOTE = 1_000;

    /** Of JSON as UTF-8: the findings of a tick stand in one record, all of them. */
    private static final int MAX_DATA_BYTES = 64 * 1024;

    private static final long MAX_DEADLINE_MS = 24L * 60 * 60 * 1000;

    private static final Set<String> REASONS = Set.of("interval", "cron", "wake", "retry");
    private static final Set<String> URGENCIES = Set.of("low", "normal", "high");
    private static final Set<String> ACTIONS = Set.of("acknowledge", "resolve", "dismiss");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern CHECK = Pattern.compile("[a-z0-9._-]{1,64}");

    /** Of a check's interval, as in configuration. */
    private static final Duration MIN_EVERY = Duration.ofSeconds(1);

    private static final Duration MAX_EVERY = Duration.ofDays(30);

    private HeartbeatInputReader() {}

    private interface Body {
        HeartbeatInput read(Fields fields) throws WrongException;
    }

    /** @param checks that a tick may name */
    static HeartbeatInput tick(@Nullable String agent, byte @Nullable [] value, long appendedAt, CheckNames checks) {
        return read(agent, value, fields -> {
            String tickId = fields.id("tickId");
            if (ScheduledTick.isReserved(tickId)) {
                throw new WrongException("tickId begins as only the scheduler's own do");
            }
            String reason = fields.text("reason", "wake");
            if (!REASONS.contains(reason)) {
                throw new WrongException("reason is interval, cron, wake or retry");
            }
            return new Tick(
                    tickId,
                    fields.time("scheduledAt", appendedAt),
                    reason,
                    fields.whole("deadlineMs", 1, MAX_DEADLINE_MS),
                    checks.named(fields));
        });
    }

    /**
     * A record of {@code agent.signals}: something to hear of, what a human says of what was heard, or how often the operator
     * wants a check to look.
     */
    static HeartbeatInput signal(@Nullable String agent, byte @Nullable [] value) {
        return read(agent, value, fields -> switch (fields.text("type", "signal")) {
            case "signal" -> signal(fields);
            case "reaction" -> reaction(fields);
            case "tuning" -> tuning(fields);
            default -> throw new WrongException("type is signal, reaction or tuning");
        });
    }

    private static Signal signal(Fields fields) throws WrongException {
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
                fields.truth("needsAction", true),
                data(fields.body().path("data")));
    }

    private static Reaction reaction(Fields fields) throws WrongException {
        String fingerprint = fields.text("fingerprint", "");
        if (!FINGERPRINT.matcher(fingerprint).matches()) {
            throw new WrongException("fingerprint is required, 16 digits of 0 to 9 and a to f");
        }
        String action = fields.text("action", "");
        if (!ACTIONS.contains(action)) {
            throw new WrongException("action is acknowledge, resolve or dismiss");
        }
        boolean hasEnd = fields.has("until");
        if (hasEnd && !action.equals("dismiss")) {
            throw new WrongException("until is for action dismiss only");
        }
        String note = fields.has("note") ? fields.text("note", "") : null;
        if (note != null && note.length() > MAX_NOTE) {
            throw new WrongException("note is longer than " + MAX_NOTE + " characters");
        }
        return new Reaction(
                fingerprint, dev.noesis.model.Reaction.of(action), hasEnd ? fields.time("until", 0) : null, note);
    }

    /** An interval that is null takes back what was set: here alone that is not the same as one that is not there. */
    private static Tuning tuning(Fields fields) throws WrongException {
        String check = fields.text("check", "");
        if (!CHECK.matcher(check).matches()) {
            throw new WrongException("check is required, 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
        }
        if (check.equals(Finding.SIGNALS)) {
            throw new WrongException("check is " + check + ", which has no interval: each tick looks at signals");
        }
        boolean resets = fields.body().path("every").isNull();
        Duration every = fields.duration("every", MIN_EVERY, MAX_EVERY);
        Boolean pinned = fields.has("pinned") ? fields.truth("pinned", false) : null;
        if (!resets && every == null && pinned == null) {
            throw new WrongException(
                    "every or pinned is required: how often the check looks, or whether that may be tuned");
        }
        return new Tuning(check, every == null ? null : every.toMillis(), resets, pinned);
    }

    /** A record without a value takes the schedule back. */
    static HeartbeatInput schedule(
            @Nullable String agent, byte @Nullable [] value, long appendedAt, ScheduleReader reader) {
        if (value == null) {
            String wrongKey = AgentId.check(agent);
            return wrongKey == null ? new ScheduleChange(null) : new Unreadable(wrongKey);
        }
        return read(agent, value, fields -> new ScheduleChange(reader.read(fields, String.valueOf(agent), appendedAt)));
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
