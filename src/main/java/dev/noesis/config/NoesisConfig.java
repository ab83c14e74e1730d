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
 * @param lanes which lanes the worker runs
 */
public record NoesisConfig(
        Map<String, String> kafka,
        String deployment,
        int partitions,
        int replicationFactor,
        Path stateDir,
        @Nullable String instanceId,
        Set<Lane> lanes,
        RunConfig run,
        LaneConfig chat,
        LaneConfig heartbeat,
        HeartbeatConfig beat) {

    public NoesisConfig {
        kafka = Map.copyOf(kafka);
        lanes = Set.copyOf(lanes);
    }

    public LaneConfig lane(Lane lane) {
        return switch (lane) {
            case CHAT -> chat;
            case HEARTBEAT -> heartbeat;
        };
    }

    @Override
    public String toString() {
        return "NoesisConfig[deployment=" + deployment + ", stateDir=" + stateDir + ", lanes=" + lanes + "]";
    }
}
