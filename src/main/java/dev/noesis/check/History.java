package dev.noesis.check;

import dev.noesis.topics.Topics;
import java.util.function.Consumer;

/** The records of a deployment's topics, as a {@code read_committed} reader has them. It does not change while it is read. */
public interface History {
    Topics topics();

    /** Of each topic. */
    int partitions();

    /** The first offset that is kept. More than 0: those before it are gone. */
    long beginning(String topic, int partition);

    /** When it was taken, epoch milliseconds by the reader's clock. */
    long takenAt();

    /** Hands over the records of a topic's partition, in the order of their offsets. May be called again. */
    void forEach(String topic, int partition, Consumer<Seen> each);

    /** Whether the record stands where its key belongs. One without a key is at home everywhere. */
    default boolean isAtHome(Seen record) {
        byte[] key = record.key();
        return key == null || key.length == 0 || home(record) == record.partition();
    }

    /** The partition of the record's key. */
    default int home(Seen record) {
        return Topics.partitionOf(record.agent(), partitions());
    }
}
