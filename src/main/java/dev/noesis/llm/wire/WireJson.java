package dev.noesis.llm.wire;

import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** The factory of all parsers and generators of the wire formats; its buffers are kept per thread, for event loops are few and busy. */
public final class WireJson {
    public static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .build();

    private WireJson() {}
}
