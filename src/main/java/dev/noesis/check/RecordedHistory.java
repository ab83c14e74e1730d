package dev.noesis.check;

import dev.noesis.topics.Topics;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A history in memory.
 *
 * @param partitions of each topic
 * @param records by topic, each partition's in order
 */
public record RecordedHistory(Topics topics, int partitions, Map<String, List<Seen>> records) implements History {
    public RecordedHistory {
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

    @Override
    public long beginning(String topic, int partition) {
        return 0;
    }

    @Override
    public long takenAt() {
        return Long.MAX_VALUE;
    }

    @Override
    public void forEach(String topic, int partition, Consumer<Seen> each) {
        of(topic).stream().filter(record -> record.partition() == partition).forEach(each);
    }
}
