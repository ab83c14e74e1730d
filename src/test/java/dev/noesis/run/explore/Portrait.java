package dev.noesis.run.explore;

import dev.noesis.mind.Entries;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.Effects;
import dev.noesis.run.LaneProcessor;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.slf4j.Logger;

/**
 * All that an object remembers, as text: two with the same portrait, and the same store, behave the same from then on. Fields
 * are read by reflection, so that one that is added to the kernel is seen here as well; what it does not know how to read it
 * refuses, lest two states be taken for one.
 */
final class Portrait {
    /** They do not change, or what changes in them decides nothing, or it is the store, which is looked at on its own. */
    private static final List<Class<?>> PASSED_OVER = List.of(
            LaneProcessor.Kernel.class,
            AgentRunner.class,
            Effects.class,
            Entries.class,
            ProcessorContext.class,
            Logger.class);

    /** Checks are among them: none that does I/O looks here. */
    private static final Set<String> PACKAGES_PASSED_OVER =
            Set.of("dev.noesis.config", "dev.noesis.telemetry", "dev.noesis.heartbeat.checks");

    /**
     * Of the tenure: the harness names attempts. Of the fold's position: it differs where orders differ that come to the same. Of
     * the fold's store: what it read last is in the store as well.
     */
    private static final Set<String> FIELDS_PASSED_OVER = Set.of("attempts", "logHash", "recent");

    private static final Map<Class<?>, List<Field>> FIELDS = new ConcurrentHashMap<>();

    private final StringBuilder text = new StringBuilder(1_024);
    private final IdentityHashMap<Object, Boolean> seen = new IdentityHashMap<>();

    private Portrait() {}

    static String of(Object root) {
        Portrait portrait = new Portrait();
        portrait.add(root);
        return portrait.text.toString();
    }

    private void add(Object value) {
        switch (value) {
            case null -> text.append('-');
            case String s -> text.append('"').append(s).append('"');
            case Number n -> text.append(n);
            case Duration d -> text.append(d);
            case Boolean b -> text.append(b);
            case Enum<?> e -> text.append(e.name());
            case AtomicBoolean b -> text.append(b.get());
            case int[] numbers -> text.append(Arrays.toString(numbers));
            case Map<?, ?> map -> addMap(map);
            case Collection<?> all -> addAll(all);
            case Object other -> addObject(other);
        }
    }

    private void addObject(Object value) {
        Class<?> type = value.getClass();
        if (isPassedOver(type)) {
            text.append('.');
            return;
        }
        if (!type.isHidden() && !type.getName().startsWith("dev.noesis.")) {
            throw new IllegalStateException("no portrait can be made of " + type.getName());
        }
        if (!type.isRecord() && seen.put(value, true) != null) {
            text.append('^').append(type.getSimpleName());
            return;
        }
        text.append(type.isHidden() ? "lambda" : type.getSimpleName()).append('{');
        for (Field field : FIELDS.computeIfAbsent(type, Portrait::fields)) {
            try {
                add(field.get(value));
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
            text.append(',');
        }
        text.append('}');
    }

    private static boolean isPassedOver(Class<?> type) {
        return PACKAGES_PASSED_OVER.contains(type.getPackageName())
                || PASSED_OVER.stream().anyMatch(passed -> passed.isAssignableFrom(type));
    }

    /** Order counts where the map keeps one. */
    private void addMap(Map<?, ?> map) {
        List<String> entries = new ArrayList<>();
        map.forEach((key, value) -> entries.add(apart(key) + "=" + apart(value)));
        if (!(map instanceof SortedMap || map instanceof LinkedHashMap)) {
            entries.sort(null);
        }
        text.append(entries);
    }

    private void addAll(Collection<?> all) {
        List<String> items = new ArrayList<>();
        all.forEach(item -> items.add(apart(item)));
        if (all instanceof Set && !(all instanceof SortedSet || all instanceof LinkedHashSet)) {
            items.sort(null);
        }
        text.append(items);
    }

    private String apart(Object value) {
        int from = text.length();
        add(value);
        String part = text.substring(from);
        text.setLength(from);
        return part;
    }

    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> of = type; of != null && of != Object.class; of = of.getSuperclass()) {
            for (Field field : of.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !FIELDS_PASSED_OVER.contains(field.getName())) {
                    fields.add(field);
                }
            }
        }
        AccessibleObject.setAccessible(fields.toArray(Field[]::new), true);
        return fields;
    }
}
