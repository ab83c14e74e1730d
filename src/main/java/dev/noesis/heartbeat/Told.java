package dev.noesis.heartbeat;

import dev.noesis.mind.Attention;
import dev.noesis.run.Desk;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/** What the lane tells the world, in the task's transaction. StreamThread only. */
final class Told {
    private final Desk desk;
    private final Scheduler scheduler;

    Told(Desk desk, Scheduler scheduler) {
        this.desk = desk;
        this.scheduler = scheduler;
    }

    /** What came of a tick. */
    void outcome(String agent, String tickId, ObjectNode outcome) {
        Long next = scheduler.dueAt(agent);
        if (next != null) {
            outcome.put("nextDueAt", Instant.ofEpochMilli(next).toString());
        }
        send(HeartbeatTopology.OUTCOMES_SINK, agent, tickId, "outcome", Json.write(outcome));
    }

    /** What a human should see. */
    void attention(String agent, Attention attention) {
        send(
                HeartbeatTopology.ATTENTION_SINK,
                agent,
                attention.attentionId(),
                "attention",
                Outcomes.attention(attention));
    }

    private void send(String sink, String agent, String id, String type, byte[] json) {
        desk.send(
                sink,
                agent,
                json,
                CloudEvents.headers(
                        id,
                        "dev.noesis.heartbeat." + type,
                        "noesis/heartbeat",
                        agent,
                        desk.now(),
                        CloudEvents.traceparent(agent, id)));
    }
}
