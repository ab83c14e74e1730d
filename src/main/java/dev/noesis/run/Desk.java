package dev.noesis.run;

import dev.noesis.mind.Cognition;
import dev.noesis.model.MindEvent;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** What a {@link LaneFront} may do: read cognition, decide effects, and write to the lane's transactional sinks. */
public interface Desk {
    Cognition cognition();

    /** Wall-clock time, epoch milliseconds. For due times and for people; nothing folded may depend on it. */
    long now();

    int partition();

    /** Offset of the last event that is folded into {@link #cognition()}: what a decision made now is based on. */
    long folded();

    /** The fold's clock at that event: the highest append time so far, epoch milliseconds. */
    long foldedAt();

    /** Puts the append into the outbox and hands it over. */
    void append(String agent, MindEvent event, long dueAt);

    /** Takes an append back that is not due yet. */
    void withdraw(String agent, String eventId);

    /** Whether that append is in the outbox. */
    boolean isPending(String agent, String eventId);

    /** Writes to one of the lane's sinks, in the task's transaction. */
    void send(String sink, String agent, byte[] value, Headers headers);

    /** The same with a key and a value as they came, either of which may be null. */
    void sendAsItCame(String sink, byte @Nullable [] key, byte @Nullable [] value, Headers headers);

    /** Publishes a provisional event on the lane's events topic, outside of the transaction. */
    void publish(StreamEvent event);
}
