package dev.noesis.heartbeat;

import dev.noesis.mind.Attention;
import dev.noesis.mind.FindingLife;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Once a day, what needs no action, what comes and goes, and what is there still, by check. Pure. */
final class Digests {
    private static final long SHOWN_MS = Duration.ofDays(1).toMillis();
    private static final int LINES_A_CHECK = 10;

    private Digests() {}

    /**
     * Whether the day's digest is to be told: its hour has come in the agent's zone, none was told since, and there is something
     * to tell.
     *
     * @param hour 0 to 23; -1 for never
     * @param last when one was told last, epoch milliseconds
     */
    static boolean isDue(@Nullable Schedule schedule, int hour, long last, List<FindingEntry> findings, long now) {
        if (hour < 0 || findings.stream().noneMatch(entry -> FindingLife.isInDigest(entry, ""))) {
            return false;
        }
        ZoneId zone = schedule == null ? ZoneOffset.UTC : schedule.zone();
        ZonedDateTime local = Instant.ofEpochMilli(now).atZone(zone);
        ZonedDateTime today = local.toLocalDate().atTime(hour, 0).atZone(zone);
        ZonedDateTime due = today.isAfter(local) ? today.minusDays(1) : today;
        return last < due.toInstant().toEpochMilli();
    }

    /** @param at when its tick came, epoch milliseconds */
    static Attention of(List<FindingEntry> findings, String tickId, long at) {
        Map<String, List<FindingEntry>> byCheck = new TreeMap<>(findings.stream()
                .collect(Collectors.groupingBy(entry -> entry.finding().check())));
        StringBuilder text = new StringBuilder();
        byCheck.forEach((check, entries) -> {
            text.append(text.isEmpty() ? "" : "\n").append(check).append(':');
            entries.stream().limit(LINES_A_CHECK).map(Digests::line).forEach(text::append);
            if (entries.size() > LINES_A_CHECK) {
                text.append("\n- and ").append(entries.size() - LINES_A_CHECK).append(" more");
            }
        });
        String title = findings.size() == 1 ? "Digest: one finding" : "Digest: " + findings.size() + " findings";
        return new Attention(
                tickId + "/digest", Urgency.LOW, title, text.toString(), null, tickId, at + SHOWN_MS, null);
    }

    private static String line(FindingEntry entry) {
        Finding finding = entry.finding();
        String state = switch (entry.state()) {
            case FLAPPING -> " (comes and goes)";
            case ACKNOWLEDGED -> entry.lasts() ? " (still there)" : "";
            case NEW, TRIAGED, RESOLVED, DISMISSED -> "";
        };
        return "\n- " + finding.source() + ": " + finding.summary() + state;
    }
}
