package dev.noesis.config;

import java.time.Duration;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The numbers a key may have, both ends included. One range serves the table of keys and the record's constructor, so the two
 * cannot differ. Durations are held against it in milliseconds.
 */
record Range(long min, long max) implements ConfigDef.Validator {

    /** @throws IllegalArgumentException that names the key and the range */
    void check(String key, long value) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " must be " + this + ", not " + value);
        }
    }

    /** @throws IllegalArgumentException that names the key and the range */
    void check(String key, Duration value) {
        check(key, value.toMillis());
    }

    @Override
    public void ensureValid(String key, @Nullable Object value) {
        if (value instanceof Number number && (number.longValue() < min || number.longValue() > max)) {
            throw new ConfigException(key, value, "must be " + this);
        }
    }

    @Override
    public String toString() {
        return min + " to " + max;
    }
}
