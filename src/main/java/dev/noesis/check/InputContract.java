package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.AgentId;
import dev.noesis.serde.ClientJson;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the contract says of an input record: whom it names, and whether it can be answered at all. What cannot be decided
 * from the contract's words alone is doubtful, and may be taken or not. Pure.
 */
final class InputContract {
    private static final int MAX_COMMAND = 4 * 1024 * 1024;
    /** Above this a lane takes no record, but for refusing it. */
    private static final int MAX_INPUT = 5 * 1024 * 1024;

    private static final int MAX_REASON = 1_000;
    private static final int MAX_SUMMARY = 4_000;
    private static final int MAX_SOURCE = 200;
    private static final int MAX_NOTE = 1_000;
    private static final int MAX_DATA = 64 * 1024;
    private static final long DAY_MS = 24L * 60 * 60 * 1000;
    private static final long YEAR_10000_MS = 253_402_300_800_000L;
    private static final long MAX_TOKENS = 1_000_000_000_000L;
    /** How the names of the scheduler's own ticks begin. */
    private static final String SCHEDULED = "schedule/";

    private static final Set<String> ACTIONS = Set.of("acknowledge", "resolve", "dismiss");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern CHECK = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final Pattern DURATION = Pattern.compile("P(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+S)?)?");
    private static final Pattern TIME_OF_DAY = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d");
    private static final Set<String> POLICIES = Set.of("skip", "fireOnce");
    private static final Set<String> REASONS = Set.of("interval", "cron", "wake", "retry");
    private static final Set<String> URGENCIES = Set.of("low", "normal", "high");
    private static final Pattern DATE_AND_TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z");

    private InputContract() {}

    /** What a record asks for. */
    sealed interface Asked {
        /** A run, which may be refused. */
        record ForRun(String runId) implements Asked {}

        record ForCancel(String runId) implements Asked {}

        record ForDeletion() implements Asked {}

        /** @param isDoubtful it may be a dead letter instead */
        record ForTick(String tickId, boolean isDoubtful) implements Asked {}

        record ForSignal() implements Asked {}

        /** @param isDoubtful it may be a dead letter instead */
        record ForReaction(boolean isDoubtful) implements Asked {}

        record ForTuning() implements Asked {}

        /** @param isDoubtful it may be a dead letter instead */
        record ForSchedule(boolean isDoubtful) implements Asked {}

        /** Nobody can be answered: it belongs into the dead letters. */
        record ForNothing() implements Asked {}

        /**
         * It may be answered, or be a dead letter.
         *
         * @param runId whom it names; null for nobody
         */
        record Doubtful(@Nullable String runId) implements Asked {}
    }

    /** Larger records are answered where they stand, whatever their key. */
    static boolean isTooLarge(Seen record) {
        return record.size() > MAX_INPUT;
    }

    static Asked chat(Seen record) {
        JsonNode input = object(record);
        if (input == null) {
            return new Asked.ForNothing();
        }
        String type = input.path("type").isString() ? input.path("type").asString() : "";
        String runId = id(input, "runId");
        if (isTooLarge(record)) {
            return new Asked.Doubtful(runId);
        }
        return switch (type) {
            case "cancel" ->
                runId == null || id(input, "threadId") == null || !isCommand(record, input)
                        ? new Asked.ForNothing()
                        : new Asked.ForCancel(runId);
            case "delete" -> isCommand(record, input) ? new Asked.ForDeletion() : new Asked.ForNothing();
            default -> runId == null ? new Asked.ForNothing() : new Asked.ForRun(runId);
        };
    }

    static Asked tick(Seen record) {
        JsonNode input = object(record);
        String tickId = input == null ? null : id(input, "tickId");
        if (input == null
                || tickId == null
                || tickId.startsWith(SCHEDULED)
                || isTooLarge(record)
                || !isOwn(record, input)) {
            return new Asked.ForNothing();
        }
        boolean isRight = isAbsentOr(input, "reason", node -> node.isString() && REASONS.contains(node.asString()))
                && isAbsentOr(input, "checks", InputContract::isNames)
                && isAbsentOr(input, "deadlineMs", node -> isWhole(node, 1, DAY_MS))
                && isAbsentOr(input, "scheduledAt", node -> isTime(node) || isMaybeTime(node));
        // which checks there are only the worker can tell
        boolean isDoubtful = isMaybeTime(input.path("scheduledAt")) || !isAbsent(input.path("checks"));
        return isRight ? new Asked.ForTick(tickId, isDoubtful) : new Asked.ForNothing();
    }

    static Asked signal(Seen record) {
        JsonNode input = object(record);
        if (input == null || isTooLarge(record) || !isOwn(record, input)) {
            return new Asked.ForNothing();
        }
        JsonNode type = input.path("type");
        return switch (isAbsent(type) ? "signal" : type.isString() ? type.asString() : "") {
            case "signal" -> isSignal(input) ? new Asked.ForSignal() : new Asked.ForNothing();
            case "reaction" ->
                isReaction(input) ? new Asked.ForReaction(isMaybeTime(input.path("until"))) : new Asked.ForNothing();
            case "tuning" -> isTuning(input) ? new Asked.ForTuning() : new Asked.ForNothing();
            default -> new Asked.ForNothing();
        };
    }

    private static boolean isSignal(JsonNode input) {
        return id(input, "signalId") != null
                && isText(input.path("summary"), MAX_SUMMARY)
                && !input.path("summary").asString().isBlank()
                && isAbsentOr(input, "source", node -> isText(node, MAX_SOURCE))
                && isAbsentOr(input, "urgency", node -> node.isString() && URGENCIES.contains(node.asString()))
                && isAbsentOr(input, "needsAction", JsonNode::isBoolean)
                && isAbsentOr(input, "data", node -> node.toString().getBytes(UTF_8).length <= MAX_DATA)
                && isAbsentOr(input, "occurredAt", node -> isTime(node) || isMaybeTime(node));
    }

