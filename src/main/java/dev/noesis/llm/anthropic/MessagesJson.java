package dev.noesis.llm.anthropic;

import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** The factory of all parsers and generators here; its buffers are kept per thread, for event loops are few and busy. */
final class MessagesJson {
    static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .build();

    private MessagesJson() {}
}
