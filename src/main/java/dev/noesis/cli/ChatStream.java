package dev.noesis.cli;

import dev.noesis.model.Attempt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The fold of one run's events. Pure.
 *
 * <p>Events may come twice, and from several attempts of a step at once. For each step the highest attempt counts: its first event
 * voids what was shown of lower ones, whose later events are left out. Within an attempt a {@code seq} counts once. A gap, which a
 * worker's death can leave, is passed over.
 *
 * <p><b>Threading.</b> None: its owner calls it from one thread at a time.
 */
final class ChatStream {
    private final Map<Integer, Step> steps = new HashMap<>();

    /** What the event adds; empty where it adds nothing that can be shown. */
    List<ChatUpdate> fold(JsonNode event) {
        String type = event.path("type").asString("");
        if (type.equals("CUSTOM")) {
            return custom(event);
        }
        JsonNode place = event.path("metadata").path("noesis");
        Attempt attempt = attempt(place.path("attempt"));
        if (attempt == null || !place.path("seq").isIntegralNumber()) {
            return List.of();
        }
        int number = place.path("step").asInt(0);
        Step step = steps.get(number);
        boolean restarted = step != null && attempt.compareTo(step.attempt) > 0;
        if (step == null || restarted) {
            boolean shown = step != null && step.shown;
            step = new Step(number, attempt);
            steps.put(number, step);
            List<ChatUpdate> added = step.add(place, type, event);
            return shown ? concat(new ChatUpdate.Restarted(number), added) : added;
        }
        return attempt.equals(step.attempt) ? step.add(place, type, event) : List.of();
    }

    private static List<ChatUpdate> custom(JsonNode event) {
        if (!event.path("name").asString("").equals("noesis.duplicate")) {
            return List.of();
        }
        JsonNode value = event.path("value");
        String outcome = value.path("outcome").asString("");
        return List.of(
                new ChatUpdate.Duplicate(value.path("state").asString("unknown"), outcome.isEmpty() ? null : outcome));
    }

    private static @Nullable Attempt attempt(JsonNode value) {
        boolean two = value.isArray()
                && value.size() == 2
                && value.path(0).isIntegralNumber()
                && value.path(1).isIntegralNumber();
        return two ? new Attempt(value.path(0).asLong(), value.path(1).asLong()) : null;
    }

    private static List<ChatUpdate> concat(ChatUpdate first, List<ChatUpdate> rest) {
        return Stream.concat(Stream.of(first), rest.stream()).toList();
    }

    /** One attempt of one step. */
    private static final class Step {
        private final int number;
        private final Attempt attempt;
        private final Map<String, ToolCall> calls = new HashMap<>();
        private long nextSeq;
        private boolean shown;

        private record ToolCall(String tool, StringBuilder arguments) {}

        Step(int number, Attempt attempt) {
            this.number = number;
            this.attempt = attempt;
        }

        List<ChatUpdate> add(JsonNode place, String type, JsonNode event) {
            long seq = place.path("seq").asLong();
            if (seq < nextSeq) {
                return List.of();
            }
            nextSeq = seq + 1;
            List<ChatUpdate> added = read(type, event);
            shown |= !added.isEmpty();
            return added;
        }

        private List<ChatUpdate> read(String type, JsonNode event) {
            String callId = event.path("toolCallId").asString("");
            return switch (type) {
                case "TEXT_MESSAGE_CONTENT" -> text(event.path("delta").asString(""));
                case "TOOL_CALL_START" -> {
                    calls.put(callId, new ToolCall(event.path("toolCallName").asString("?"), new StringBuilder()));
                    yield List.of();
                }
                case "TOOL_CALL_ARGS" -> {
                    ToolCall call = calls.get(callId);
                    if (call != null) {
                        call.arguments.append(event.path("delta").asString(""));
                    }
                    yield List.of();
                }
                case "TOOL_CALL_END" -> {
                    ToolCall call = calls.get(callId);
                    yield call == null
                            ? List.of()
                            : List.of(new ChatUpdate.ToolCalled(number, callId, call.tool, call.arguments.toString()));
                }
                case "TOOL_CALL_RESULT" ->
                    List.of(new ChatUpdate.ToolReturned(
                            number, callId, event.path("content").asString("")));
                default -> List.of();
            };
        }

        private List<ChatUpdate> text(String delta) {
            return delta.isEmpty() ? List.of() : List.of(new ChatUpdate.Text(number, delta));
        }
    }
}
