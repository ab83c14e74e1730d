package dev.noesis.run;

import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import org.jspecify.annotations.Nullable;

/** Makes the decisions of a lane. Their ids are derived from what they decide, so that the same decision has the same id. */
public final class Events {
    private final Lane lane;
    private final Origin origin;

    /** @param origin of the lane's decisions */
    public Events(Lane lane, Origin origin) {
        this.lane = lane;
        this.origin = origin;
    }

    public MindEvent opened(String runId, String threadId, MindEvent.RunOpened opened) {
        return decision(openedId(runId), runId, threadId, opened);
    }

    public MindEvent cancelled(String runId, String threadId, String reason) {
        return decision(runId + "/cancelled", runId, threadId, new MindEvent.RunCancelled(reason));
    }

    public MindEvent expired(String runId, String threadId, long deadlineAt) {
        return decision(expiryId(runId), runId, threadId, new MindEvent.RunExpired(deadlineAt));
    }

    /** A decision that belongs to no run. */
    public MindEvent decision(String id, MindEvent.Body body) {
        return decision(id, null, null, body);
    }

    public static String openedId(String runId) {
        return runId + "/opened";
    }

    public static String expiryId(String runId) {
        return runId + "/expired";
    }

    private MindEvent decision(String id, @Nullable String runId, @Nullable String threadId, MindEvent.Body body) {
        return new MindEvent(id, 0, lane, runId, threadId, origin, null, body);
    }
}
