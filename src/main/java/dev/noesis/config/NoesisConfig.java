package dev.noesis.config;

import dev.noesis.model.Lane;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a worker is told.
 *
 * @param kafka properties for every Kafka client, {@code bootstrap.servers} and security among them; may hold secrets
 * @param deployment prefixes topics, application ids and instance ids, with a dot; empty for none
 * @param partitions of each topic, where topics are created
 * @param replicationFactor of each topic, where topics are created; 0 means min(3, brokers)
 * @param stateDir where stores and the instance id are kept; one worker at a time
 * @param instanceId names this worker; null: made once and kept in {@code stateDir}
 * @param store what the stores may use
 * @param lanes which lanes the worker runs
 * @param http where it serves its health and its metrics
 */
public record NoesisConfig(
        Map<String, String> kafka,
        String deployment,
        int partitions,
        int replicationFactor,
        Path stateDir,
        @Nullable String instanceId,
        StoreConfig store,
        Set<Lane> lanes,
        HttpConfig http,
        RunConfig run,
        LaneConfig chat,
        LaneConfig heartbeat,
        HeartbeatConfig beat) {

    static final Range PARTITIONS = new Range(1, 10_000);
    static final Range REPLICATION_FACTOR = new Range(0, 100);

    /** @throws IllegalArgumentException that names the first key whose value is not legal, and what is */
    public NoesisConfig {
        Legal.NAME_PART_OR_NOTHING.check(Keys.DEPLOYMENT, deployment);
        PARTITIONS.check(Keys.PARTITIONS, partitions);
        REPLICATION_FACTOR.check(Keys.REPLICATION_FACTOR, replicationFactor);
        if (instanceId != null) {
            Legal.NAME_PART.check(Keys.INSTANCE_ID, instanceId);
        }
        if (lanes.isEmpty()) {
            throw new IllegalArgumentException(Keys.LANES + " must be one or more of chat, heartbeat");
        }
        if (chat.lane() != Lane.CHAT || heartbeat.lane() != Lane.HEARTBEAT) {
            throw new IllegalArgumentException("the lanes' configurations are exchanged");
        }
        if (beat.isolation() == HeartbeatConfig.Isolation.SHARED && lanes.equals(Set.of(Lane.HEARTBEAT))) {
            throw new IllegalArgumentException(
                    "heartbeat.llm.isolation=shared borrows the chat lane's model client, so lanes must name both");
        }
        kafka = Map.copyOf(kafka);
        lanes = Set.copyOf(lanes);
    }

    public LaneConfig lane(Lane lane) {
        return switch (lane) {
            case CHAT -> chat;
            case HEARTBEAT -> heartbeat;
        };
    }

    /** The same where the heartbeat lane borrows the chat lane's model clients: it asks for models that their servers have. */
    public NoesisConfig withBorrowedClients() {
        return new NoesisConfig(
                kafka,
                deployment,
                partitions,
                replicationFactor,
                stateDir,
                instanceId,
                store,
                lanes,
                http,
                run,
                chat,
                heartbeat.borrowing(chat),
                beat);
    }

    @Override
    public String toString() {
        return "NoesisConfig[deployment=" + deployment + ", stateDir=" + stateDir + ", lanes=" + lanes + "]";
    }
}
