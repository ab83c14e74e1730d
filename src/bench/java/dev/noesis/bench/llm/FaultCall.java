package dev.noesis.bench.llm;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One call whose answer goes wrong: what the client tells of it, and when. */
final class FaultCall {
    /** A client that told nothing by then never does: four times the limit that it was given. */
    static final Duration PATIENCE = ClientProcess.SILENCE.multipliedBy(4);

    private FaultCall() {}

    static void make(Peer peer, String fault, ObjectNode result) throws Exception {
        var told = new CompletableFuture<String>();
        long begun = System.nanoTime();
        peer.ask(fault, new Peer.Ear() {
            @Override
            public void text(String delta) {}

            @Override
            public void end(@Nullable String failure) {
                told.complete(failure == null ? "success" : failure);
            }
        });
        try {
            result.put("told", told.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
            result.put("afterMs", (System.nanoTime() - begun) / 1_000_000);
        } catch (TimeoutException e) {
            result.put("told", "nothing");
        }
    }
}
