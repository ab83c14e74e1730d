package dev.noesis.check;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What holds for a record of any topic that a lane writes. */
final class RecordRules {
    private static final List<String> HEADERS = List.of(
            "ce_id", "ce_specversion", "ce_type", "ce_source", "ce_time", "ce_subject", "content-type", "traceparent");

    private final History history;
    private final Tally tally;

    RecordRules(History history, Tally tally) {
        this.history = history;
        this.tally = tally;
    }

    /** Of an event of the log. */
    void ofLog(Seen record) {
        check(record, null, record.agent().startsWith("~"));
    }

    /** @param id what the header {@code ce_id} says; null where that is the writer's affair */
    void check(Seen record, @Nullable String id) {
        check(record, id, /* isOfPartition= */ false);
    }

    private void check(Seen record, @Nullable String id, boolean isOfPartition) {
        if (!isOfPartition && !history.isAtHome(record)) {
            tally.violation(
                    Rule.RECORDS, record, id, "it stands in another partition than its key's, " + history.home(record));
        }
        List<String> missing = HEADERS.stream()
                .filter(name -> record.headers().getOrDefault(name, "").isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            tally.violation(Rule.RECORDS, record, id, "it lacks the headers " + missing);
            return;
        }
        String subject = record.headers().get("ce_subject");
        if (!record.agent().equals(subject)) {
            tally.violation(Rule.RECORDS, record, id, "ce_subject is " + subject + ", which is not its key");
        }
        if (id != null && !id.equals(record.headers().get("ce_id"))) {
            tally.violation(
                    Rule.RECORDS, record, id, "ce_id is " + record.headers().get("ce_id"));
        }
    }
}
