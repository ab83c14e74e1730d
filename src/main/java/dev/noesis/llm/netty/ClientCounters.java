package dev.noesis.llm.netty;

import java.util.concurrent.atomic.LongAdder;

/**
 * What a client counts beside its calls' outcomes.
 *
 * <p><b>Threading.</b> Any.
 */
final class ClientCounters {
    final LongAdder opened = new LongAdder();
    final LongAdder reused = new LongAdder();
    final LongAdder freeRetries = new LongAdder();
    final LongAdder missingTerminalEvents = new LongAdder();
    final LongAdder rests = new LongAdder();
}
