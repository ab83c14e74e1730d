package dev.noesis.heartbeat.checks;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The times that a sentence names in ISO 8601: {@code 2026-12-01}, {@code 2026-12-01 14:00}, {@code 2026-12-01T14:00:00Z}. No
 * other way to write a time is understood, and no date within a longer word, a number or a path: it is better to miss a
 * deadline's name than to take the name of a file for one. Pure.
 */
final class Deadlines {
    private static final Pattern TIME = Pattern.compile("(?<![\\p{L}\\p{N}_./+-])"
            + "(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
            + "(?:[ T](?<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?<offset>Z|[+-][0-9]{2}:[0-9]{2})?)?"
            + "(?![\\p{L}\\p{N}_/:+-]|\\.[\\p{L}\\p{N}])");

    private Deadlines() {}

    /**
     * @param written as it stands in the sentence
     * @param at the moment; of a date alone the end of that day
     */
    record Deadline(String written, Instant at) {}

    /** @param zone of times without an offset */
    static List<Deadline> in(String sentence, ZoneId zone) {
        List<Deadline> deadlines = new ArrayList<>();
        Matcher found = TIME.matcher(sentence);
        while (found.find()) {
            try {
                deadlines.add(new Deadline(found.group(), moment(found, zone)));
            } catch (DateTimeException e) {
                // the 30th of February
            }
        }
        return deadlines;
    }

    private static Instant moment(Matcher found, ZoneId zone) {
        LocalDate date = LocalDate.parse(found.group("date"));
        String time = found.group("time");
        if (time == null) {
            return date.plusDays(1).atStartOfDay(zone).toInstant();
        }
        String offset = found.group("offset");
        return date.atTime(LocalTime.parse(time))
                .atZone(offset == null ? zone : ZoneId.of(offset))
                .toInstant();
    }
}
