package dev.noesis.topics;

import java.time.Duration;

/** Why the topics cannot be used as they are. */
public sealed interface TopicProblem {

    /** The problem in one sentence, and what to do about it where that is known. */
    String sentence();

    /** No broker answered. */
    record Unreachable(String servers, Duration waited) implements TopicProblem {
        @Override
        public String sentence() {
            return "no broker answered at " + servers + " within " + waited.toSeconds() + " s";
        }
    }

    /** The cluster, or the client's configuration, does not let us. */
    record Refused(String servers, String reason) implements TopicProblem {
        @Override
        public String sentence() {
            return "the brokers at " + servers + " cannot be asked: " + reason;
        }
    }

    /** There is no such topic. */
    record Missing(String topic) implements TopicProblem {
        @Override
        public String sentence() {
            return "the topic " + topic + " is missing; `noesis topics create` makes it";
        }
    }

    /** Two topics have not the same partition count, so an agent would live in different partitions of them. */
    record UnequalPartitions(String topic, int partitions, String other, int otherPartitions) implements TopicProblem {
        @Override
        public String sentence() {
            return "%s has %s and %s has %s; all topics of a deployment must have as many"
                    .formatted(topic, count(partitions), other, count(otherPartitions));
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

    private static String count(int partitions) {
        return partitions == 1 ? "1 partition" : partitions + " partitions";
    }
}
