package dev.noesis.mind;

import dev.noesis.model.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A cron expression drawn by chance, and when it is due around a change of the clock, found by looking at each minute.
 *
 * @param hours null for all
 * @param daysOfWeek as in crontab, 0 for Sunday; null for all
 */
record CronWalk(ZoneId zone, Instant change, Set<Integer> minutes, Set<Integer> hours, Set<Integer> daysOfWeek) {
    private static final Duration AROUND = Duration.ofHours(30);

    static CronWalk draw(Random random) {
        List<String> zones =
                List.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut");
        ZoneId zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
        Instant change = zone.getRules()
                .nextTransition(Instant.parse("2015-01-01T00:00:00Z").plusSeconds(random.nextInt(60_000_000)))
                .getInstant();
        return new CronWalk(
                zone,
                change,
                some(random, 60, 1 + random.nextInt(6)),
                random.nextInt(3) == 0 ? null : some(random, random.nextBoolean() ? 4 : 24, 1 + random.nextInt(4)),
                random.nextInt(4) == 0 ? some(random, 7, 4) : null);
    }

    private static Set<Integer> some(Random random, int below, int count) {
        Set<Integer> some = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            some.add(random.nextInt(below));
        }
        return some;
    }

    Schedule schedule() {
        return Schedules.in(
                zone.getId(), Schedules.cron(field(minutes) + " " + field(hours) + " * * " + field(daysOfWeek)));
    }

    private static String field(Set<Integer> values) {
        return values == null ? "*" : values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    long from() {
        return change.minus(AROUND).toEpochMilli();
    }

    List<Long> due() {
        ZoneRules rules = zone.getRules();
        List<Long> due = new ArrayList<>();
        for (Instant at = change.minus(AROUND).plusSeconds(60);
                at.isBefore(change.plus(AROUND));
                at = at.plusSeconds(60)) {
            ZoneOffset offset = rules.getOffset(at);
            LocalDateTime local = LocalDateTime.ofInstant(at, offset);
            boolean isSecond = rules.getValidOffsets(local).size() == 2
                    && rules.getValidOffsets(local).getLast().equals(offset);
            if ((matches(local) && !(isSecond && hours != null)) || passesOverOne(rules, at)) {
                due.add(at.toEpochMilli());
            }
        }
        return due;
    }

    private boolean passesOverOne(ZoneRules rules, Instant at) {
        if (!at.equals(change) || !rules.nextTransition(at.minusNanos(1)).isGap()) {
            return false;
        }
        ZoneOffsetTransition gap = rules.nextTransition(at.minusNanos(1));
        for (LocalDateTime local = gap.getDateTimeBefore();
                local.isBefore(gap.getDateTimeAfter());
                local = local.plusMinutes(1)) {
            if (matches(local)) {
                return true;
            }
        }
        return false;
    }

    private boolean matches(LocalDateTime local) {
        return minutes.contains(local.getMinute())
                && (hours == null || hours.contains(local.getHour()))
                && (daysOfWeek == null
                        || daysOfWeek.contains(local.getDayOfWeek().getValue() % 7));
    }
}
