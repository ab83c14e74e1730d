package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.noesis.mind.Fold;
import dev.noesis.model.Lane;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StreamFailureTest {

    static Stream<Arguments> lasting() {
        return Stream.of(
                arguments(
                        new Fold.StoppedException("mind.log has a gap: offset 7 should come next, and 9 came"),
                        "mind.log has a gap: offset 7 should come next, and 9 came"),
                arguments(
                        new FencedInstanceIdException("rejected"),
                        "another worker has taken the place of this one in the chat lane's group: both have the"
                                + " instance.id w1; give each worker an instance.id of its own"),
                arguments(
                        new TransactionalIdAuthorizationException("Transactional Id authorization failed."),
                        "the brokers do not allow the chat lane what it needs: Transactional Id authorization failed."),
                arguments(
                        new GroupAuthorizationException("Not authorized to access group: noesis-chat"),
                        "the brokers do not allow the chat lane what it needs: Not authorized to access group: noesis-chat"),
                arguments(
                        new TopicAuthorizationException("Not authorized to access topics: [mind.log]"),
                        "the brokers do not allow the chat lane what it needs: Not authorized to access topics: [mind.log]"),
                arguments(
                        new SaslAuthenticationException("Authentication failed"),
                        "the brokers do not know the chat lane: Authentication failed"),
                arguments(
                        new MissingSourceTopicException("One or more source topics were missing"),
                        "a topic that the chat lane reads is gone: One or more source topics were missing"),
                arguments(
                        new StreamsException(
                                "Existing internal topic c has invalid partitions: expected: 4; actual: 2."),
                        "the topics have another number of partitions than when the chat lane last ran; go back to it,"
                                + " or use another deployment: Existing internal topic c has invalid partitions:"
                                + " expected: 4; actual: 2."));
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void whatANewThreadWouldRunIntoAgainIsSaidAndNotTried(Throwable failure, String sentence) {
        assertThat(StreamFailure.whyNotReplaced(failure, Lane.CHAT, "w1")).contains(sentence);
        assertThat(StreamFailure.whyNotReplaced(
                        new StreamsException("in process", new RuntimeException(failure)), Lane.CHAT, "w1"))
                .contains(sentence);
    }

    static Stream<Throwable> passing() {
        return Stream.of(
                new TimeoutException("no broker"),
                new StreamsException("a producer was fenced"),
                new TaskCorruptedException(Set.of()),
                new IllegalStateException("a bug"),
                new RuntimeException((String) null));
    }

    @ParameterizedTest
    @MethodSource("passing")
    void whatMayPassIsLeftToANewThread(Throwable failure) {
        assertThat(StreamFailure.whyNotReplaced(failure, Lane.HEARTBEAT, "w1")).isEqualTo(Optional.empty());
    }
}
