package dev.noesis.mind;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * The times of a cron expression of five fields by a clock that is put forward and back.
 *
 * <p>Times that the clock passes over when it is put forward are made up for at that moment, all of them once. When it is
 * put back, times come a second time: they count again where the hours are {@code *}, for then the expression means so often,
 * and not where it names hours, for then it means so late.
 */
final class CronTimes {
    private static final int FIELDS = 5;
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    /** Transitions that are looked through: most zones have two a year, and the 29th of February comes within eight. */
    private static final int MAX_TRANSITIONS = 40;

    private final ExecutionTime times;
    private final boolean namesHours;
    private final ZoneRules rules;

    /** @throws IllegalArgumentException if that is no expression of five fields; the message says why */
    CronTimes(String expression, ZoneId zone) {
        String[] fields = expression.strip().split("\\s+", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("it has " + fields.length + " fields, and not five");
        }
        times = ExecutionTime.forCron(PARSER.parse(String.join(" ", fields)));
        namesHours = !fields[1].startsWith("*");
        rules = zone.getRules();
    }

    /** The first time behind that one; null where there is none, or none for many years. */
    @Nullable
    Instant next(Instant after) {
        Instant from = after;
        for (int passed = 0; passed < MAX_TRANSITIONS; ) {
            ZoneOffset offset = rules.getOffset(from);
            LocalDateTime local = next(LocalDateTime.ofInstant(from, offset));
            if (local == null) {
                return null;
            }
            ZoneOffsetTransition change = rules.nextTransition(from);
            if (change == null || local.isBefore(change.getDateTimeBefore())) {
                if (!isRepeated(local, offset)) {
                    return local.toInstant(offset);
                }
                from = local.toInstant(offset);
            } else if (counts(change, local)) {
                return change.getInstant();
            } else {
                from = change.getInstant();
                passed++;
            }
        }
        return null;
    }

    /** Whether a time falls on the moment at which the clock is changed; {@code local} is the first that is not before. */
    private boolean counts(ZoneOffsetTransition change, LocalDateTime local) {
        if (change.isGap()) {
            return !local.isAfter(change.getDateTimeAfter());
        }
        LocalDateTime second = change.getDateTimeAfter();
        return second.equals(next(second.minusMinutes(1))) && !isRepeated(second, change.getOffsetAfter());
    }

    private boolean isRepeated(LocalDateTime local, ZoneOffset offset) {
        return namesHours
                && rules.getValidOffsets(local).size() > 1
                && !offset.equals(rules.getValidOffsets(local).getFirst());
    }

    /** By a clock that is never changed. */
    private @Nullable LocalDateTime next(LocalDateTime after) {
        return times.nextExecution(after.atZone(ZoneOffset.UTC))
                .map(next -> next.toLocalDateTime())
                .orElse(null);
    }
}
