package dev.noesis.check;

import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * All records of a deployment's topics, as a {@code read_committed} reader has them.
 *
 * @param partitions of each topic
 * @param records by topic, each partition's in order
 */
public record History(Topics topics, int partitions, Map<String, List<Seen>> records) {
    public History {
        Map<String, List<Seen>> sorted = new HashMap<>();
        records.forEach((topic, all) -> sorted.put(
                topic,
                all.stream()
                        .sorted(Comparator.comparingInt(Seen::partition).thenComparingLong(Seen::offset))
                        .toList()));
        records = Map.copyOf(sorted);
    }

    /** The records of that topic, by partition and offset. */
    public List<Seen> of(String topic) {
        return records.getOrDefault(topic, List.of());
    }

    /** The records of that topic, by partition. */
    SequencedMap<Integer, List<Seen>> byPartition(String topic) {
        TreeMap<Integer, List<Seen>> parts = new TreeMap<>();
        of(topic)
                .forEach(record -> parts.computeIfAbsent(record.partition(), _ -> new ArrayList<>())
                        .add(record));
        return parts;
    }

    /** Whether the record stands where its key belongs; one that does not was published again by the lane. */
    boolean isAtHome(Seen record) {
        return record.key() == null
                || record.key().length == 0
                || Topics.partitionOf(record.agent(), partitions) == record.partition();
    }
}
