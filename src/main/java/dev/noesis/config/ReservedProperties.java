package dev.noesis.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The properties of Kafka's clients that are not for passing through, or with some values only, because a guarantee rests on
 * them. All that is not here is free.
 */
final class ReservedProperties {
    /**
     * A property that is refused.
     *
     * @param property its name, without the prefix of one kind of client
     * @param values which values are legal all the same; null for none
     * @param why in words that end a sentence
     */
    record Rule(String property, @Nullable Values values, String why) {
        /** The whole reason for refusing it. */
        String refusal() {
            return values == null
                    ? "it is not for setting here: " + why
                    : "only " + values.words() + " is legal: " + why;
        }
    }

    /** Legal values of a property, and what they are called. */
    record Values(String words, Predicate<String> legal) {
        static Values only(String value) {
            return new Values(value, value::equalsIgnoreCase);
        }

        static Values atLeast(long least) {
            return new Values(least + " or more", value -> {
                try {
                    return Long.parseLong(value.strip()) >= least;
                } catch (NumberFormatException e) {
                    return false;
                }
            });
        }
    }

    /** A record of 8 MiB and what goes around it. */
    static final int MAX_REQUEST_BYTES = (8 * 1024 + 64) * 1024;

    private static final String ELSEWHERE = "set %s, without the prefix";
    private static final String IDENTITY = "it is made of deployment, lane and instance.id";
    private static final String FORMAT = "the format of records is part of the contract";
    private static final String EXACTLY_ONCE = "exactly-once processing rests on it";
    private static final String PARTITION = "an agent's partition is the one that Java clients choose for its key";
    private static final String ORDER = "the order of what is written rests on it";
    private static final String PASSED_OVER =
            "a record that cannot be processed must stop its lane, not be passed over";
    private static final String SIZE = "a record may have 8 MiB";
    private static final String CHANGELOG = "a changelog that is not compacted, or is cut, loses what a lane knows";

    /** In the order of the reference page. */
    static final List<Rule> RULES = List.of(
            only(
                    "processing.guarantee",
                    "exactly_once_v2",
                    "with less, a crash loses or doubles what a request caused"),
            only(
                    "group.protocol",
                    "classic",
                    "static membership and warm standbys are missing from the newer protocol in Kafka 4.3.1"),
            only("auto.offset.reset", "earliest", "a request that came before the first worker would be lost"),
            reserved("bootstrap.servers", ELSEWHERE.formatted("bootstrap.servers")),
            reserved("state.dir", ELSEWHERE.formatted("state.dir")),
            reserved("application.id", IDENTITY),
            reserved("group.id", IDENTITY),
            reserved("group.instance.id", IDENTITY),
            reserved("transactional.id", IDENTITY),
            reserved("acks", EXACTLY_ONCE),
            reserved("enable.idempotence", EXACTLY_ONCE),
            reserved("enable.auto.commit", EXACTLY_ONCE),
            reserved("isolation.level", EXACTLY_ONCE),
            reserved("transaction.two.phase.commit.enable", EXACTLY_ONCE),
            reserved("max.in.flight.requests.per.connection", ORDER),
            new Rule("retries", Values.atLeast(1), EXACTLY_ONCE),
            new Rule("max.request.size", Values.atLeast(MAX_REQUEST_BYTES), SIZE),
            new Rule("buffer.memory", Values.atLeast(2L * MAX_REQUEST_BYTES), SIZE),
            reserved("default.timestamp.extractor", "the order in which a lane reads its topics rests on it"),
            reserved("partition.assignment.strategy", "Kafka Streams assigns partitions by its own"),
            reserved("partitioner.class", PARTITION),
            reserved("partitioner.ignore.keys", PARTITION),
            reserved("key.serializer", FORMAT),
            reserved("value.serializer", FORMAT),
            reserved("key.deserializer", FORMAT),
            reserved("value.deserializer", FORMAT),
            reserved("default.key.serde", FORMAT),
            reserved("default.value.serde", FORMAT),
            reserved("deserialization.exception.handler", PASSED_OVER),
            reserved("default.deserialization.exception.handler", PASSED_OVER),
            reserved("processing.exception.handler", PASSED_OVER),
            reserved("production.exception.handler", PASSED_OVER),
            reserved("default.production.exception.handler", PASSED_OVER),
            only("topic.cleanup.policy", "compact", CHANGELOG),
            new Rule("topic.max.message.bytes", Values.atLeast(8 * 1024 * 1024), SIZE));

    private static final Rule INTERNAL =
            reserved("internal.*", "Kafka keeps it for itself, and may change its meaning at any time");

    private ReservedProperties() {}

    /**
     * Why the property may not have that value; empty where it may.
     *
     * @param property without the prefix of one kind of client
     */
    static Optional<String> refusal(String property, String value) {
        if (property.startsWith("internal.") || property.startsWith("__")) {
            return Optional.of(INTERNAL.refusal());
        }
        return RULES.stream()
                .filter(rule -> rule.property().equals(property))
                .filter(rule -> rule.values() == null || !rule.values().legal().test(value))
                .findFirst()
                .map(Rule::refusal);
    }

    private static Rule reserved(String property, String why) {
        return new Rule(property, null, why);
    }

    private static Rule only(String property, String value, String why) {
        return new Rule(property, Values.only(value), why);
    }
}
