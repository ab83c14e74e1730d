package dev.noesis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.schemas.SchemaCheck;
import java.util.Map;
import java.util.TreeMap;

/** What became of the records of a fuzz; and every tenth record that was written is held against its schema. */
final class Tally {
    private static final int SAMPLE = 10;

    private final Map<String, Integer> counts = new TreeMap<>();
    private int written;

    void count(String answer) {
        counts.merge(answer, 1, Integer::sum);
    }

    void sample(String topic, byte[] value) {
        if (written++ % SAMPLE == 0) {
            assertThat(SchemaCheck.problems(topic, value)).isEmpty();
        }
    }

    int of(String answer) {
        return counts.getOrDefault(answer, 0);
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
