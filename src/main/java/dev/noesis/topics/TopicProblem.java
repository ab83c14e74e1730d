package dev.noesis.topics;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Why the topics cannot be used as they are. */
public sealed interface TopicProblem {

    /** The problem in one sentence, and what to do about it where that is known. */
    String sentence();

    /**
     * No broker answered.
     *
     * @param security the value of {@code security.protocol}: a listener of another kind does not answer either
     */
    record Unreachable(String servers, Duration waited, String security) implements TopicProblem {
        @Override
        public String sentence() {
            return "no broker answered at %s within %d s; is one there, and does it speak %s (kafka.security.protocol)?"
                    .formatted(servers, waited.toSeconds(), security);
        }
    }

    /** No name among the bootstrap servers has an address. */
    record Unresolvable(String servers) implements TopicProblem {
        @Override
        public String sentence() {
            return "bootstrap.servers is " + servers + ", and no name in it can be resolved to an address";
        }
    }

    /** The cluster, or the client's configuration, does not let us. */
    record Refused(String servers, String reason) implements TopicProblem {
        @Override
        public String sentence() {
            return "the brokers at " + servers + " cannot be asked: " + reason;
        }
    }

    /**
     * Topics that are not there.
     *
     * @param topics one or more
     */
    record Missing(List<String> topics) implements TopicProblem {
        @Override
        public String sentence() {
            return topics.size() == 1
                    ? "the topic " + topics.getFirst() + " is missing; `noesis topics create` makes it"
                    : topics.size() + " topics are missing, " + listed(topics) + "; `noesis topics create` makes them";
        }
    }

    /**
     * The topics have not the same partition count, so an agent would live in different partitions of them.
     *
     * @param topics by the count that they have
     */
    record UnequalPartitions(SortedMap<Integer, List<String>> topics) implements TopicProblem {
        @Override
        public String sentence() {
            return topics.entrySet().stream()
                            .map(each -> listed(each.getValue())
                                    + (each.getValue().size() == 1 ? " has " : " have ")
                                    + count(each.getKey()))
                            .collect(Collectors.joining(", "))
                    + "; all topics of a deployment must have as many";
        }
    }

    /** The topics have not the partition count that they had when a lane last ran. */
    record ChangedPartitions(String changelog, int before, int now) implements TopicProblem {
        @Override
        public String sentence() {
            return "the topics had %s when the lane of %s last ran, and have %d now: agents would be looked for where their memory is not. Go back to topics with %s, or use another deployment"
                    .formatted(count(before), changelog, now, count(before));
        }
    }

    /** A lane's changelog is gone, and its group's offsets are not. */
    record ChangelogGone(String changelog, String group) implements TopicProblem {
        @Override
        public String sentence() {
            return ("%s is missing, and the group %s has read on: what its lane knows cannot be restored. Bring the topic back;"
                            + " or remove the group and the lane's state directories, and the lane folds mind.log from its"
                            + " beginning, and writes the replies of all runs in it again")
                    .formatted(changelog, group);
        }
    }

    /** A topic that is there has not the partition count that was asked for. */
    record OtherPartitions(String topic, int partitions, int wanted) implements TopicProblem {
        @Override
        public String sentence() {
            return "%s has %s already, and topics.partitions asks for %d; set topics.partitions=%d, or use another deployment"
                    .formatted(topic, count(partitions), wanted, partitions);
        }
    }

    /** More replicas are asked for than there are brokers. */
    record TooFewBrokers(int brokers, int wanted) implements TopicProblem {
        @Override
        public String sentence() {
            return "topics.replication.factor is %d, and %s; nothing was made"
                    .formatted(wanted, brokers == 1 ? "there is 1 broker" : "there are " + brokers + " brokers");
        }
    }

    /** A setting of a topic is one that Noesis cannot work with. */
    record WrongSetting(String topic, String setting, String found, String wanted) implements TopicProblem {
        @Override
        public String sentence() {
            return "%s has %s=%s and must have %s".formatted(topic, setting, found, wanted);
        }
    }

    private static String listed(List<String> names) {
        return names.size() == 1
                ? names.getFirst()
                : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
    }

    private static String count(int partitions) {
        return partitions == 1 ? "1 partition" : partitions + " partitions";
    }
}
