package dev.noesis.config;

import java.util.Arrays;
import java.util.List;

/** A value of an enumeration that has another name in configuration than in Java. */
public interface Named {
    /** The name used in configuration. */
    String id();

    /** The names of all its values. */
    static <E extends Enum<E> & Named> List<String> idsOf(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(Named::id).toList();
    }

    /** @throws IllegalArgumentException if no value has that name */
    static <E extends Enum<E> & Named> E of(Class<E> type, String id) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> value.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(type.getSimpleName() + " has no value " + id));
    }
}
