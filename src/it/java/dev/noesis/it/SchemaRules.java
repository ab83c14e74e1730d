package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.check.RecordedHistory;
import dev.noesis.check.Seen;
import dev.noesis.schemas.SchemaCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Holds all records of a deployment, inputs and outputs, against the schemas of their topics: values, keys and headers. */
final class SchemaRules {
    private SchemaRules() {}

    /** Inputs that were meant to be wrong are those that the lanes refused. */
    static void check(RecordedHistory history) {
        Set<String> refused = new HashSet<>();
        for (String topic : List.of(history.topics().chatDlq(), history.topics().heartbeatDlq())) {
            history.of(topic).forEach(letter -> refused.add(place(letter)));
        }
        history.of(history.topics().chatReplies()).stream()
                .filter(reply -> reply.text("code").equals("invalid_request"))
                .forEach(reply -> refused.add(reply.agent() + "/" + reply.text("runId")));
        List<String> problems = new ArrayList<>();
        history.records()
                .values()
                .forEach(records -> records.forEach(record -> {
                    if (!refused.contains(record.place()) && !isRefusedRun(history, record, refused)) {
                        check(record).forEach(problem -> problems.add(record.place() + ": " + problem));
                    }
                }));
        assertThat(problems).isEmpty();
        assertThat(history.of(history.topics().mindLog())).isNotEmpty();
    }

    private static List<String> check(Seen record) {
        List<String> problems = new ArrayList<>(SchemaCheck.problems(record.topic(), record.value()));
        problems.addAll(SchemaCheck.keyProblems(record.topic(), record.agent()));
        problems.addAll(SchemaCheck.headerProblems(record.topic(), record.headers()));
        return problems;
    }

    private static boolean isRefusedRun(RecordedHistory history, Seen record, Set<String> refused) {
        return record.topic().equals(history.topics().chatRequests())
                && record.value() != null
                && refused.contains(record.agent() + "/" + record.text("runId"));
    }

    private static String place(Seen letter) {
        return letter.headers().get("noesis_topic") + "-" + letter.headers().get("noesis_partition") + "@"
                + letter.headers().get("noesis_offset");
    }
}
