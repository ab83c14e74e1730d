package dev.noesis.chaos;

import dev.noesis.model.Lane;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.PreferredLeaderNotAvailableException;

/** What brokers know of the lanes' groups and of the topics. */
final class Groups implements AutoCloseable {
    private final Admin admin;
    private final Topics topics;
    private final int partitions;

    Groups(String bootstrapServers, Topics topics, int partitions) {
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                10_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                30_000));
        this.topics = topics;
        this.partitions = partitions;
    }

    /** Which partitions that worker's chat lane has; empty while the group is being balanced. */
    Set<Integer> partitionsOf(String instanceId) throws InterruptedException, ExecutionException {
        String suffix = instanceId.toLowerCase(Locale.ROOT);
        return describe(Lane.CHAT).members().stream()
                .filter(member -> !suffix.isEmpty()
                        && member.groupInstanceId()
                                .filter(id -> id.contains(suffix))
                                .isPresent())
                .flatMap(member -> member.assignment().topicPartitions().stream())
                .filter(partition -> partition.topic().equals(topics.chatRequests()))
                .map(TopicPartition::partition)
                .collect(Collectors.toSet());
    }

    /** Which partitions of requests, log or replies that broker leads. */
    Set<Integer> partitionsLedBy(int nodeId) throws InterruptedException, ExecutionException {
        Collection<String> names = List.of(topics.chatRequests(), topics.mindLog(), topics.chatReplies());
        return admin.describeTopics(names).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition ->
                        partition.leader() != null && partition.leader().id() == nodeId)
                .map(TopicPartitionInfo::partition)
                .collect(Collectors.toSet());
    }

    boolean isEmpty(Lane lane) throws InterruptedException, ExecutionException {
        return describe(lane).members().isEmpty();
    }

    private ConsumerGroupDescription describe(Lane lane) throws InterruptedException, ExecutionException {
        String group = topics.applicationId(lane);
        return admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get();
    }

    /** Sets the lane's offsets in its input topics, and in the log, that many records back, at most to the beginning. */
    void setBack(Lane lane, long records) throws InterruptedException, ExecutionException {
        String group = topics.applicationId(lane);
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        Map<TopicPartition, OffsetAndMetadata> back = new HashMap<>();
        committed.forEach((partition, offset) ->
                back.put(partition, new OffsetAndMetadata(Math.max(0, offset.offset() - records), offset.metadata())));
        admin.alterConsumerGroupOffsets(group, back).all().get();
    }

    /** Whether both lanes have read all that stands in what they read. */
    boolean areCaughtUp() throws InterruptedException, ExecutionException {
        return isCaughtUp(Lane.CHAT, List.of(topics.chatRequests()))
                && isCaughtUp(Lane.HEARTBEAT, List.of(topics.heartbeatTicks(), topics.agentSignals()));
    }

    private boolean isCaughtUp(Lane lane, List<String> inputs) throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(topics.applicationId(lane))
                .partitionsToOffsetAndMetadata()
                .get();
        Map<TopicPartition, OffsetSpec> latest = inputs.stream()
                .flatMap(this::partitionsOfTopic)
                .collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest()));
        return admin.listOffsets(latest).all().get().entrySet().stream()
                .allMatch(end -> end.getValue().offset() == 0
                        || (committed.get(end.getKey()) != null
                                && committed.get(end.getKey()).offset()
                                        >= end.getValue().offset()));
    }

    private Stream<TopicPartition> partitionsOfTopic(String topic) {
        return IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition));
    }

    /** Makes the next replica the leader of every partition of the deployment. */
    void moveLeaders() throws InterruptedException, ExecutionException {
        Map<TopicPartition, Optional<NewPartitionReassignment>> moved = new HashMap<>();
        List<String> names = topics.specs().stream().map(spec -> spec.name()).toList();
        admin.describeTopics(names)
                .allTopicNames()
                .get()
                .forEach((topic, description) -> description.partitions().forEach(partition -> {
                    List<Integer> replicas = partition.replicas().stream()
                            .map(node -> node.id())
                            .collect(Collectors.toCollection(ArrayList::new));
                    Collections.rotate(replicas, 1);
                    moved.put(
                            new TopicPartition(topic, partition.partition()),
                            Optional.of(new NewPartitionReassignment(replicas)));
                }));
        admin.alterPartitionReassignments(moved).all().get();
        try {
            admin.electLeaders(ElectionType.PREFERRED, moved.keySet()).all().get();
        } catch (ExecutionException e) {
            // those that lead already are told so, and of some the broker is down: neither is a fault
            if (!(e.getCause() instanceof ElectionNotNeededException)
                    && !(e.getCause() instanceof PreferredLeaderNotAvailableException)) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(2));
    }
}
