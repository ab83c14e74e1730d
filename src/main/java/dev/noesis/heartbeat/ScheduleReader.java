package dev.noesis.heartbeat;

import dev.noesis.heartbeat.Fields.WrongException;
import dev.noesis.mind.DueTimes;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.ActiveHours;
import dev.noesis.model.Schedule.Cron;
import dev.noesis.model.Schedule.Every;
import dev.noesis.model.Schedule.Misfire;
import dev.noesis.model.Schedule.Rhythm;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads an agent's schedule. What it asks for is done or refused by name: a schedule by which nothing would ever be due is
 * one that somebody waits for.
 *
 * @param models that a schedule may name
 * @param checks that a schedule may name
 */
record ScheduleReader(Set<String> models, CheckNames checks) {
    private static final Duration MIN_EVERY = Duration.ofMinutes(1);
    private static final Duration MAX_EVERY = Duration.ofDays(366);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MAX_CRON = 200;
    private static final long MAX_TOKENS = 1_000_000_000_000L;
    private static final Pattern TIME_OF_DAY = Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]");

    /** @param now of the record, epoch milliseconds: from then on something has to be due */
    Schedule read(Fields fields, String agent, long now) throws WrongException {
        if (!fields.has("enabled")) {
            throw new WrongException("enabled is required, true or false");
        }
        Schedule schedule = new Schedule(
                fields.truth("enabled", true),
                rhythm(fields),
                zone(fields),
                activeHours(fields),
                misfire(fields),
                tokens(fields),
                model(fields),
                checks.planned(fields));
        if (schedule.rhythm() instanceof Every every
                && schedule.activeHours() != null
                && every.everyMs() > DAY.toMillis()) {
            throw new WrongException("every is at most " + DAY + " where there are active hours; cron names days");
        }
        if (schedule.enabled() && schedule.rhythm() != null && DueTimes.next(schedule, agent, now) == null) {
            throw new WrongException("by this schedule nothing is ever due");
        }
        return schedule;
    }

    private static @Nullable Rhythm rhythm(Fields fields) throws WrongException {
        Duration every = fields.duration("every", MIN_EVERY, MAX_EVERY);
        String cron = fields.text("cron", "");
        Duration jitter = fields.duration("jitter", Duration.ZERO, DAY);
        if (every != null) {
            if (fields.has("cron")) {
                throw new WrongException("every and cron exclude each other");
            }
            return new Every(every.toMillis(), (jitter == null ? every : jitter).toMillis());
        }
        if (!fields.has("cron")) {
            return null;
        }
        String wrong = cron.length() > MAX_CRON ? "it is longer than " + MAX_CRON : DueTimes.checkCron(cron);
        if (wrong != null) {
            throw new WrongException("cron has five fields, as in crontab: " + wrong);
        }
        return new Cron(cron, jitter == null ? 0 : jitter.toMillis());
    }

    private static String zone(Fields fields) throws WrongException {
        String zone = fields.text("timezone", "UTC");
        if (!ZoneId.getAvailableZoneIds().contains(zone)) {
            throw new WrongException("timezone is one of the IANA database, such as Europe/Berlin");
        }
        return zone;
    }

    private static @Nullable ActiveHours activeHours(Fields fields) throws WrongException {
        if (!fields.has("activeHours")) {
            return null;
        }
        LocalTime from = timeOfDay(fields.object("activeHours"), "from");
        LocalTime to = timeOfDay(fields.object("activeHours"), "to");
        if (from.equals(to)) {
            throw new WrongException("activeHours begin and end at different times");
        }
        return new ActiveHours(from, to);
    }

    private static LocalTime timeOfDay(Fields hours, String field) throws WrongException {
        String time = hours.text(field, "");
        if (!TIME_OF_DAY.matcher(time).matches()) {
            throw new WrongException("activeHours." + field + " is a time of day, such as 08:00");
        }
        return LocalTime.parse(time);
    }

    private static Misfire misfire(Fields fields) throws WrongException {
        String misfire = fields.text("misfire", Misfire.SKIP.id());
        try {
            return Misfire.of(misfire);
        } catch (IllegalArgumentException e) {
            throw new WrongException("misfire is skip or fireOnce");
        }
    }

    private static @Nullable Long tokens(Fields fields) throws WrongException {
        if (!fields.has("budget")) {
            return null;
        }
        Long tokens = fields.object("budget").whole("tokensPerDay", 0, MAX_TOKENS);
        if (tokens == null) {
            throw new WrongException("budget.tokensPerDay is required");
        }
        return tokens;
    }

    private @Nullable String model(Fields fields) throws WrongException {
        if (!fields.has("model")) {
            return null;
        }
        String model = fields.text("model", "");
        if (!models.contains(model)) {
            throw new WrongException("model '" + model + "' is not allowed here");
        }
        return model;
    }
}
