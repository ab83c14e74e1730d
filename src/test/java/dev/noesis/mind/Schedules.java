package dev.noesis.mind;

import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.ActiveHours;
import dev.noesis.model.Schedule.CheckPlan;
import dev.noesis.model.Schedule.Cron;
import dev.noesis.model.Schedule.Every;
import dev.noesis.model.Schedule.Misfire;
import dev.noesis.model.Schedule.Rhythm;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;

/** Schedules for tests. */
public final class Schedules {
    private Schedules() {}

    /** At that interval, for all agents at the same times. */
    public static Schedule every(String interval) {
        return of(new Every(Duration.parse(interval).toMillis(), 0));
    }

    /** At that interval, each agent at its own place in it. */
    public static Schedule spread(String interval) {
        long ms = Duration.parse(interval).toMillis();
        return of(new Every(ms, ms));
    }

    public static Schedule cron(String expression) {
        return of(new Cron(expression, 0));
    }

    public static Schedule of(Rhythm rhythm) {
        return new Schedule(true, rhythm, "UTC", null, Misfire.SKIP, null, null, null);
    }

    public static Schedule in(String zone, Schedule schedule) {
        return new Schedule(
                schedule.enabled(),
                schedule.rhythm(),
                zone,
                schedule.activeHours(),
                schedule.misfire(),
                schedule.tokensPerDay(),
                schedule.model(),
                schedule.checks());
    }

    /** The same from 08:00 to 20:00, say. */
    public static Schedule between(String from, String to, Schedule schedule) {
        return new Schedule(
                schedule.enabled(),
                schedule.rhythm(),
                schedule.timezone(),
                new ActiveHours(LocalTime.parse(from), LocalTime.parse(to)),
                schedule.misfire(),
                schedule.tokensPerDay(),
                schedule.model(),
                schedule.checks());
    }

    public static Schedule disabled(Schedule schedule) {
        return new Schedule(
                false,
                schedule.rhythm(),
                schedule.timezone(),
                schedule.activeHours(),
                schedule.misfire(),
                schedule.tokensPerDay(),
                schedule.model(),
                schedule.checks());
    }

    public static Schedule madeUpFor(Schedule schedule) {
        return new Schedule(
                schedule.enabled(),
                schedule.rhythm(),
                schedule.timezone(),
                schedule.activeHours(),
                Misfire.FIRE_ONCE,
                schedule.tokensPerDay(),
                schedule.model(),
                schedule.checks());
    }

    public static Schedule budget(long tokensPerDay, Schedule schedule) {
        return new Schedule(
                schedule.enabled(),
                schedule.rhythm(),
                schedule.timezone(),
                schedule.activeHours(),
                schedule.misfire(),
                tokensPerDay,
                schedule.model(),
                schedule.checks());
    }

    /** By which only those checks look. */
    public static Schedule looking(Schedule schedule, CheckPlan... checks) {
        return new Schedule(
                schedule.enabled(),
                schedule.rhythm(),
                schedule.timezone(),
                schedule.activeHours(),
                schedule.misfire(),
                schedule.tokensPerDay(),
                schedule.model(),
                List.of(checks));
    }
}
