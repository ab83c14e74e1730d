package dev.noesis.worker;

import dev.noesis.mind.Fold;
import dev.noesis.model.Lane;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.errors.MissingInternalTopicsException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;

/** Tells failures of a StreamThread that a new thread mends from those that it would only run into again. */
final class StreamFailure {
    /** Kafka Streams has no exception of its own for it. */
    private static final String OTHER_PARTITIONS = "has invalid partitions";

    private StreamFailure() {}

    /** Why the lane cannot go on, in a sentence for its operator; empty where a new thread may do better. */
    static Optional<String> whyNotReplaced(Throwable failure, Lane lane, String instanceId) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .flatMap(cause -> sentence(cause, lane.id(), instanceId).stream())
                .findFirst();
    }

    private static Optional<String> sentence(Throwable cause, String lane, String instanceId) {
        String said = String.valueOf(cause.getMessage());
        return switch (cause) {
            case Fold.StoppedException stopped -> Optional.of(said);
            case FencedInstanceIdException fenced ->
                Optional.of("another worker has taken the place of this one in the " + lane
                        + " lane's group: both have the instance.id " + instanceId
                        + "; give each worker an instance.id of its own");
            case AuthorizationException refused ->
                Optional.of("the brokers do not allow the " + lane + " lane what it needs: " + said);
            case AuthenticationException refused ->
                Optional.of("the brokers do not know the " + lane + " lane: " + said);
            case MissingSourceTopicException gone ->
                Optional.of("a topic that the " + lane + " lane reads is gone: " + said);
            case MissingInternalTopicsException gone ->
                Optional.of("the changelog of the " + lane + " lane is gone: " + said);
            case StreamsException other
            when said.contains(OTHER_PARTITIONS) ->
                Optional.of("the topics have another number of partitions than when the " + lane
                        + " lane last ran; go back to it, or use another deployment: " + said);
            default -> Optional.empty();
        };
    }
}
