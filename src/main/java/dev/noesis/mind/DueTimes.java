package dev.noesis.mind;

import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.ActiveHours;
import dev.noesis.model.Schedule.Cron;
import dev.noesis.model.Schedule.Every;
import dev.noesis.model.ScheduledTick;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import org.jspecify.annotations.Nullable;

/**
 * When an agent's ticks are due. A function of its schedule, its name and the time: nothing is kept of the ticks before, so
 * that every scheduler says the same. All times are epoch milliseconds.
 *
 * <ul>
 *   <li>An interval goes on for ever, from each agent's own place in it.
 *   <li>With active hours it begins anew whenever these begin, and ends with them.
 *   <li>A cron expression goes by the agent's clock, and its times outside of active hours are none.
 * </ul>
 */
public final class DueTimes {
    /** Days in a row on which nothing is due, after which nothing ever is. */
    private static final int MAX_DAYS = 400;

    private DueTimes() {}

    /** Active hours of one day. */
    private record Window(long opens, long closes) {}

    /** What is wrong with it as a cron expression of five fields; null if nothing is. */
    public static @Nullable String checkCron(String expression) {
        try {
            var _ = new CronTimes(expression, ZoneOffset.UTC);
            return null;
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The first due time behind that one; null where none comes, as by a cron expression that this build cannot read. */
    public static @Nullable Long next(Schedule schedule, String agent, long after) {
        if (!schedule.enabled()) {
            return null;
        }
        return switch (schedule.rhythm()) {
            case null -> null;
            case Every every -> {
                ActiveHours hours = schedule.activeHours();
                if (hours == null) {
                    yield next(every, ScheduledTick.spread(agent, every.jitterMs()), after);
                }
                yield next(every, agent, hours, schedule.zone(), after);
            }
            case Cron cron -> next(cron, ScheduledTick.spread(agent, cron.jitterMs()), schedule, after);
        };
    }

    /** Whether that time lies outside of the agent's active hours. */
    public static boolean isQuiet(Schedule schedule, long at) {
        ActiveHours hours = schedule.activeHours();
        return hours != null && window(hours, schedule.zone(), at).opens() > at;
    }

    /** When the agent's day began. */
    public static long midnight(Schedule schedule, long at) {
        return instant(day(at, schedule.zone()).atStartOfDay(), schedule.zone());
    }

    private static long next(Every every, long place, long after) {
        return (Math.floorDiv(after - place, every.everyMs()) + 1) * every.everyMs() + place;
    }

    private static @Nullable Long next(Every every, String agent, ActiveHours hours, ZoneId zone, long after) {
        long from = after;
        for (int days = 0; days < MAX_DAYS; days++) {
            Window window = window(hours, zone, from);
            long length = window.closes() - window.opens();
            long first = window.opens() + ScheduledTick.spread(agent, Math.min(every.jitterMs(), length));
            long due = after < first ? first : first + next(every, 0, after - first);
            if (due < window.closes()) {
                return due;
            }
            from = window.closes();
        }
        return null;
    }

    private static @Nullable Long next(Cron cron, long place, Schedule schedule, long after) {
        CronTimes times;
        try {
            times = new CronTimes(cron.expression(), schedule.zone());
        } catch (IllegalArgumentException e) {
            return null;
        }
        ActiveHours hours = schedule.activeHours();
        long from = after;
        for (int days = 0; days < MAX_DAYS; days++) {
            Instant time = times.next(Instant.ofEpochMilli(from - place));
            if (time == null) {
                return null;
            }
            long due = time.toEpochMilli() + place;
            Window window = hours == null ? new Window(due, due + 1) : window(hours, schedule.zone(), due);
            if (window.opens() <= due) {
                return due;
            }
            from = window.opens() - 1;
        }
        return null;
    }

    /** The hours that go on at that time, or are the next to begin. */
    private static Window window(ActiveHours hours, ZoneId zone, long at) {
        for (LocalDate day = day(at, zone).minusDays(1); ; day = day.plusDays(1)) {
            LocalDate end = hours.to().isAfter(hours.from()) ? day : day.plusDays(1);
            Window window = new Window(instant(day.atTime(hours.from()), zone), instant(end.atTime(hours.to()), zone));
            if (window.closes() > at && window.closes() > window.opens()) {
                return window;
            }
        }
    }

    private static LocalDate day(long at, ZoneId zone) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(at), zone);
    }

    /** A time that the clock passes over is when it is put forward; of two, the first counts. */
    private static long instant(LocalDateTime local, ZoneId zone) {
        ZoneOffsetTransition change = zone.getRules().getTransition(local);
        return (change != null && change.isGap()
                        ? change.getInstant()
                        : local.atZone(zone).toInstant())
                .toEpochMilli();
    }
}
