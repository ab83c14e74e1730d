package dev.noesis.bench.llm;

import dev.noesis.serde.Json;

/** The request of the clients that write none themselves. */
final class Requests {
    private Requests() {}

    static String messages(String model) {
        var request = Json.object()
                .put("model", model)
                .put("max_tokens", Peer.Settings.MAX_TOKENS)
                .put("stream", true);
        request.putArray("messages").addObject().put("role", "user").put("content", Peer.Settings.PROMPT);
        return request.toString();
    }
}
