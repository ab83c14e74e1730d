package dev.noesis.heartbeat.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlinesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "The report is due 2026-12-01., 2026-12-01T23:00:00Z",
        "Call Bob (2026-12-01 14:00)!, 2026-12-01T13:00:00Z",
        "2026-12-01T14:00, 2026-12-01T13:00:00Z",
        "by 2026-12-01 14:00:30 at the latest, 2026-12-01T13:00:30Z",
        "at 2026-12-01T14:00:00Z, 2026-12-01T14:00:00Z",
        "at 2026-12-01T14:00+05:30, 2026-12-01T08:30:00Z",
        "deadline:2026-07-01, 2026-07-01T22:00:00Z"
    })
    void aTimeIsReadInTheAgentsZone(String sentence, Instant at) {
        assertThat(Deadlines.in(sentence, BERLIN))
                .extracting(Deadlines.Deadline::at)
                .containsExactly(at);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no date",
                "tomorrow",
                "1.12.2026",
                "12/01/2026",
                "2026-12",
                "2026-13-01",
                "2026-02-30",
                "2026-12-01 25:00",
                "2026-12-01T14:00+99:00",
                "INV-2026-12-01",
                "2026-12-01-b",
                "v2026-12-01",
                "12026-12-01",
                "2026-12-011",
                "logs/2026-12-01/a",
                "report_2026-12-01.pdf",
                "2026-12-01.log"
            })
    void whatIsNoTimeOrAPartOfSomethingElseIsNone(String sentence) {
        assertThat(Deadlines.in(sentence, BERLIN)).isEmpty();
    }

    @Test
    void aSentenceMayHaveSeveral() {
        assertThat(Deadlines.in("from 2026-12-01 09:00 to 2026-12-02 17:00", ZoneId.of("UTC")))
                .extracting(Deadlines.Deadline::written, Deadlines.Deadline::at)
                .containsExactly(
                        tuple("2026-12-01 09:00", Instant.parse("2026-12-01T09:00:00Z")),
                        tuple("2026-12-02 17:00", Instant.parse("2026-12-02T17:00:00Z")));
    }

    @Test
    void aTimeThatTheClockPassesOverIsTheOneBehindIt() {
        assertThat(Deadlines.in("2026-03-29 02:30", BERLIN))
                .extracting(Deadlines.Deadline::at)
                .containsExactly(Instant.parse("2026-03-29T01:30:00Z"));
    }
}
