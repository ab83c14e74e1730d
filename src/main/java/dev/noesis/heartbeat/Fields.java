package dev.noesis.heartbeat;

import dev.noesis.model.AgentId;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields of an object that a stranger wrote, each as the contract wants it. One that is null is one that is not there. */
record Fields(JsonNode body) {
    /** 9999-12-31T23:59:59.999Z: the last that ISO 8601 writes with four digits. */
    private static final long MAX_EPOCH_MS = 253_402_300_799_999L;

    /** What {@link Instant#parse} takes is more than the contract does: other offsets, and years of ten digits. */
    private static final Pattern INSTANT =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z");

    /** The same of {@link Duration#parse}: signs, and fractions of seconds. */
    private static final Pattern DURATION =
            Pattern.compile("P(?=[0-9T])([0-9]{1,9}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?");

    /** A field breaks the contract; the message names it. */
    static final class WrongException extends Exception {
        private static final long serialVersionUID = 1;

        WrongException(String message) {
            super(message);
        }
    }

    boolean has(String field) {
        return !isAbsent(body.path(field));
    }

    /** An object in this one, which is there. */
    Fields object(String field) throws WrongException {
        if (!body.path(field).isObject()) {
            throw new WrongException(field + " is an object");
        }
        return new Fields(body.path(field));
    }

    String id(String field) throws WrongException {
        String id = body.path(field).isString() ? body.path(field).asString() : null;
        String wrong = AgentId.checkPart(field, id);
        if (id == null || wrong != null) {
            throw new WrongException(String.valueOf(wrong));
        }
        return id;
    }

    String text(String field, String otherwise) throws WrongException {
        JsonNode node = body.path(field);
        if (isAbsent(node)) {
            return otherwise;
        }
        if (!node.isString()) {
            throw new WrongException(field + " is a text");
        }
        return node.asString();
    }

    boolean truth(String field, boolean otherwise) throws WrongException {
        JsonNode node = body.path(field);
        if (!isAbsent(node) && !node.isBoolean()) {
            throw new WrongException(field + " is true or false");
        }
        return node.isBoolean() ? node.asBoolean() : otherwise;
    }

    /** A whole number; null where it is not there. */
    @Nullable
    Long whole(String field, long min, long max) throws WrongException {
        JsonNode node = body.path(field);
        if (isAbsent(node)) {
            return null;
        }
        if (!isWhole(node, min, max)) {
            throw new WrongException(field + " is a whole number from " + min + " to " + max);
        }
        return node.asLong();
    }

    /** Epoch milliseconds. */
    long time(String field, long otherwise) throws WrongException {
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
        throw new WrongException(field + " is an ISO 8601 instant in UTC or epoch milliseconds");
    }

    /** Of days to seconds; null where it is not there. */
    @Nullable
    Duration duration(String field, Duration min, Duration max) throws WrongException {
        JsonNode node = body.path(field);
        if (isAbsent(node)) {
            return null;
        }
        Duration duration =
                node.isString() && DURATION.matcher(node.asString()).matches() ? Duration.parse(node.asString()) : null;
        if (duration == null || duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new WrongException(field + " is an ISO 8601 duration in whole seconds from " + min + " to " + max);
        }
        return duration;
    }

    private static boolean isWhole(JsonNode node, long min, long max) {
        return node.isNumber()
                && node.canConvertToExactIntegral()
                && node.canConvertToLong()
                && node.asLong() >= min
                && node.asLong() <= max;
    }

    static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
