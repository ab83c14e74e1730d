package dev.noesis.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Fault} of YAML; the format is {@link Script}'s. */
final class FaultReader {
    private static final List<String> NAMES = List.of(
            "hang_before_headers",
            "hang_mid_stream",
            "reset",
            "cut",
            "stream_error",
            "status",
            "malformed_event",
            "split_characters",
            "huge");
    private static final int MOST_EVENTS = 10_000_000;
    private static final int MOST_CHARACTERS = 100_000_000;
    private static final int MIB = 1024 * 1024;
    private static final String MALFORMED = "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":";

    private FaultReader() {}

    static Fault read(YamlNode node) {
        if (!node.isMap()) {
            return fault(node.oneOf(NAMES.toArray(String[]::new)), null, Map.of(), node);
        }
        List<String> keys = new ArrayList<>(NAMES);
        keys.addAll(
                List.of("after", "clean", "error", "message", "retry_after", "retry_after_ms", "should_retry", "data"));
        Map<String, YamlNode> fields = node.fields(keys.toArray(String[]::new));
        List<String> names = fields.keySet().stream().filter(NAMES::contains).toList();
        if (names.size() != 1) {
            throw node.wrong("one of " + String.join(", ", NAMES) + " is expected, not " + names.size() + " of them");
        }
        return fault(names.getFirst(), fields.get(names.getFirst()), fields, node);
    }

    /** @param value of the name; null where it stands alone */
    private static Fault fault(String name, @Nullable YamlNode value, Map<String, YamlNode> fields, YamlNode node) {
        return switch (name) {
            case "hang_before_headers" -> {
                only(name, value, fields);
                yield new Fault.HangBeforeHeaders();
            }
            case "hang_mid_stream" -> {
                only(name, null, fields, "after");
                yield new Fault.HangMidStream(after(value, fields));
            }
            case "reset" -> {
                only(name, null, fields, "after");
                yield new Fault.Reset(after(value, fields));
            }
            case "cut" -> {
                only(name, null, fields, "after", "clean");
                YamlNode clean = fields.get("clean");
                yield new Fault.Cut(after(value, fields), clean != null && clean.truth());
            }
            case "stream_error" -> {
                only(name, null, fields, "after", "message");
                String type = value == null || value.isBare() ? "overloaded_error" : value.text();
                YamlNode message = fields.get("message");
                int status = ApiError.statusOf(type);
                yield new Fault.StreamError(
                        after(null, fields),
                        ApiError.of(status, type, message == null ? ApiError.messageOf(status) : message.text()));
            }
            case "status" -> {
                only(name, null, fields, "error", "message", "retry_after", "retry_after_ms", "should_retry");
                if (value == null) {
                    throw node.wrong("status needs a value, such as {status: 529}");
                }
                yield new Fault.Status(error(value.wholeNumber(400, 599), fields));
            }
            case "malformed_event" -> {
                only(name, null, fields, "after", "data");
                YamlNode data = fields.get("data");
                yield new Fault.MalformedEvent(after(value, fields), data == null ? MALFORMED : data.text());
            }
            case "split_characters" -> {
                only(name, value, fields);
                yield new Fault.SplitCharacters();
            }
            case "huge" -> {
                only(name, null, fields);
                yield new Fault.Huge(value == null || value.isBare() ? MIB : value.wholeNumber(1, MOST_CHARACTERS));
            }
            default -> throw node.wrong("no fault is named " + name);
        };
    }

    private static ApiError error(int status, Map<String, YamlNode> fields) {
        YamlNode error = fields.get("error");
        YamlNode message = fields.get("message");
        YamlNode retryAfter = fields.get("retry_after");
        YamlNode retryAfterMs = fields.get("retry_after_ms");
        YamlNode shouldRetry = fields.get("should_retry");
        return new ApiError(
                status,
                error == null ? ApiError.typeOf(status) : error.text(),
                message == null ? ApiError.messageOf(status) : message.text(),
                retryAfter == null ? null : retryAfter.text(),
                retryAfterMs == null ? null : (long) retryAfterMs.wholeNumber(0, Integer.MAX_VALUE),
                shouldRetry == null ? null : shouldRetry.truth());
    }

    private static @Nullable Integer after(@Nullable YamlNode value, Map<String, YamlNode> fields) {
        YamlNode after = fields.get("after");
        if (after != null) {
            return after.wholeNumber(0, MOST_EVENTS);
        }
        return value == null || value.isBare() ? null : value.wholeNumber(0, MOST_EVENTS);
    }

    /** Refuses keys that another fault has, and a value where the name has none. */
    private static void only(String name, @Nullable YamlNode value, Map<String, YamlNode> fields, String... allowed) {
        if (value != null && !value.isBare()) {
            throw value.wrong("takes no value");
        }
        fields.forEach((key, field) -> {
            if (!key.equals(name) && !List.of(allowed).contains(key)) {
                throw field.wrong("does not belong to " + name
                        + (allowed.length == 0
                                ? ", which has no further keys"
                                : ", which has " + String.join(", ", allowed)));
            }
        });
    }
}
