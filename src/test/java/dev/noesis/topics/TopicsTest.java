package dev.noesis.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class TopicsTest {
    private static final List<TopicSpec> SPECS = new Topics("").specs();

    @Test
    void thereIsASpecForEveryTopicAndEachHasItsOwnName() {
        assertThat(SPECS)
                .extracting(TopicSpec::name)
                .containsExactlyInAnyOrder(
                        "chat.requests",
                        "chat.events",
                        "chat.replies",
                        "chat.dlq",
                        "heartbeat.schedules",
                        "heartbeat.ticks",
                        "heartbeat.events",
                        "heartbeat.outcomes",
                        "heartbeat.dlq",
                        "agent.signals",
                        "agent.attention",
                        "mind.log");
    }

    @Test
    void aDeploymentPrefixesEveryName() {
        assertThat(new Topics("blue").specs()).extracting(TopicSpec::name).allMatch(name -> name.startsWith("blue."));
    }

    @Test
    void whatIsReadAsInputCarriesTheBrokersTime() {
        assertThat(SPECS)
                .filteredOn(spec -> spec.clock() == TopicSpec.Clock.BROKER)
                .extracting(TopicSpec::name)
                .containsExactlyInAnyOrder(
                        "chat.requests", "heartbeat.schedules", "heartbeat.ticks", "agent.signals", "mind.log");
    }

    @Test
    void theLogIsKeptForEverAndNothingElseIs() {
        assertThat(SPECS)
                .filteredOn(spec -> spec.retention() == null)
                .extracting(TopicSpec::name)
                .containsExactly("mind.log");
        assertThat(spec("mind.log").settings(1))
                .containsEntry("retention.ms", "-1")
                .containsEntry("retention.bytes", "-1")
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("message.timestamp.type", "LogAppendTime");
    }

    @Test
    void settingsFollowTheSpec() {
        assertThat(spec("chat.events").settings(1))
                .containsEntry("retention.ms", "86400000")
                .containsEntry("max.message.bytes", "8388608")
                .containsEntry("unclean.leader.election.enable", "false")
                .containsEntry("message.timestamp.type", "CreateTime");
        assertThat(spec("heartbeat.schedules").settings(1)).containsEntry("cleanup.policy", "compact,delete");
    }

    @Test
    void aSegmentEndsWellBeforeItsRecordsMayGo() {
        assertThat(SPECS)
                .filteredOn(spec -> spec.retention() != null)
                .allSatisfy(spec -> assertThat(Duration.ofMillis(
                                Long.parseLong(spec.settings(1).get("segment.ms"))))
                        .isLessThan(spec.retention().dividedBy(4)));
    }

    @Test
    void aWriteWaitsForTwoReplicasOfThree() {
        assertThat(spec("mind.log").settings(1)).containsEntry("min.insync.replicas", "1");
        assertThat(spec("mind.log").settings(2)).containsEntry("min.insync.replicas", "1");
        assertThat(spec("mind.log").settings(3)).containsEntry("min.insync.replicas", "2");
    }

    @Test
    void anAgentsPartitionIsTheOneAJavaClientChooses() {
        for (String agent : List.of("ada", "grace@example", "日本", "a/b:c-d_e.f")) {
            for (int partitions : new int[] {1, 2, 8, 97}) {
                assertThat(Topics.partitionOf(agent, partitions))
                        .isEqualTo(
                                BuiltInPartitioner.partitionForKey(agent.getBytes(StandardCharsets.UTF_8), partitions));
            }
        }
    }

    @Test
    void topicsAsTheyWereMadeHaveNoProblem() {
        assertThat(TopicCheck.compare(SPECS, asMade(8))).isEmpty();
    }

    @Test
    void aMissingTopicIsNamed() {
        var topics = asMade(8);
        topics.remove("chat.dlq");

        assertThat(sentences(topics)).containsExactly("the topic chat.dlq is missing; `noesis topics create` makes it");

        topics.remove("mind.log");

        assertThat(sentences(topics))
                .containsExactly("2 topics are missing, mind.log and chat.dlq; `noesis topics create` makes them");
    }

    @Test
    void unequalPartitionCountsAreAllNamedInOneSentence() {
        var topics = asMade(8);
        topics.put("mind.log", new TopicCheck.Found(1, spec("mind.log").settings(1)));

        assertThat(sentences(topics))
                .singleElement()
                .satisfies(sentence -> assertThat(sentence)
                        .startsWith("mind.log has 1 partition, chat.requests, heartbeat.schedules, ")
                        .endsWith(
                                " and heartbeat.dlq have 8 partitions; all topics of a deployment must have as many"));
    }

    @Test
    void aLogThatForgetsIsANoteAndNoProblem() {
        var topics = asMade(8);
        var bounded = new HashMap<>(spec("mind.log").settings(1));
        bounded.put("retention.ms", "86400000");
        topics.put("mind.log", new TopicCheck.Found(8, bounded));

        assertThat(sentences(topics)).isEmpty();
        assertThat(TopicCheck.notes(SPECS, asMade(8))).isEmpty();
        assertThat(TopicCheck.notes(SPECS, topics))
                .containsExactly("mind.log has retention.ms=86400000: what is older is dropped, and can neither be"
                        + " folded anew nor verified");
    }

    @Test
    void settingsThatLoseTimeSizeOrMemoryAreNamed() {
        var topics = asMade(8);
        topics.put(
                "mind.log",
                new TopicCheck.Found(
                        8,
                        Map.of(
                                "message.timestamp.type", "CreateTime",
                                "max.message.bytes", "1048588",
                                "cleanup.policy", "compact")));

        assertThat(sentences(topics))
                .containsExactly(
                        "mind.log has message.timestamp.type=CreateTime and must have LogAppendTime",
                        "mind.log has max.message.bytes=1048588 and must have 8388608 or more",
                        "mind.log has cleanup.policy=compact and must have delete");
    }

    @Test
    void anOutputsClockAndRetentionAreTheOperatorsChoice() {
        var topics = asMade(8);
        topics.put(
                "chat.replies",
                new TopicCheck.Found(
                        8, Map.of("message.timestamp.type", "LogAppendTime", "max.message.bytes", "9000000")));

        assertThat(sentences(topics)).isEmpty();
    }

    private static List<String> sentences(Map<String, TopicCheck.Found> topics) {
        return TopicCheck.compare(SPECS, topics).stream()
                .map(TopicProblem::sentence)
                .toList();
    }

    private static Map<String, TopicCheck.Found> asMade(int partitions) {
        return SPECS.stream()
                .collect(Collectors.toMap(TopicSpec::name, spec -> new TopicCheck.Found(partitions, spec.settings(1))));
    }

    private static TopicSpec spec(String name) {
        return SPECS.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }
}
