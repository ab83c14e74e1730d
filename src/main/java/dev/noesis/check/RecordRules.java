package dev.noesis.check;

import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** What holds for records of any topic that a lane writes, and the dead letters. */
final class RecordRules {
    private static final List<String> HEADERS = List.of(
            "ce_id", "ce_specversion", "ce_type", "ce_source", "ce_time", "ce_subject", "content-type", "traceparent");

    private final History history;
    private final BiConsumer<Rule, String> violation;

    RecordRules(History history, BiConsumer<Rule, String> violation) {
        this.history = history;
        this.violation = violation;
    }

    void check() {
        Topics topics = history.topics();
        for (String topic : List.of(
                topics.mindLog(),
                topics.chatReplies(),
                topics.chatEvents(),
                topics.heartbeatEvents(),
                topics.heartbeatOutcomes(),
                topics.agentAttention())) {
            history.of(topic).forEach(this::check);
        }
    }

    private void check(Seen record) {
        boolean ofPartition = record.topic().equals(history.topics().mindLog())
                && record.agent().startsWith("~");
        if (!ofPartition && !history.isAtHome(record)) {
            violation.accept(Rule.RECORDS, record.place() + " is not in the partition of " + record.agent());
        }
        List<String> missing = HEADERS.stream()
                .filter(name -> record.headers().getOrDefault(name, "").isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            violation.accept(Rule.RECORDS, record.place() + " lacks the headers " + missing);
        }
    }

    /**
     * Signals may be there for other reasons: more of them wait than may.
     *
     * @param expected places of the input records that nobody could be answered for
     */
    void deadLetters(String topic, Set<String> expected) {
        List<String> dead = new ArrayList<>();
        for (Seen letter : history.of(topic)) {
            dead.add(letter.headers().get("noesis_topic") + "-"
                    + letter.headers().get("noesis_partition") + "@"
                    + letter.headers().get("noesis_offset"));
        }
        Set<String> once = new HashSet<>(dead);
        if (once.size() != dead.size()) {
            violation.accept(Rule.DEAD_LETTERS, topic + " has a record twice: " + dead);
        }
        expected.stream()
                .filter(place -> !once.contains(place))
                .forEach(place ->
                        violation.accept(Rule.DEAD_LETTERS, place + " cannot be answered and is not in " + topic));
        once.stream()
                .filter(place -> !expected.contains(place)
                        && !place.startsWith(history.topics().agentSignals() + "-"))
                .forEach(place ->
                        violation.accept(Rule.DEAD_LETTERS, place + " is in " + topic + " and could be answered"));
    }
}
