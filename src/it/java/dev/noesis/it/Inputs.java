package dev.noesis.it;

import dev.noesis.serde.Json;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Values of input records, as any client would write them. */
public final class Inputs {
    /** Values that no topic's reader can make sense of. */
    public static final List<String> UNREADABLE = List.of(
            "", "null", "42", "[]", "{}", "not json", "{\"runId\":", "{\"runId\":\"a\",\"runId\":\"b\"}", "\uFEFF");

    private Inputs() {}

    /** A run input of AG-UI with one message. */
    public static ObjectNode chat(String threadId, String runId, String text) {
        ObjectNode input = Json.object().put("threadId", threadId).put("runId", runId);
        input.putArray("messages")
                .addObject()
                .put("id", runId + "-m")
                .put("role", "user")
                .put("content", text);
        return input;
    }

    /** A run input with one of Noesis' own properties. */
    public static ObjectNode chat(String threadId, String runId, String text, String property, Object value) {
        ObjectNode input = chat(threadId, runId, text);
        input.putObject("forwardedProps").putObject("noesis").putPOJO(property, value);
        return input;
    }

    public static ObjectNode cancel(String threadId, String runId) {
        return Json.object()
                .put("type", "cancel")
                .put("threadId", threadId)
                .put("runId", runId)
                .put("reason", "enough");
    }

    public static ObjectNode tick(String tickId) {
        return Json.object().put("tickId", tickId).put("reason", "wake");
    }

    public static ObjectNode signal(String signalId, String summary, String urgency) {
        return Json.object()
                .put("signalId", signalId)
                .put("source", "its")
                .put("summary", summary)
                .put("urgency", urgency)
                .put("needsAction", true);
    }
}
