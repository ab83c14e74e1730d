package dev.noesis.heartbeat;

import static dev.noesis.mind.Schedules.every;
import static dev.noesis.mind.Schedules.in;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Schedule;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DigestsTest {
    private static final Schedule UTC = every("PT1H");

    @Test
    void aDigestIsDueFromItsHourOnUntilItIsTold() {
        List<FindingEntry> findings = List.of(entry("f1", "health", FindingState.TRIAGED, false));

        assertThat(isDue(UTC, findings, "2026-11-22T07:59:00Z", "2026-11-21T08:00:00Z"))
                .isFalse();
        assertThat(isDue(UTC, findings, "2026-11-22T08:00:00Z", "2026-11-21T08:00:00Z"))
                .isTrue();
        assertThat(isDue(UTC, findings, "2026-11-22T23:00:00Z", "2026-11-22T08:00:00Z"))
                .isFalse();
    }

    @Test
    void theHourIsTheAgentsOwn() {
        List<FindingEntry> findings = List.of(entry("f1", "health", FindingState.TRIAGED, false));
        Schedule tokyo = in("Asia/Tokyo", UTC);

        assertThat(isDue(tokyo, findings, "2026-11-21T23:00:00Z", "2026-11-21T00:00:00Z"))
                .isTrue();
        assertThat(isDue(tokyo, findings, "2026-11-21T22:59:00Z", "2026-11-21T00:00:00Z"))
                .isFalse();
    }

    @Test
    void whereThereIsNothingToTellThereIsNoDigest() {
        assertThat(isDue(UTC, List.of(), "2026-11-22T09:00:00Z", "2026-11-21T08:00:00Z"))
                .isFalse();
        assertThat(isDue(
                        UTC,
                        List.of(entry("f1", "health", FindingState.NEW, true)),
                        "2026-11-22T09:00:00Z",
                        "2026-11-21T08:00:00Z"))
                .isFalse();
    }

    @Test
    void aDigestIsGroupedByCheckAndSaysOnlySoMuchOfEach() {
        List<FindingEntry> findings = Stream.concat(
                        IntStream.range(0, 12).mapToObj(i -> entry("s" + i, "signals", FindingState.TRIAGED, false)),
                        Stream.of(
                                entry("h1", "health", FindingState.ACKNOWLEDGED, true),
                                entry("h2", "health", FindingState.FLAPPING, true)))
                .toList();

        var digest = Digests.of(findings, "k1", 0);

        assertThat(digest.title()).isEqualTo("Digest: 14 findings");
        assertThat(digest.text().lines())
                .startsWith("health:", "- host: h1 (still there)", "- host: h2 (comes and goes)", "signals:")
                .endsWith("- and 2 more")
                .hasSize(15);
    }

    private static boolean isDue(Schedule schedule, List<FindingEntry> findings, String now, String last) {
        return Digests.isDue(
                schedule,
                8,
                Instant.parse(last).toEpochMilli(),
                findings,
                Instant.parse(now).toEpochMilli());
    }

    private static FindingEntry entry(String fingerprint, String check, FindingState state, boolean lasts) {
        return new FindingEntry(
                new Finding(fingerprint, check, "host", fingerprint, Urgency.LOW, false, null),
                state,
                "k0",
                null,
                0,
                null,
                null,
                lasts,
                0,
                0,
                0,
                null,
                null,
                null,
                null);
    }
}
