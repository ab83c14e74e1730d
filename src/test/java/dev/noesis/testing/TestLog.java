package dev.noesis.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Cognition;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.model.MindEvent;
import dev.noesis.schemas.SchemaCheck;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;

/**
 * One partition of the mind log, which any number of lanes may read from its start. What is appended is held against the
 * schema.
 *
 * <p><b>Threading.</b> One thread.
 */
public final class TestLog {
    /** A record; its place in {@link #records} is its offset. */
    public record Entry(byte[] rawKey, byte[] value, long timestamp) {
        public String key() {
            return new String(rawKey, UTF_8);
        }

        public MindEvent event() {
            return Json.read(value, MindEvent.class);
        }
    }

    private static final String TOPIC = new Topics("").mindLog();

    private final List<Entry> records = new ArrayList<>();

    public void append(String key, MindEvent event, long timestamp) {
        byte[] value = Json.write(event);
        assertThat(SchemaCheck.problems(TOPIC, value)).isEmpty();
        appendRaw(key, value, timestamp);
    }

    /** Appends what may be no event at all. */
    public void appendRaw(String key, byte[] value, long timestamp) {
        appendRaw(key.getBytes(UTF_8), value, timestamp);
    }

    /** Appends what may have no key and no value. */
    public void appendRaw(byte[] key, byte[] value, long timestamp) {
        records.add(new Entry(key, value, timestamp));
    }

    /** The records so far, in the order of their offsets. */
    public List<Entry> records() {
        return List.copyOf(records);
    }

    /** The memory that all of it makes. */
    public Cognition memory() {
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        for (int offset = 0; offset < records.size(); offset++) {
            Entry entry = records.get(offset);
            var _ = fold.fold(offset, entry.rawKey(), entry.value(), entry.timestamp());
        }
        return fold.cognition();
    }

    /** How many records there are. */
    public int size() {
        return records.size();
    }

    /** The record of that offset. */
    public Entry get(int offset) {
        return records.get(offset);
    }

    /** The bodies of that kind, in the order of their offsets. */
    public <T extends MindEvent.Body> List<T> bodies(Class<T> kind) {
        return records.stream()
                .map(entry -> entry.event().body())
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** Offset of the first event that matches; -1 if there is none. */
    public long offsetOf(Predicate<MindEvent> matches) {
        for (int offset = 0; offset < records.size(); offset++) {
            try {
                if (records.get(offset).value() != null
                        && matches.test(records.get(offset).event())) {
                    return offset;
                }
            } catch (JacksonException e) {
                // no event
            }
        }
        return -1;
    }
}
