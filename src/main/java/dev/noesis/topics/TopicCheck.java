package dev.noesis.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /** What is wrong: what is missing, unequal counts, and then each setting in the order of the specs. */
    static List<TopicProblem> compare(List<TopicSpec> specs, Map<String, Found> topics) {
        var problems = new ArrayList<TopicProblem>();
        var missing = new ArrayList<String>();
        var byCount = new TreeMap<Integer, List<String>>();
        var settings = new ArrayList<TopicProblem>();
        for (TopicSpec spec : specs) {
            Found found = topics.get(spec.name());
            if (found == null) {
                missing.add(spec.name());
            } else {
                byCount.computeIfAbsent(found.partitions(), _ -> new ArrayList<>())
                        .add(spec.name());
                compareSettings(spec, found.settings(), settings);
            }
        }
        if (!missing.isEmpty()) {
            problems.add(new TopicProblem.Missing(missing));
        }
        if (byCount.size() > 1) {
            problems.add(new TopicProblem.UnequalPartitions(byCount));
        }
        problems.addAll(settings);
        return problems;
    }

    /** What is legal and may surprise later, a sentence each. */
    static List<String> notes(List<TopicSpec> specs, Map<String, Found> topics) {
        var notes = new ArrayList<String>();
        for (TopicSpec spec : specs) {
            Found found = topics.get(spec.name());
            if (spec.retention() == null && found != null) {
                note(spec, TopicConfig.RETENTION_MS_CONFIG, found, notes);
                note(spec, TopicConfig.RETENTION_BYTES_CONFIG, found, notes);
            }
        }
        return notes;
    }

    private static void note(TopicSpec spec, String setting, Found found, List<String> notes) {
        String value = found.settings().get(setting);
        if (value != null && !value.equals("-1")) {
            notes.add(spec.name() + " has " + setting + "=" + value
                    + ": what is older is dropped, and can neither be folded anew nor verified");
        }
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
