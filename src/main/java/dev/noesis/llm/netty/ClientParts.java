package dev.noesis.llm.netty;

import dev.noesis.llm.wire.WireFormat;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a call needs of its client.
 *
 * @param calls those that have not ended
 * @param acquireMs how long a call waits for a connection
 */
record ClientParts(
        WireFormat format,
        Endpoint endpoint,
        ConnectionPool pool,
        Connector connector,
        ClientCounters counters,
        Set<Exchange> calls,
        long acquireMs,
        int maxAnswerBytes,
        BooleanSupplier isClosed) {

    boolean closed() {
        return isClosed.getAsBoolean();
    }
}
