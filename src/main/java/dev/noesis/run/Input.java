package dev.noesis.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record of one of the lane's input topics.
 *
 * @param appendedAt append time, epoch milliseconds
 */
public record Input(
        String topic,
        int partition,
        long offset,
        long appendedAt,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<Effect.Header> headers) {

    public Input {
        headers = List.copyOf(headers);
    }

    /** Bytes of key, value and headers. */
    long size() {
        long size = (key == null ? 0 : key.length) + (long) (value == null ? 0 : value.length);
        for (Effect.Header header : headers) {
            size += header.name().length() + header.value().length;
        }
        return size;
    }

    /** The value of the first header of that name; null if there is none. */
    public byte @Nullable [] header(String name) {
        for (Effect.Header header : headers) {
            if (header.name().equals(name)) {
                return header.value();
            }
        }
        return null;
    }
}
