package dev.noesis.mind;

import dev.noesis.mind.Memory.Failure;
import dev.noesis.mind.RunState.Failed;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;

/** The fold of an agent's failed runs: the newest are kept, for a time. */
final class FailureFold {
    private static final int MAX_FAILURES = 20;
    private static final long KEPT_MS = 7L * 24 * 60 * 60 * 1000;

    /** Of a message, in characters. */
    private static final int MAX_MESSAGE = 1_000;

    private final MindStore store;
    private final Expiries expiries;

    FailureFold(MindStore store, Expiries expiries) {
        this.store = store;
        this.expiries = expiries;
    }

    /** One run at most fails by one event: its offset names the failure. */
    void keep(String agent, Run run, Failed failed, long offset, long now) {
        forgetOldest(agent);
        String key = Keys.failure(agent, offset);
        store.put(key, new Failure(run.runId(), run.threadId(), run.lane(), failed.code(), cut(failed.message()), now));
        expiries.entryAt(now + KEPT_MS, key);
    }

    private void forgetOldest(String agent) {
        record Known(String key, Failure failure) {}
        List<Known> known = new ArrayList<>();
        store.scan(Keys.failures(agent), (key, value) -> known.add(new Known(key, Json.read(value, Failure.class))));
        if (known.size() == MAX_FAILURES) {
            Known oldest = known.getFirst();
            expiries.withdraw(oldest.failure().failedAt() + KEPT_MS, oldest.key());
            store.delete(oldest.key());
        }
    }

    /** Between characters, not within one that takes two places. */
    private static String cut(String message) {
        if (message.length() <= MAX_MESSAGE) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(MAX_MESSAGE - 1)) ? MAX_MESSAGE - 1 : MAX_MESSAGE;
        return message.substring(0, end) + "…";
    }
}