    private static boolean isReaction(JsonNode input) {
        JsonNode action = input.path("action");
        return isText(input.path("fingerprint"), 16)
                && FINGERPRINT.matcher(input.path("fingerprint").asString()).matches()
                && action.isString()
                && ACTIONS.contains(action.asString())
                && isAbsentOr(
                        input,
                        "until",
                        node -> action.asString().equals("dismiss") && (isTime(node) || isMaybeTime(node)))
                && isAbsentOr(input, "note", node -> isText(node, MAX_NOTE));
    }

    /** An interval that is null says something, unlike one that is not there. */
    private static boolean isTuning(JsonNode input) {
        JsonNode check = input.path("check");
        return check.isString()
                && CHECK.matcher(check.asString()).matches()
                && !check.asString().equals("signals")
                && (input.has("every") || !isAbsent(input.path("pinned")))
                && isAbsentOr(input, "every", node -> isDuration(node, Duration.ofSeconds(1), Duration.ofDays(30)))
                && isAbsentOr(input, "pinned", JsonNode::isBoolean);
    }

    /** What only a calendar, the zones' database or the worker's configuration can tell is doubtful. */
    static Asked schedule(Seen record) {
        if (record.value() == null) {
            return AgentId.check(record.key() == null ? null : record.agent()) == null
                    ? new Asked.ForSchedule(false)
                    : new Asked.ForNothing();
        }
        JsonNode input = object(record);
        if (input == null) {
            return new Asked.ForNothing();
        }
        boolean isRight = !isTooLarge(record)
                && isOwn(record, input)
                && input.path("enabled").isBoolean()
                && isAbsentOr(input, "every", node -> isDuration(node, Duration.ofMinutes(1), Duration.ofDays(366)))
                && isAbsentOr(input, "cron", node -> isText(node, 200) && isAbsent(input.path("every")))
                && isAbsentOr(input, "jitter", node -> isDuration(node, Duration.ZERO, Duration.ofDays(1)))
                && isAbsentOr(input, "timezone", JsonNode::isString)
                && isAbsentOr(input, "activeHours", node -> isTimeOfDay(node, "from") && isTimeOfDay(node, "to"))
                && isAbsentOr(input, "misfire", node -> node.isString() && POLICIES.contains(node.asString()))
                && isAbsentOr(input, "budget", node -> isWhole(node.path("tokensPerDay"), 0, MAX_TOKENS))
                && isAbsentOr(input, "model", JsonNode::isString)
                && isAbsentOr(input, "checks", JsonNode::isArray);
        return isRight
                ? new Asked.ForSchedule(Stream.of("cron", "timezone", "activeHours", "model", "checks")
                        .anyMatch(field -> !isAbsent(input.path(field))))
                : new Asked.ForNothing();
    }

    // ---- what holds for all

    private static @Nullable JsonNode object(Seen record) {
        if (AgentId.check(record.key() == null ? null : record.agent()) != null) {
            return null;
        }
        try {
            return ClientJson.object(record.value());
        } catch (ClientJson.UnreadableException e) {
            return null;
        }
    }

    private static @Nullable String id(JsonNode input, String field) {
        String id = input.path(field).isString() ? input.path(field).asString() : null;
        return AgentId.checkPart(field, id) == null ? id : null;
    }

    private static boolean isCommand(Seen record, JsonNode input) {
        byte[] value = record.value();
        return isOwn(record, input)
                && value != null
                && value.length <= MAX_COMMAND
                && isAbsentOr(input, "reason", node -> isText(node, MAX_REASON));
    }

    /** Whether it names no other agent than its key does, and is Unicode. */
    private static boolean isOwn(Seen record, JsonNode input) {
        return isAbsentOr(
                        input,
                        "agentId",
                        node -> node.isString() && node.asString().equals(record.agent()))
                && ClientJson.isUnicode(input);
    }

    private interface Test {
        boolean holds(JsonNode node);
    }

    private static boolean isAbsentOr(JsonNode input, String field, Test test) {
        JsonNode node = input.path(field);
        return isAbsent(node) || test.holds(node);
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static boolean isDuration(JsonNode node, Duration min, Duration max) {
        if (!node.isString() || !DURATION.matcher(node.asString()).matches()) {
            return false;
        }
        try {
            Duration duration = Duration.parse(node.asString());
            return duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static boolean isTimeOfDay(JsonNode hours, String field) {
        return TIME_OF_DAY.matcher(hours.path(field).asString("")).matches();
    }

    private static boolean isText(JsonNode node, int limit) {
        return node.isString() && node.asString().length() <= limit;
    }

    private static boolean isNames(JsonNode checks) {
        if (!checks.isArray()) {
            return false;
        }
        for (JsonNode check : checks) {
            if (!check.isString()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTime(JsonNode node) {
        return isWhole(node, 0, YEAR_10000_MS - 1);
    }

    /** A text of the right shape may still name a day or an hour that there is not. */
    private static boolean isMaybeTime(JsonNode node) {
        return node.isString() && DATE_AND_TIME.matcher(node.asString()).matches();
    }

    private static boolean isWhole(JsonNode node, long min, long max) {
        return node.isNumber()
                && node.canConvertToExactIntegral()
                && node.canConvertToLong()
                && node.asLong() >= min
                && node.asLong() <= max;
    }
}
