package dev.noesis.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/** Compares topics as they are with topics as they should be. Pure. */
final class TopicCheck {
    private TopicCheck() {}

    /**
     * A topic as it is.
     *
     * @param settings all of them, the cluster's defaults included
     */
    record Found(int partitions, Map<String, String> settings) {}

    /** What is wrong, in the order of the specs; the partition count of the first topic that is there is what the others are held against. */
    static List<TopicProblem> compare(List<TopicSpec> specs, Map<String, Found> topics) {
        var problems = new ArrayList<TopicProblem>();
        TopicSpec first = null;
        int partitions = 0;
        for (TopicSpec spec : specs) {
            Found found = topics.get(spec.name());
            if (found == null) {
                problems.add(new TopicProblem.Missing(spec.name()));
                continue;
            }
            if (first == null) {
                first = spec;
                partitions = found.partitions();
            } else if (found.partitions() != partitions) {
                problems.add(
                        new TopicProblem.UnequalPartitions(spec.name(), found.partitions(), first.name(), partitions));
            }
            compareSettings(spec, found.settings(), problems);
        }
        return problems;
    }

    private static void compareSettings(TopicSpec spec, Map<String, String> found, List<TopicProblem> problems) {
        String clock = found.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);
        // a lane's outputs are right with either clock; what it reads as input is not
        if (spec.clock() == TopicSpec.Clock.BROKER
                && !spec.clock().timestampType().equals(clock)) {
            problems.add(wrong(
                    spec,
                    TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                    clock,
                    spec.clock().timestampType()));
        }
        String size = found.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        if (size == null || Long.parseLong(size) < TopicSpec.MAX_MESSAGE_BYTES) {
            problems.add(
                    wrong(spec, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, size, TopicSpec.MAX_MESSAGE_BYTES + " or more"));
        }
        String cleanup = found.get(TopicConfig.CLEANUP_POLICY_CONFIG);
        if (!spec.compacted() && cleanup != null && cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            problems.add(wrong(spec, TopicConfig.CLEANUP_POLICY_CONFIG, cleanup, spec.cleanupPolicy()));
        }
    }

    private static TopicProblem wrong(TopicSpec spec, String setting, @Nullable String found, String wanted) {
        return new TopicProblem.WrongSetting(spec.name(), setting, found == null ? "nothing" : found, wanted);
    }
}
