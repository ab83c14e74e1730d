package dev.noesis.demo;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/**
 * The nodes of a cluster on one machine, as one of them sees it. All are brokers and controllers, and vote; which ports
 * their controllers have is chosen before the first starts, since each has to know the others'.
 *
 * @param clusterId the same for all; what {@link #newClusterId} gives
 * @param nodeId the node that sees it so
 * @param controllerPorts of all nodes, by their ids
 */
public record Quorum(String clusterId, int nodeId, SortedMap<Integer, Integer> controllerPorts) {
    private static final int ONLY_NODE = 1;

    public Quorum {
        controllerPorts = new TreeMap<>(controllerPorts);
        if (!controllerPorts.containsKey(nodeId)) {
            throw new IllegalArgumentException("node " + nodeId + " is none of " + controllerPorts.keySet());
        }
    }

    /** An id for a new cluster. */
    public static String newClusterId() {
        return Uuid.randomUuid().toString();
    }

    /** A new cluster of one node. */
    static Quorum ofOne(int controllerPort) {
        return new Quorum(newClusterId(), ONLY_NODE, new TreeMap<>(Map.of(ONLY_NODE, controllerPort)));
    }

    int size() {
        return controllerPorts.size();
    }

    int controllerPort() {
        return controllerPorts.getOrDefault(nodeId, 0);
    }

    /** As {@code controller.quorum.voters} has it. */
    String voters(String host) {
        return controllerPorts.entrySet().stream()
                .map(node -> node.getKey() + "@" + host + ":" + node.getValue())
                .collect(Collectors.joining(","));
    }
}
