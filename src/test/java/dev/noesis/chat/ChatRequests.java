package dev.noesis.chat;

import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Requests as a client of the chat lane writes them, and what it looks at in the replies. */
final class ChatRequests {
    static final Topics TOPICS = new Topics("");
    static final String REQUESTS = TOPICS.chatRequests();
    static final String REPLIES = TOPICS.chatReplies();

    private ChatRequests() {}

    /** A run of thread t1. */
    static ObjectNode request(String runId) {
        return request("t1", runId);
    }

    static ObjectNode request(String threadId, String runId) {
        ObjectNode request = Json.object().put("threadId", threadId).put("runId", runId);
        request.putArray("messages").addObject().put("role", "user").put("content", "hello from " + runId);
        return request;
    }

    /** The request with one of Noesis' own properties. */
    static ObjectNode with(ObjectNode request, String property, Object value) {
        request.withObject("forwardedProps").withObject("noesis").putPOJO(property, value);
        return request;
    }

    static ObjectNode cancel(String runId) {
        return Json.object().put("type", "cancel").put("threadId", "t1").put("runId", runId);
    }

    static ObjectNode delete() {
        return Json.object().put("type", "delete");
    }

    /** The replies since the last look: each run with its outcome's type or its error's code. */
    static List<String> replies(TestLane lane) {
        return lane.written(REPLIES).stream()
                .map(reply -> reply.path("runId").asString() + " " + outcome(reply))
                .toList();
    }

    private static String outcome(JsonNode reply) {
        JsonNode outcome = reply.at("/outcome/type");
        return outcome.isString() ? outcome.asString() : reply.path("code").asString();
    }

    /** The notes to clients since the last look: each with its run and the state that it tells. */
    static List<String> notes(TestLane lane) {
        return lane.streamed().stream()
                .filter(event -> event.path("type").asString().equals("CUSTOM"))
                .map(event -> event.path("name").asString() + " "
                        + event.path("runId").asString() + " "
                        + event.at("/value/state").asString())
                .toList();
    }
}
