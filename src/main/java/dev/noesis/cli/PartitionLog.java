package dev.noesis.cli;

import dev.noesis.check.KafkaHistory;
import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Folds the partition of the mind log that an agent lives in, from its beginning to its end, with nothing but the log: no
 * worker and no store is asked.
 *
 * @param kafka properties of the connection
 * @param limit longest wait for the brokers to say what there is
 */
record PartitionLog(Map<String, String> kafka, Topics topics, String agent, Duration limit) {

    /** The fold at the end, and the partition it is of. */
    record Folded(int partition, Fold fold) {}

    /**
     * The log of the agent that a command names, at the brokers that it names.
     *
     * @throws dev.noesis.config.ConfigurationException if the configuration cannot be used
     */
    static PartitionLog of(ConnectionOptions connection, AgentOption who) {
        NoesisConfig config = connection.load();
        return new PartitionLog(config.kafka(), new Topics(config.deployment()), who.agent(), connection.brokerLimit());
    }

    /**
     * The memory at the end of what stands in the partition now, for whom the way there does not matter.
     *
     * @throws CommandException as {@link #fold}
     * @throws dev.noesis.topics.TopicException as {@link #fold}
     */
    Cognition cognition() {
        return fold((_, _) -> {}).fold().cognition();
    }

    /**
     * Folds all that stands in the partition now.
     *
     * @param each hears of every record in order: what became of it, and where the fold then was
     * @throws CommandException if the log has a gap, or an event that this build does not know
     * @throws dev.noesis.topics.TopicException if no broker answers, or the topic is missing
     */
    Folded fold(BiConsumer<Fold.Result, Fold.Position> each) {
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        try (KafkaHistory history = KafkaHistory.openLog(kafka, topics, limit)) {
            int partition = Topics.partitionOf(agent, history.partitions());
            history.forEach(
                    topics.mindLog(),
                    partition,
                    record -> each.accept(
                            fold.fold(record.offset(), record.key(), record.value(), record.timestamp()),
                            fold.position()));
            return new Folded(partition, fold);
        } catch (Fold.StoppedException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
