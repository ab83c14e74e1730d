package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.check.Story.Logged;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the checker makes of a history that is not whole, or of records that stand where they do not belong. */
class IncompleteHistoryTest {
    private static final Topics TOPICS = Story.TOPICS;

    // ---- at work

    @Test
    void whatIsNotAnsweredYetIsOpenWhereTheDeploymentIsAtWork() {
        Story story = new Story();
        story.drop(TOPICS.chatReplies(), "\"r2\"");
        story.drop(TOPICS.chatReplies(), "\"r4\"");
        story.add(TOPICS.heartbeatTicks(), Json.object().put("tickId", "k7"));
        story.drop(TOPICS.chatDlq(), "not JSON");

        Report report = Checker.check(story.history(), Circumstances.AT_WORK);

        assertThat(report.violations()).isEmpty();
        assertThat(report.open()).extracting(Violation::id).containsExactlyInAnyOrder("r2", "r4", "k7", null);
        assertThat(Checker.check(story.history(), Circumstances.DRAINED).violationCount())
                .isEqualTo(4);
    }

    @Test
    void aRunThatGoesOnIsOpenAndItsStreamMayEndAnywhere() {
        Story story = new Story();
        story.drop(TOPICS.chatReplies(), "\"r2\"");
        story.log.remove(story.logged("r2/0/failed/0.3"));
        story.drop(TOPICS.chatEvents(), "RUN_ERROR");

        Report report = Checker.check(story.history(), Circumstances.AT_WORK);

        assertThat(report.violations()).isEmpty();
        assertThat(report.chatEndings()).containsEntry("open", 1);
    }

    @Test
    void aReplyOutOfOrderIsNoOpenMatter() {
        Story story = new Story();
        story.drop(TOPICS.chatReplies(), "\"r1\"");

        assertThat(Checker.check(story.history(), Circumstances.AT_WORK).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.ORDER);
    }

    // ---- outages

    @Test
    void anOutageExcusesGapsInStreamsAndNothingElse() {
        Story story = new Story();
        story.drop(TOPICS.chatEvents(), "One ");
        story.drop(TOPICS.chatEvents(), "RUN_ERROR");
        Circumstances outage = new Circumstances(/* drained= */ true, /* outages= */ true);

        Report report = Checker.check(story.history(), outage);
        assertThat(report.violations()).isEmpty();
        assertThat(report.gaps()).isEqualTo(2);

        story.edit(TOPICS.chatEvents(), "moment.", event -> event.put("delta", "minute."));
        assertThat(Checker.check(story.history(), outage).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.STREAM_TEXT);
    }

    // ---- retention

    /** A history of which retention has taken some records. */
    private record Cut(RecordedHistory whole, Map<String, Long> beginnings) implements History {
        @Override
        public Topics topics() {
            return whole.topics();
        }

        @Override
        public int partitions() {
            return whole.partitions();
        }

        @Override
        public long beginning(String topic, int partition) {
            return beginnings.getOrDefault(topic, 0L);
        }

        @Override
        public long takenAt() {
            return whole.takenAt();
        }

        @Override
        public void forEach(String topic, int partition, Consumer<Seen> each) {
            whole.forEach(topic, partition, record -> {
                if (record.offset() >= beginning(topic, partition)) {
                    each.accept(record);
                }
            });
        }
    }

    @Test
    void whatRetentionHasTakenIsToldAndNotHeldAgainstAnybody() {
        RecordedHistory whole = new Story().history();
        List<String> topics = List.of(
                TOPICS.chatRequests(),
                TOPICS.chatReplies(),
                TOPICS.chatEvents(),
                TOPICS.chatDlq(),
                TOPICS.heartbeatTicks(),
                TOPICS.heartbeatEvents(),
                TOPICS.heartbeatOutcomes(),
                TOPICS.agentAttention(),
                TOPICS.mindLog());
        for (String topic : topics) {
            for (int taken = 1; taken <= whole.of(topic).size(); taken++) {
                Report report = Checker.check(new Cut(whole, Map.of(topic, (long) taken)), Circumstances.DRAINED);

                assertThat(report.violations()).as("%d of %s", taken, topic).isEmpty();
                assertThat(report.unproven())
                        .as("%d of %s", taken, topic)
                        .anyMatch(why -> why.contains(topic + "-0 before offset"));
            }
        }
    }

    // ---- another partition than the key's

    private static final String ELSEWHERE = elsewhere();

    /** An agent whose home among two partitions is 1, where the story's is 0 or not. */
    private static String elsewhere() {
        int i = 0;
        while (Topics.partitionOf("agent" + i, 2) != 1) {
            i++;
        }
        return "agent" + i;
    }

    /** A wrong input of an agent at home in 1 stands in 0, and again in 1, where it becomes a dead letter. */
    private static RecordedHistory misplaced(boolean isNoted, boolean isCopied) {
        byte[] key = ELSEWHERE.getBytes(UTF_8);
        byte[] value = "not JSON".getBytes(UTF_8);
        Map<String, List<Seen>> records = new HashMap<>();
        List<Seen> requests = new ArrayList<>();
        requests.add(new Seen(TOPICS.chatRequests(), 0, 0, 1, key, value, Map.of()));
        if (isCopied) {
            requests.add(new Seen(TOPICS.chatRequests(), 1, 0, 1, key, value, Map.of()));
            Map<String, String> from =
                    Map.of("noesis_topic", TOPICS.chatRequests(), "noesis_partition", "1", "noesis_offset", "0");
            records.put(TOPICS.chatDlq(), List.of(new Seen(TOPICS.chatDlq(), 1, 0, 1, key, value, from)));
        }
        records.put(TOPICS.chatRequests(), requests);
        if (isNoted) {
            MindEvent note = new MindEvent(
                    "note",
                    1,
                    Lane.CHAT,
                    null,
                    null,
                    Origin.OPERATOR,
                    null,
                    new MindEvent.Republished(TOPICS.chatRequests(), 0));
            records.put(
                    TOPICS.mindLog(),
                    List.of(new Seen(
                            TOPICS.mindLog(),
                            0,
                            0,
                            1,
                            "~chat".getBytes(UTF_8),
                            Json.write(note),
                            Story.headers("note", "~chat"))));
        }
        return new RecordedHistory(TOPICS, 2, records);
    }

    @Test
    void anInputInAWrongPartitionCountsWhereItIsPublishedAgain() {
        Report report = Checker.check(misplaced(true, true), Circumstances.DRAINED);

        assertThat(report.violations()).isEmpty();
        assertThat(report.republished()).isOne();
        assertThat(report.deadLetters()).isOne();
    }

    @Test
    void anInputInAWrongPartitionThatStaysThereIsFound() {
        assertThat(Checker.check(misplaced(true, false), Circumstances.DRAINED).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.REPUBLISHED);
        assertThat(Checker.check(misplaced(false, true), Circumstances.DRAINED).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.REPUBLISHED);
    }

    // ---- what the log alone tells

    @Test
    void aDeletionThatIsNotDoneIsFound() {
        Story story = new Story();
        story.add(TOPICS.chatRequests(), Json.object().put("type", "delete"));

        assertThat(Checker.check(story.history(), Circumstances.DRAINED).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.REQUESTS);
    }

    @Test
    void aLaneThatHandsOverWithoutACheckpointIsFound() {
        Story story = new Story();
        story.log.remove(story.logged("checkpoint/chat/12"));
        story.log.add(new Logged("~chat", Story.handover("c1")));

        assertThat(Checker.check(story.history(), Circumstances.DRAINED).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.CHECKPOINTS);
    }
}
