package dev.noesis.bench.llm;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What was measured, by workload and client, one result a round. */
final class Results {
    private final Map<String, Map<Peer.Kind, List<JsonNode>>> byWorkload = new LinkedHashMap<>();

    void add(Peer.Kind client, String workload, JsonNode result) {
        byWorkload
                .computeIfAbsent(workload, w -> new EnumMap<>(Peer.Kind.class))
                .computeIfAbsent(client, c -> new ArrayList<>())
                .add(result);
    }

    Set<String> workloads() {
        return byWorkload.keySet();
    }

    List<JsonNode> rounds(String workload, Peer.Kind client) {
        return byWorkload.getOrDefault(workload, Map.of()).getOrDefault(client, List.of());
    }

    /** The median over the rounds; NaN where the figure was not measured. */
    double median(String workload, Peer.Kind client, String figure) {
        double[] sorted = values(workload, client, figure);
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** The worst of the rounds, for what must not be at all. */
    double most(String workload, Peer.Kind client, String figure) {
        double[] sorted = values(workload, client, figure);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1];
    }

    private double[] values(String workload, Peer.Kind client, String figure) {
        return rounds(workload, client).stream()
                .map(result -> result.path(figure))
                .filter(JsonNode::isNumber)
                .mapToDouble(JsonNode::asDouble)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
    }
}
